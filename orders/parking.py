"""Orders that wait: for money, for a person, for a supplier to accept our key. Nothing is bought while they do."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog.money import show
from funding import reserving
from funding.models import Account, Entry

from .lifecycle import move
from .models import Attempt, Order
from .models.attempt import State
from .models.order import ParkReason
from .observing import lock
from .placing import SEND_TASK

RELEASE_BY_ITSELF_FOR = timedelta(hours=24)  # older: the buyer may have gone elsewhere, so a person decides


class NotParked(Exception):
    """Only a parked order can be released."""


class PriceMoved(Exception):
    """The price that stopped the order is not the one the person agreed to."""


class StillShort(Exception):
    """The account still does not cover the order."""


class CannotWithdraw(Exception):
    """Only an order of which nothing was sent can be cancelled here; the supplier offers no cancellation."""


def park(*, attempt, reason, text, now, spendable=None, new_total=None, **columns):
    """Park an attempt (locked by the caller) and give its money back. Nothing has been bought under its reference."""
    reserving.release(attempt_ref=attempt.ref, now=now)
    move(
        attempt=attempt, to=State.PARKED, now=now, text=f"Parked: {text}", lease_until=None, due_at=None,
        unknown_since=None, parked_spendable=spendable, **columns,
        order={"parked_reason": reason, "parked_at": now, "parked_total": new_total, "reason": text[:300]})


def release(*, order, by, now, total=None):
    """A person sends a parked order on its way again; `total` is the price they saw, where a higher one had stopped it.

    Raises NotParked, PriceMoved or StillShort; then nothing has changed.
    """
    with transaction.atomic():
        attempt = _live_attempt(order)
        if attempt is None or attempt.state != State.PARKED:
            raise NotParked(_("Order %(order)s is not parked.") % {"order": order.reference})
        needed = attempt.order.parked_total
        if needed is not None and total != needed:
            raise PriceMoved(_("The price is %(total)s. Look at it, then release again.") % {
                "total": show(needed, attempt.currency)})
        try:
            _requeue(attempt, needed or attempt.agreed_total, by, now, f"Released by {by.get_username()}")
        except reserving.NotCovered as short:
            raise StillShort(_("%(need)s needed, %(spendable)s spendable. Deposit first.") % {
                "need": show(short.need, attempt.currency),
                "spendable": show(short.spendable, attempt.currency)}) from None


def withdraw(*, order, by, now):
    """A person cancels an order that was never sent. Raises CannotWithdraw otherwise; then nothing has changed."""
    with transaction.atomic():
        attempt = _live_attempt(order)
        if attempt is None or attempt.state not in (State.QUEUED, State.PARKED):
            raise CannotWithdraw(_(
                "Order %(order)s is %(status)s: it may have been bought already, and the supplier offers no "
                "cancellation.") % {"order": order.reference, "status": order.get_status_display().lower()})
        reserving.release(attempt_ref=attempt.ref, now=now)
        move(attempt=attempt, to=State.WITHDRAWN, now=now, by=by, text="Cancelled before it was sent",
             due_at=None, lease_until=None, order={"reason": "Cancelled before it was sent"})


def accounts_waiting():
    """`(supplier_id, currency)` of the accounts that orders wait for, those that wait longest first."""
    waiting = Order.objects.filter(status="parked", parked_reason=ParkReason.FUNDS).order_by("parked_at")
    return list(dict.fromkeys(waiting.values_list("supplier_id", "currency")))


def release_funded(*, supplier_id, currency, now):
    """Send the oldest order parked for money on its way if its account covers it now; gives whether it did.

    One released order per account is in flight at a time: the supplier may see less money than we do.
    """
    with transaction.atomic():
        account = reserving.lock(supplier_id=supplier_id, currency=currency)
        if account.available is None or _released_in_flight(supplier_id, currency):
            return False
        parked = Attempt.objects.filter(
            state=State.PARKED, supplier_id=supplier_id, currency=currency, order__parked_reason=ParkReason.FUNDS,
            order__parked_at__gt=now - RELEASE_BY_ITSELF_FOR, supplier__is_active=True, supplier__paused_at=None,
        ).select_related("order").order_by("order__parked_at", "pk")
        spendable = reserving.spendable(account)
        for attempt in parked:
            if attempt.agreed_total > spendable:
                return False  # first come, first served: a small late order does not overtake a large early one
            if _money_came(account, attempt, spendable):
                attempt = lock(attempt.pk)
                _requeue(attempt, attempt.agreed_total, None, now, "Money arrived; sending")
                return True
    return False


def _money_came(account, attempt, spendable):
    """Whether the account can do more than when it was parked; the supplier's refusal counts more than our sum."""
    parked_at = attempt.order.parked_at
    if account.read_at is None or account.read_at <= parked_at:
        return False
    if attempt.parked_spendable is None or spendable > attempt.parked_spendable:
        return True
    return Entry.objects.filter(
        account=account, status=Entry.Status.POSTED, amount__gt=0, first_seen_at__gt=parked_at).exists()


def _released_in_flight(supplier_id, currency):
    return Attempt.objects.filter(
        supplier_id=supplier_id, currency=currency, released_at__isnull=False, state__in=(State.QUEUED, State.SENDING),
    ).exists()


def _requeue(attempt, total, by, now, text):
    account = Account.objects.get(supplier_id=attempt.supplier_id, currency=attempt.currency)
    reserving.reserve(account=account, attempt_ref=attempt.ref, amount=total, now=now)
    move(attempt=attempt, to=State.QUEUED, now=now, by=by, text=text, due_at=now, queued_at=now, released_at=now,
         agreed_total=total, not_sent_count=0, parked_spendable=None, order={"agreed_total": total, "reason": ""})
    async_task(SEND_TASK, attempt_id=attempt.pk)


def _live_attempt(order):
    attempt = order.attempts.exclude(state__in=(State.REJECTED, State.PROVEN_ABSENT, State.WITHDRAWN)).first()
    return lock(attempt.pk) if attempt else None
