"""Whether a balance fell by more than what we know of: the books of suppliers that tell no charges.

Two readings are compared that lie around the sends in question, taken while nothing else was on its way, so that of every
other purchase it is certain whether a reading shows it. What is uncertain counts against absence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.db.models.functions import Coalesce

from catalog.money import MoneySum
from catalog.suppliers.types import Outcome
from funding.models import Entry, Reading, Reservation

from .models import Attempt, UnmatchedPurchase
from .models.attempt import State

LOOK_BACK = timedelta(hours=24)
READING_TAKES = timedelta(seconds=15)  # at most, by the deadline of a call
BOOKED_LATE = timedelta(minutes=10)  # a deposit may be dated a little before a reading that does not show it yet
MOST = 100
RETURNED = (Outcome.FAILED, Outcome.CANCELLED)


@dataclass(frozen=True)
class Purchase:
    """Another purchase from the account: it was charged, if at all, between `began_at` and `ended_at`."""

    began_at: datetime
    ended_at: datetime
    is_charged: bool
    is_returned: bool
    total: Decimal
    changed_at: datetime


def unexplained_fall(attempt, *, since, now):
    """By how much the account's balance fell, around all sends of `attempt`, beyond what is known; below 0 where it rose.

    `since`: from when on a reading shows whatever the sends have bought. None where no two readings can tell.
    """
    readings = Reading.objects.filter(account__supplier=attempt.supplier_id, account__currency=attempt.currency)
    earliest = attempt.first_sent_at - LOOK_BACK
    others = _others(attempt, earliest, now)
    before = _clean(readings.filter(
        fetch_started_at__gte=earliest, fetch_started_at__lte=attempt.first_sent_at - READING_TAKES), others)
    after = _clean(readings.filter(fetch_started_at__gte=since), others)
    if before is None or after is None:
        return None
    return _ours(before) + _came(attempt, before, others) - _spent(attempt, before, after, others) - _ours(after)


def _others(attempt, earliest, now):
    """What else was bought, or may have been, since a while before the first reading that could be used."""
    known = Attempt.objects.filter(
        Q(changed_at__gte=earliest) | Q(state__in=(State.SENDING, State.UNKNOWN)),
        supplier=attempt.supplier_id, currency=attempt.currency, first_sent_at__isnull=False,
        state__in=(State.SENDING, State.UNKNOWN, State.ACCEPTED),
    ).exclude(pk=attempt.pk).defer("sealed_body")
    settled = dict(Reservation.objects.filter(attempt_ref__in=known.values("ref"), settled_at__isnull=False).values_list(
        "attempt_ref", "settled_at"))
    return [_purchase(one, settled.get(one.ref), now) for one in known]


def _purchase(other, settled_at, now):
    is_accepted = other.state == State.ACCEPTED
    ended_at = (settled_at or other.first_sent_at) if is_accepted else (other.fence_at or now)
    return Purchase(
        began_at=other.first_sent_at, ended_at=ended_at, total=other.total or Decimal(0), changed_at=other.changed_at,
        is_charged=is_accepted and other.outcome not in RETURNED, is_returned=is_accepted and other.outcome in RETURNED)


def _clean(readings, others):
    """The latest reading during which nothing else was on its way, or None."""
    for reading in readings.order_by("-fetch_started_at")[:MOST]:
        begun, ended = reading.fetch_started_at, reading.fetch_started_at + READING_TAKES
        if not any(other.began_at <= ended and other.ended_at >= begun for other in others):
            return reading
    return None


def _ours(reading):
    """What we hold there ourselves; what is available may also rise because the supplier lends more."""
    return reading.balance - reading.supplier_reserved


def _came(attempt, before, others):
    """Deposits since `before`, and what was charged before it and may have been returned since."""
    deposits = Entry.objects.filter(
        supplier=attempt.supplier_id, currency=attempt.currency, kind=Entry.Kind.DEPOSIT, status=Entry.Status.POSTED,
    ).annotate(at=Coalesce("posted_at", "occurred_at")).filter(at__gte=before.fetch_started_at - BOOKED_LATE)
    returned = sum(other.total for other in others if other.is_returned and other.began_at < before.fetch_started_at
                   and other.changed_at >= before.fetch_started_at)
    return returned + (deposits.aggregate(came=MoneySum("amount"))["came"] or Decimal(0))


def _spent(attempt, before, after, others):
    """What is known to have been charged between the two."""
    ours = sum(other.total for other in others if other.is_charged
               and before.fetch_started_at < other.began_at and other.ended_at < after.fetch_started_at)
    elsewhere = UnmatchedPurchase.objects.filter(
        supplier=attempt.supplier_id, currency=attempt.currency, state__in=("open", "explained"),
        ordered_at__gt=before.fetch_started_at, ordered_at__lt=after.fetch_started_at)
    return ours + (elsewhere.aggregate(spent=MoneySum("total"))["spent"] or Decimal(0))
