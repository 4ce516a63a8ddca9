"""The regular work of the house, piece by piece, and when each piece is due.

Every piece is claimed by moving its Heartbeat row, so it is done once per turn however many clusters, loops and cron jobs
ring for it. A piece whose worker died is simply done at its next turn.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction

from catalog import gateway, sync
from catalog.models import Supplier, SyncRun
from catalog.suppliers import ports
from catalog.suppliers.errors import SupplierError
from funding import refreshing
from orders import matching, restoring, sweep

from . import auditing, mailing, probing, watching
from .models import Heartbeat
from .order_causes import RESTORED

WATCH_EVERY = timedelta(seconds=30)
AUDIT_EVERY = timedelta(hours=23)  # less than the day between two rings, or every second one would come too early
WALK_AGE = timedelta(hours=24)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Piece:
    """Work for each active supplier that has `port`, begun at most once per `every`, in `queue`, where it is `needed`."""

    every: timedelta
    port: type
    act: Callable
    queue: str = "orders"
    needed: Callable = lambda supplier, now: True


def _walk_needed(supplier, now):
    """A failed walk is tried again at its next turn; a complete one holds for a day."""
    whole = supplier.sync_runs.filter(
        status=SyncRun.Status.COMPLETE, prices_only=False, started_at__gt=now - WALK_AGE)
    return not whole.exists()


def _prices_needed(supplier, now):
    """Between whole walks, as often as the connection says; a price list means nothing before the first whole walk."""
    try:
        minutes = gateway.setting(supplier, "price_minutes")
    except gateway.NotConnected:
        return True  # the reading will say what is odd
    complete = supplier.sync_runs.filter(status=SyncRun.Status.COMPLETE)
    return (minutes > 0 and complete.filter(prices_only=False).exists()
            and not complete.filter(started_at__gt=now - timedelta(minutes=minutes)).exists())


def _walk(supplier, now, *, prices_only=False):
    with contextlib.suppress(sync.AlreadyRunning):
        run = sync.sync(supplier=supplier, started_by="schedule", prices_only=prices_only, now=now)
        if run.status == SyncRun.Status.FAILED:
            raise SupplierError(run.error)


PIECES = {
    "probe": Piece(timedelta(seconds=55), ports.Probe, probing.probe),
    "balances": Piece(timedelta(seconds=110), ports.Till, refreshing.read_balances),
    "books": Piece(timedelta(minutes=15), ports.Statement, refreshing.refresh),
    "match": Piece(timedelta(hours=24), ports.OrderBook, matching.match, queue="catalog"),
    "walk": Piece(timedelta(hours=1), ports.CatalogSource, _walk, queue="catalog", needed=_walk_needed),
    "prices": Piece(timedelta(minutes=5), ports.PriceList, partial(_walk, prices_only=True), queue="catalog",
                    needed=_prices_needed),
}


def due(kind, *, now):
    """Active suppliers for which the piece `kind` is due."""
    piece = PIECES[kind]
    fresh = set(Heartbeat.objects.filter(name__startswith=f"{kind}:", at__gt=now - piece.every)
                .values_list("name", flat=True))
    return [supplier for supplier in Supplier.objects.filter(is_active=True).order_by("pk")
            if f"{kind}:{supplier.pk}" not in fresh and gateway.supports(supplier, piece.port)
            and piece.needed(supplier, now)]


def do(kind, *, supplier, now):
    """Do the piece `kind` for `supplier` if it is still due. True if this call did it.

    What a supplier or the network may do is not an error here; it is noted on the Heartbeat, and the alerts tell people.
    """
    if not claim(f"{kind}:{supplier.pk}", every=PIECES[kind].every, now=now):
        return False
    do_now(kind, supplier=supplier, now=now)
    return True


def do_now(kind, *, supplier, now):
    """Do the piece `kind` for `supplier`, due or not; what went wrong ('' for nothing) is noted and given."""
    detail = ""
    try:
        PIECES[kind].act(supplier=supplier, now=now)
    except (SupplierError, gateway.NotConnected) as problem:
        detail = str(problem)[:200]
    beat(f"{kind}:{supplier.pk}", now=now, detail=detail)
    return detail


def run_due(*, now, until=None, kinds=tuple(PIECES), threads=1):
    """Do once everything that is due at `now`: orders, the pieces `kinds`, alerts and their e-mail.

    Gives counts by kind of what was done. `failed` counts pieces that a supplier's trouble kept from being done: they are
    due again at their next turn, and alerts tell people. `crashed` counts what an error of ours stopped; the log says
    which. `until` is a callable that says whether to begin nothing new; `threads` is
    for the sweep.
    """
    counts = Counter(failed=0, crashed=0)
    _guarded(counts, RESTORED, lambda: _look_for_a_restore(now))
    _guarded(counts, "orders", lambda: counts.update(sweep.run_due(now=now, until=until, threads=threads)))
    for kind in kinds:
        for supplier in due(kind, now=now):
            if until is None or not until():
                _guarded(counts, kind, lambda kind=kind, supplier=supplier: _count_one(counts, kind, supplier, now))
    if kinds:
        _guarded(counts, "audit", lambda: counts.update(audit=audit(now=now)))
    if claim("watch", every=WATCH_EVERY, now=now):
        counts.update(watch(now=now))
    return dict(counts)


def audit(*, now):
    """Do the nightly check if it is due; whether this call did it."""
    if not claim("audit", every=AUDIT_EVERY, now=now):
        return False
    audited = auditing.audit(now=now)
    beat("audit", now=now, detail=f"{audited.count} found" if audited.count else "")
    return True


def watch(*, now):
    """Set the alerts right and send the e-mail that is due; gives counts."""
    watched = watching.watch(now=now)
    return {"raised": watched.raised, "resolved": watched.resolved, "crashed": watched.crashed,
            "mailed": mailing.send_due(now=now)}


def claim(name, *, every, now):
    """True if the piece of work `name` is due at `now` and this call took it."""
    if Heartbeat.objects.filter(name=name, at__lte=now - every).update(at=now):
        return True
    if Heartbeat.objects.filter(name=name).exists():
        return False
    try:
        with transaction.atomic():
            Heartbeat.objects.create(name=name, at=now)
    except IntegrityError:
        return False
    return True


def beat(name, *, now, detail=""):
    """Leave a sign of life under `name`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "detail": detail})


def _look_for_a_restore(now):
    """Where an older copy of the database was put in place, doubt what waits and compare with all suppliers at once."""
    if restoring.notice(now=now):
        Heartbeat.objects.filter(name__startswith="match:").delete()
        beat(RESTORED, now=now)


def _count_one(counts, kind, supplier, now):
    if claim(f"{kind}:{supplier.pk}", every=PIECES[kind].every, now=now):
        counts["failed" if do_now(kind, supplier=supplier, now=now) else kind] += 1


def _guarded(counts, name, act):
    try:
        act()
    except Exception:  # one broken piece must not keep the others from being done
        log.exception("Due work failed: %s", name)
        counts["crashed"] += 1
