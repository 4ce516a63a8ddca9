"""What a person should know about suppliers and the machinery, read from rows: one function per kind of alert.

Each function promises every cause that holds at `now`, and none that does not; `monitoring.watching` does the rest.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django_q.models import Task

from catalog import gateway, spool
from catalog.models import Call, CircuitState, Supplier, SyncRun
from catalog.suppliers import registry
from catalog.suppliers.ports import CatalogSource

from .machinery import machinery
from .models import Alert
from .readiness import faults

WARNING, CRITICAL = Alert.Severity.WARNING, Alert.Severity.CRITICAL
FAILED_PROBES = 3  # in a row: one lost packet is no outage
STALE_AFTER = timedelta(hours=48)  # two daily walks missed
STUCK_AFTER = timedelta(minutes=5)
FAILED_WITHIN = timedelta(hours=1)
SKEW_LIMIT_S = 120  # GiftAPI refuses signatures that are off by 300 s
SKEW_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Cause:
    """One thing to raise; `key` is kind and id."""

    key: str
    severity: str
    title: str
    text: str
    url: str


def down(now):
    """Active suppliers whose last FAILED_PROBES probes all failed."""
    for supplier in _active():
        last = list(supplier.probe_results.order_by("-at")[:FAILED_PROBES])
        if len(last) == FAILED_PROBES and not any(result.healthy for result in last):
            yield Cause(f"down:{supplier.pk}", CRITICAL, f"{supplier} does not answer health probes",
                        f"{FAILED_PROBES} in a row failed; the last one: {last[0].detail}", _health_url())


def circuits(now):
    rows = CircuitState.objects.filter(supplier__is_active=True).exclude(state=CircuitState.State.CLOSED)
    for row in rows.select_related("supplier"):
        yield Cause(f"circuit:{row.supplier_id}", WARNING, f"Calls to {row.supplier} are held back",
                    f"Too many of the last calls failed. The circuit is {row.get_state_display().lower()}; it closes by "
                    "itself once reads succeed.", _health_url())


def failed_syncs(now):
    return _failed_runs("sync", "The catalog of {} could not be walked", prices_only=False)


def failed_prices(now):
    return _failed_runs("prices", "The prices of {} could not be read", prices_only=True)


def _failed_runs(kind, title, *, prices_only):
    last = {name: _latest_run(name, prices_only) for name in ("pk", "status")}
    for supplier in _with_catalog().annotate(last=last["pk"], status=last["status"]):
        if supplier.status == SyncRun.Status.FAILED:
            run = SyncRun.objects.get(pk=supplier.last)
            yield Cause(f"{kind}:{supplier.pk}", WARNING, title.format(supplier),
                        f"{run.error} Nothing was published; the catalog is as it was.",
                        reverse("catalog:sync_run", args=[run.pk]))


def stale_catalogs(now):
    complete = Max(
        "sync_runs__finished_at", filter=Q(sync_runs__status=SyncRun.Status.COMPLETE, sync_runs__prices_only=False))
    for supplier in _with_catalog().filter(created_at__lt=now - STALE_AFTER).annotate(walked_at=complete):
        if supplier.walked_at is None or supplier.walked_at < now - STALE_AFTER:
            since = f"since {supplier.walked_at:%Y-%m-%d %H:%M} UTC" if supplier.walked_at else "yet"
            yield Cause(f"stale:{supplier.pk}", WARNING, f"The catalog of {supplier} has not been renewed {since}",
                        "Prices and stock shown may be out of date.", reverse("catalog:sync_runs"))


def paused(now):
    for supplier in Supplier.objects.filter(is_active=True, paused_at__isnull=False):
        yield Cause(f"paused:{supplier.pk}", WARNING, f"Buying at {supplier} is paused",
                    f"{supplier.paused_reason or 'No reason was given.'} Orders wait until it is resumed.", _health_url())


def clocks(now):
    """Suppliers whose last answer showed a clock far from ours."""
    last = Call.objects.filter(supplier=OuterRef("pk"), started_at__gt=now - SKEW_WINDOW, skew_s__isnull=False)
    skewed = _active().annotate(skew=Subquery(last.order_by("-started_at").values("skew_s")[:1]))
    for supplier in skewed.filter(Q(skew__gt=SKEW_LIMIT_S) | Q(skew__lt=-SKEW_LIMIT_S)):
        yield Cause(f"clock:{supplier.pk}", CRITICAL, f"Our clock and that of {supplier} differ by {supplier.skew:.0f} s",
                    "Signed requests may be refused. Check the time service of this machine.", _health_url())


def protocols(now):
    """Suppliers that last answered over HTTP/1.1 although their API speaks HTTP/2."""
    last = Call.objects.filter(supplier=OuterRef("pk"), started_at__gt=now - SKEW_WINDOW).exclude(http_version="")
    modern = [name for name, api in registry.APIS.items() if api.speaks_http2]
    spoken = Subquery(last.order_by("-started_at").values("http_version")[:1])
    for supplier in _active().filter(api__in=modern).annotate(spoken=spoken).filter(spoken__startswith="HTTP/1"):
        yield Cause(f"protocol:{supplier.pk}", WARNING, f"{supplier} speaks {supplier.spoken} instead of HTTP/2",
                    "Ask the supplier, or look for a proxy in between. The setting http1_fallback can refuse it.",
                    reverse("catalog:supplier", args=[supplier.name]))


def queues(now):
    for queue in machinery(now=now).queues:
        is_stuck = queue.oldest_s > STUCK_AFTER.total_seconds()
        if is_stuck:
            yield Cause(f"queue:{queue.name}", CRITICAL, f"Tasks in the {queue.name} queue wait too long",
                        f"{queue.waiting} wait, the oldest for {queue.oldest_s / 60:.0f} min.", reverse("monitoring:jobs"))
        if not queue.is_alive and (queue.alive_at or is_stuck):
            since = f"since {queue.alive_at:%Y-%m-%d %H:%M} UTC" if queue.alive_at else "ever"
            yield Cause(f"worker:{queue.name}", CRITICAL, f"The worker of the {queue.name} queue shows no life {since}",
                        "Start it with: manage.py run_worker", reverse("monitoring:jobs"))


def failures(now):
    failed = Task.objects.filter(success=False, stopped__gt=now - FAILED_WITHIN).count()
    if failed:
        yield Cause("failures:tasks", WARNING, f"{failed} {'task' if failed == 1 else 'tasks'} failed within the hour",
                    "What they should have done is found again by the next round, unless it fails again.",
                    reverse("monitoring:jobs"))


def spooled(now):
    """Answers that could not be written to the database and wait in files on this machine."""
    waiting = spool.waiting()
    if waiting:
        yield Cause("spool:files", CRITICAL, f"{waiting} answers of suppliers wait in files",
                    "The database refused them; the order work replays them. Files that end in .unreadable wait for you: "
                    "the log says why.", reverse("monitoring:jobs"))


def keys(now):
    found = [fault for fault in faults() if fault != "database"]
    if found:
        yield Cause("keys:missing", CRITICAL, "Stored secrets cannot be opened",
                    "A key is missing from FIELD_KEYS; add it back behind the newest. Nothing is sent until then.",
                    reverse("monitoring:jobs"))


def _active():
    return Supplier.objects.filter(is_active=True).order_by("name")


def _with_catalog():
    return _active().filter(pk__in=[supplier.pk for supplier in gateway.active(CatalogSource)])


def _latest_run(column, prices_only):
    runs = SyncRun.objects.filter(supplier=OuterRef("pk"), prices_only=prices_only).exclude(status=SyncRun.Status.RUNNING)
    return Subquery(runs.order_by(F("started_at").desc()).values(column)[:1])


def _health_url():
    return reverse("monitoring:health")
