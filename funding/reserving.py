"""Setting money aside before it is spent.

Every function here runs inside the caller's transaction, with the account row locked by `lock`. The lock order of the
house is account, order, attempt, unit, supplier.
"""

from decimal import Decimal

from django.db.models import Q
from django.db.transaction import get_connection

from catalog.money import MoneySum

from .models import Account, Reservation


class NotCovered(Exception):
    """The account cannot cover the amount. `spendable` is None when its balance has never been read."""

    def __init__(self, *, account, need, spendable):
        self.account, self.need, self.spendable = account, need, spendable
        super().__init__(f"{account}: {need} needed, {'unknown' if spendable is None else spendable} spendable")


def lock(*, supplier_id, currency):
    """The account row, locked until the end of the transaction; created unread where it does not exist yet."""
    assert_in_transaction()
    Account.objects.get_or_create(supplier_id=supplier_id, currency=currency)
    return Account.objects.select_for_update().get(supplier_id=supplier_id, currency=currency)


def spendable(account):
    """What may still be promised: available, less open reservations, less what was settled since the reading began.

    A settlement that the reading already contains is then counted twice; that errs on the side of not spending. None
    when the balance has never been read.
    """
    if account.available is None:
        return None
    held = account.reservations.filter(holding(account.read_at)).aggregate(held=MoneySum("amount"))["held"]
    return account.available - (held or Decimal(0))


def settled_since(account):
    """What was spent since the last reading began, as far as we know."""
    spent = account.reservations.filter(state=Reservation.State.SETTLED, settled_at__gte=account.read_at)
    return spent.aggregate(spent=MoneySum("amount"))["spent"] or Decimal(0)


def holding(read_at):
    """Which reservations take from a reading begun at `read_at`: the open ones, and those settled since."""
    return Q(state=Reservation.State.OPEN) | Q(state=Reservation.State.SETTLED, settled_at__gte=read_at)


def reserve(*, account, attempt_ref, amount, now):
    """Set `amount` aside for an attempt; one whose money was released gets the same row again.

    Raises NotCovered, and then nothing is set aside.
    """
    free = spendable(account)
    if free is None or free < amount:
        raise NotCovered(account=account, need=amount, spendable=free)
    reopened = Reservation.objects.filter(attempt_ref=attempt_ref, state=Reservation.State.RELEASED).update(
        state=Reservation.State.OPEN, amount=amount, created_at=now, released_at=None)
    if not reopened:
        Reservation.objects.create(account=account, attempt_ref=attempt_ref, amount=amount, created_at=now)


def settle(*, attempt_ref, amount, now):
    """The attempt was accepted and cost `amount`. True if this call settled it, false if it was settled before.

    Money that was given back too early is settled as well: it is spent.
    """
    return bool(Reservation.objects.filter(attempt_ref=attempt_ref).exclude(state=Reservation.State.SETTLED).update(
        state=Reservation.State.SETTLED, settled_at=now, released_at=None, amount=amount))


def release(*, attempt_ref, now):
    """Nothing was bought under the attempt. True if this call released it."""
    return bool(Reservation.objects.filter(attempt_ref=attempt_ref, state=Reservation.State.OPEN).update(
        state=Reservation.State.RELEASED, released_at=now))


def assert_in_transaction():
    if not get_connection().in_atomic_block:
        raise RuntimeError("Money is set aside inside a transaction only.")
