"""What the home page shows: what needs a person now, then money, suppliers, today, and the machinery."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, Count, F, Min, OuterRef, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.models import Supplier, SyncRun
from catalog.money import MoneySum
from catalog.suppliers.ports import CatalogSource
from funding.models import Account
from orders.models import Order
from orders.models.order import Status
from orders.models.parking import ParkReason

from .machinery import Machinery, machinery
from .models import Alert, ProbeResult

ALERTS_SHOWN = 6
STRIP_SHOWN = 12  # a merchant has a handful of suppliers; beyond this the lists themselves are the better page
GRAVEST = (Account.State.EXHAUSTED, Account.State.OVERDRAWN, Account.State.LOW, Account.State.UNKNOWN)


@dataclass(frozen=True)
class Work:
    """One pile of work; `oldest_at` is since when its oldest piece waits, None where it is empty."""

    title: str
    count: int
    oldest_at: datetime | None
    url: str
    tone: str = "warning"


@dataclass
class Today:
    """Orders of one status placed today, and what they come to per currency."""

    status: str
    count: int = 0
    totals: list = field(default_factory=list)


@dataclass(frozen=True)
class Board:
    """The whole page. What the reader may not see is None."""

    work: list[Work]
    alerts: list[Alert]
    accounts: list[Account] | None
    suppliers: list[Supplier] | None
    today: list[Today] | None
    machinery: Machinery
    now: datetime

    @property
    def is_quiet(self):
        return not any(pile.count for pile in self.work)

    @property
    def dead_queues(self):
        return self.machinery.dead_queues


def board(*, may, now):
    """The page for somebody who `may(permission)`."""
    alerts = list(Alert.objects.open().select_related("acknowledged_by").order_by("severity", "raised_at"))
    sees_orders = may("orders.view_order")
    return Board(
        work=[*(_order_piles() if sees_orders else []), _alert_pile(alerts)],
        alerts=alerts[:ALERTS_SHOWN],
        accounts=_accounts() if may("funding.view_account") else None,
        suppliers=_suppliers() if may("catalog.view_supplier") else None,
        today=_today(now) if sees_orders else None,
        machinery=machinery(now=now),
        now=now,
    )


def _order_piles():
    """Two queries, each by its own index."""
    word = Case(When(parked_reason=ParkReason.APPROVAL, then=Value("approval")), default="status")
    stuck = {row["word"]: row for row in Order.objects.filter(status__in=(Status.UNKNOWN, Status.PARKED))
             .annotate(word=word).values("word").order_by().annotate(
                 n=Count("id"), oldest=Min("created_at"), parked=Min("parked_at"))}
    review = Order.objects.filter(needs_review=True).aggregate(n=Count("id"), oldest=Min("created_at"))
    unknown, parked, approval = (stuck.get(word, {}) for word in (Status.UNKNOWN, Status.PARKED, "approval"))
    return [
        Work(_("Outcome unknown"), unknown.get("n", 0), unknown.get("oldest"), reverse("orders:unknown"), "danger"),
        Work(_("Parked"), parked.get("n", 0), parked.get("parked"), reverse("orders:parked")),
        Work(_("To approve"), approval.get("n", 0), approval.get("parked"), reverse("orders:approvals")),
        Work(_("To review"), review["n"], review["oldest"], f"{reverse('orders:list')}?status=review", "danger"),
    ]


def _alert_pile(alerts):
    waiting = [alert for alert in alerts if alert.acknowledged_at is None]
    oldest = min((alert.raised_at for alert in waiting), default=None)
    is_critical = any(alert.severity == Alert.Severity.CRITICAL for alert in waiting)
    return Work(_("Alerts"), len(waiting), oldest, reverse("monitoring:alerts"), "danger" if is_critical else "warning")


def _accounts():
    """The gravest first, so that the one that blocks buying is never among those left out."""
    gravity = Case(*(When(state=word, then=Value(at)) for at, word in enumerate(GRAVEST)), default=Value(len(GRAVEST)))
    accounts = Account.objects.filter(supplier__is_active=True).select_related("supplier")
    return list(accounts.order_by(gravity, "supplier__name", "currency")[:STRIP_SHOWN])


def _suppliers():
    """Active suppliers with circuit, last probe (`is_healthy`, `probed_at`) and last walk (`walk`, `walk_at`)."""
    probes = ProbeResult.objects.filter(supplier=OuterRef("pk")).order_by("-at")
    walks = SyncRun.objects.filter(supplier=OuterRef("pk"), prices_only=False).order_by("-started_at")
    found = list(Supplier.objects.filter(is_active=True).select_related("circuit").annotate(
        is_healthy=Subquery(probes.values("healthy")[:1]),
        probed_at=Subquery(probes.values("at")[:1]),
        latency_ms=Subquery(probes.values("latency_ms")[:1]),
        walk=Subquery(walks.values("status")[:1]),
        walk_at=Subquery(walks.values("started_at")[:1]),
    ).order_by(F("is_healthy").asc(nulls_last=True), "name")[:STRIP_SHOWN])
    for supplier in found:
        supplier.has_catalog = gateway.supports(supplier, CatalogSource)
    return found


def _today(now):
    """Orders placed since midnight, local time; test orders count nowhere."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Order.objects.filter(created_at__gte=midnight, is_test=False).values("status", "currency").annotate(
        n=Count("id"), total=MoneySum("agreed_total")).order_by("currency")
    found = defaultdict(list)
    for row in rows:
        found[row["status"]].append(row)
    return [Today(status, sum(row["n"] for row in found[status]), [(row["total"], row["currency"]) for row in found[status]])
            for status in Status.values if status in found]
