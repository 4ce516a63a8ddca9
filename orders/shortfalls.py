"""What a supplier owes for an attempt: what was paid for what it did not deliver, once it is known not to."""

from datetime import timedelta
from decimal import Decimal

from catalog.suppliers.types import Outcome

from .models import Shortfall
from .models.attempt import State

FIRST_LOOK_AFTER = timedelta(minutes=1)
FRACTION = Decimal("0.0001")  # some suppliers reckon in hundredths of a cent
SHORT = (Outcome.PARTIAL, Outcome.FAILED, Outcome.CANCELLED)


def expect(attempt, now):
    """Note what is owed for `attempt` as it is now, or that it is another amount than before. In the caller's transaction.

    Nothing is owed for a test order: it was not charged.
    """
    if attempt.state != State.ACCEPTED or attempt.order.is_test:
        return
    owes, known = owed(attempt), Shortfall.objects.filter(attempt=attempt).first()
    if known is None and owes:
        Shortfall.objects.create(attempt=attempt, owed=owes, since=now, due_at=now + FIRST_LOOK_AFTER)
    elif known is not None and known.owed != owes:
        Shortfall.objects.filter(pk=known.pk).update(
            owed=owes, state=Shortfall.State.AWAITED, due_at=now + FIRST_LOOK_AFTER, told_at=None, ended_at=None, note="")


def owed(attempt):
    """The price of what is missing of `attempt`; nothing as long as the supplier may still deliver all of it."""
    if attempt.outcome not in SHORT:
        return Decimal(0)
    missing = max(attempt.quantity - attempt.units.filter(has_code=True).count(), 0)
    return (charged(attempt) * missing / attempt.quantity).quantize(FRACTION)


def charged(attempt):
    """What it cost as far as the supplier has told, else what was agreed."""
    return attempt.agreed_total if attempt.total is None else attempt.total
