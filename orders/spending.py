"""What one person may still spend today without a second one.

A day is one of the shop's time zone. What counts is what the person placed that day and nobody else approved: not test
orders, no part that was refused or cancelled, none that still waits for approval, and not what came back.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.money import MoneySum
from funding import reserving

from .models import Attempt, Order, Shortfall, SpendLimit
from .models.attempt import DEAD
from .models.order import Status
from .models.parking import ParkReason


@dataclass(frozen=True)
class Allowance:
    """`spent` of the `limit` of one day is used up; `left` may be spent without asking anybody."""

    limit: Decimal
    spent: Decimal
    currency: str

    @property
    def left(self):
        return max(self.limit - self.spent, Decimal(0))


def allowance(*, user, currency, now):
    """The Allowance of `user` at `now`; None where no limit is set, and for commands, which nobody's name stands on."""
    limit = None if user is None else _limit(user, currency)
    return None if limit is None else Allowance(limit, _spent(user, currency, now), currency)


def room_for_more(*, order, now):
    """By how much `order` may cost more than was agreed without a second person; None where nothing limits its requester.

    Only what was placed today counts among what is spent today. On any other order, and on an approved one, a rise would
    count nowhere, so somebody else decides about all of it.
    """
    allowed = allowance(user=order.placed_by, currency=order.currency, now=now)
    is_counted = order.approved_by_id is None and order.created_at >= _midnight(now)
    return allowed and (allowed.left if is_counted else Decimal(0))


def lock(*, user, currency):
    """Let one act at a time spend from a person's allowance, until the end of the transaction. Comes before all other
    locks of the house; takes none where no limit is set.
    """
    reserving.assert_in_transaction()
    if user is not None and _limit(user, currency) is not None:
        # Rows that name the person may be written meanwhile: that needs the key only.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _limit(user, currency):
    limits = dict(SpendLimit.objects.filter(currency=currency, user__in=[user]).values_list("user", "per_day")) or dict(
        SpendLimit.objects.filter(currency=currency, user=None).values_list("user", "per_day"))
    return next(iter(limits.values()), None)


def _spent(user, currency, now):
    placed = Order.objects.filter(
        placed_by=user, currency=currency, created_at__gte=_midnight(now), is_test=False, approved_by=None,
    ).exclude(status__in=(Status.FAILED, Status.CANCELLED))
    parts = Attempt.objects.filter(order__in=placed).exclude(state__in=DEAD).exclude(parked_reason=ParkReason.APPROVAL)
    spent = parts.aggregate(spent=MoneySum("agreed_total"))["spent"] or Decimal(0)
    if not spent:
        return spent
    back = Shortfall.objects.filter(attempt__order__in=placed).aggregate(back=MoneySum("returned"))["back"]
    return spent - (back or Decimal(0))


def _midnight(now):
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
