"""What a person should know about orders: counted per supplier, so an outage is one alert and not five hundred."""

from datetime import timedelta

from django.db.models import Count, Min
from django.urls import reverse

from catalog.money import MoneySum, show
from orders import approving
from orders.models import Attempt, EsimEvent, Event, Order, Shortfall, Transaction, UnmatchedPurchase
from orders.models.attempt import State
from orders.models.order import Status
from orders.models.parking import ParkReason
from orders.models.transaction import GIVEN_UP

from .causes import CRITICAL, WARNING, Cause
from .models import Heartbeat

UNKNOWN_AFTER = timedelta(minutes=30)
UNKNOWN_CRITICAL_AFTER = timedelta(hours=24)
CAP_TOLD_FOR = timedelta(hours=1)
RESTORED, RESTORED_TOLD_FOR = "restored", timedelta(days=1)
SLOW_AFTER = timedelta(hours=24)  # suppliers may take hours and be well


def unknown(now):
    for row in _unknown_since(now - UNKNOWN_AFTER):
        yield Cause(f"unknown:{row['supplier']}", WARNING,
                    f"{_orders(row)} at {row['supplier__name']}: outcome unknown for more than 30 minutes",
                    "The supplier has not told what became of them. The money stays set aside.", reverse("orders:unknown"))


def long_unknown(now):
    for row in _unknown_since(now - UNKNOWN_CRITICAL_AFTER):
        yield Cause(f"unknown-day:{row['supplier']}", CRITICAL,
                    f"{_orders(row)} at {row['supplier__name']}: outcome unknown for more than a day",
                    "Ask the supplier, with our references from the list.", reverse("orders:unknown"))


def parked(now):
    waiting = Order.objects.filter(status=Status.PARKED).exclude(parked_reason=ParkReason.APPROVAL).values(
        "supplier", "supplier__name")
    for row in waiting.annotate(n=Count("id"), oldest=Min("parked_at")).order_by():
        yield Cause(f"parked:{row['supplier']}", WARNING, f"{_orders(row)} parked at {row['supplier__name']}",
                    f"Nothing has been bought yet. The oldest waits since {row['oldest']:%Y-%m-%d %H:%M} UTC.",
                    reverse("orders:parked"))


def approvals(now):
    waiting = approving.waiting().aggregate(n=Count("id"), oldest=Min("parked_at"))
    if waiting["n"]:
        yield Cause("approval:orders", WARNING, f"{_orders(waiting)} to be approved",
                    f"They go beyond what one person may spend in a day. The oldest waits since "
                    f"{waiting['oldest']:%Y-%m-%d %H:%M} UTC.", reverse("orders:approvals"))


def review(now):
    waiting = Order.objects.filter(needs_review=True).values("supplier", "supplier__name")
    for row in waiting.annotate(n=Count("id")).order_by():
        yield Cause(f"review:{row['supplier']}", WARNING, f"{_orders(row)} at {row['supplier__name']} to be reviewed",
                    "What the supplier says does not fit together; a person has to decide.",
                    f"{reverse('orders:list')}?status=review")


def refunds(now):
    """Money that should have come back a day ago."""
    waiting = Shortfall.objects.late().values("attempt__supplier", "attempt__supplier__name", "attempt__currency")
    for row in waiting.annotate(n=Count("id"), owed=MoneySum("owed"), returned=MoneySum("returned")).order_by():
        currency, counted = row["attempt__currency"], "1 refund" if row["n"] == 1 else f"{row['n']} refunds"
        yield Cause(f"refund:{row['attempt__supplier']}-{currency}", WARNING,
                    f"{counted} of {row['attempt__supplier__name']} late: {show(row['owed'] - row['returned'], currency)}",
                    "It was paid for what was not delivered, and its books do not show that it came back. Ask the supplier.",
                    f"{reverse('orders:list')}?status=refund&currency={currency}")


def slow(now):
    waiting = Order.objects.filter(status__in=(Status.ACCEPTED, Status.PARTIALLY_COMPLETED),
                                   created_at__lt=now - SLOW_AFTER, finished_at=None)
    for row in waiting.values("supplier", "supplier__name").annotate(n=Count("id")).order_by():
        yield Cause(f"slow:{row['supplier']}", WARNING,
                    f"{_orders(row)} at {row['supplier__name']} accepted more than a day ago and not finished",
                    "They are still being tracked. Ask the supplier.", f"{reverse('orders:list')}?status=accepted")


def transactions(now):
    """Transactions on players' wallets that nobody asks about any more, and that are still not known."""
    waiting = Transaction.objects.filter(GIVEN_UP).values("supplier", "supplier__name")
    for row in waiting.annotate(n=Count("id")).order_by():
        counted = "1 transaction" if row["n"] == 1 else f"{row['n']} transactions"
        yield Cause(f"transactions:{row['supplier']}", WARNING, f"{counted} at {row['supplier__name']}: not known, and not "
                    "asked about any more", "Ask the supplier's support, with the request ids; or have them asked again.",
                    f"{reverse('orders:transactions')}?status=given_up")


def unmatched(now):
    """Purchases at a supplier that no order here explains."""
    waiting = UnmatchedPurchase.objects.filter(state=UnmatchedPurchase.State.OPEN).values("supplier", "supplier__name")
    for row in waiting.annotate(n=Count("id")).order_by():
        counted = "1 purchase" if row["n"] == 1 else f"{row['n']} purchases"
        yield Cause(f"unmatched:{row['supplier']}", CRITICAL,
                    f"{counted} at {row['supplier__name']} that no order here explains",
                    "Somebody bought past Purser, a key leaked, or an older database was restored.",
                    reverse("orders:unmatched"))


def restored(now):
    """An older copy of the database was put in place, and this was noticed here."""
    if Heartbeat.objects.filter(name=RESTORED, at__gt=now - RESTORED_TOLD_FOR).exists():
        yield Cause(RESTORED, CRITICAL, "An older copy of the database was put in place",
                    "What waited is looked up at its supplier before it is sent. Orders and purchases made since that copy "
                    "are compared with the suppliers: what no order here explains is listed.", reverse("orders:unmatched"))


def capped_reveals(now):
    """People who were refused a code within the hour because they had revealed so many."""
    latest = {event.by: page for event, page in sorted(_capped(now - CAP_TOLD_FOR), key=lambda one: one[0].at)}
    for by, page in latest.items():
        yield Cause(f"reveals:{by.pk}", WARNING, f"{by.get_username()} has revealed as many codes as one may within an hour",
                    "Find out why so many are needed. The page of the last try tells the reason that was given.", page)


def _capped(since):
    """Each reveal that was refused since then, with its page."""
    for event in Event.objects.filter(kind=Event.Kind.CAPPED, at__gt=since).select_related("by"):
        yield event, reverse("orders:order", args=[event.order_id])
    for event in EsimEvent.objects.filter(kind=EsimEvent.Kind.CAPPED, at__gt=since).select_related("by"):
        yield event, reverse("orders:esim", args=[event.esim_id])


def _unknown_since(moment):
    late = Attempt.objects.filter(state=State.UNKNOWN, unknown_since__lt=moment).values("supplier", "supplier__name")
    return late.annotate(n=Count("order", distinct=True)).order_by()


def _orders(row):
    return "1 order" if row["n"] == 1 else f"{row['n']} orders"
