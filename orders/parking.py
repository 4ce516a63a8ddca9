"""Orders that wait: for money, for a person, for a supplier to accept our key. Nothing is bought while they do."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.money import show
from funding import reserving
from funding.models import Account, Entry

from . import chunking, pace, spending
from .lifecycle import move, move_together, tell
from .models import Attempt, Event, Order
from .models.attempt import CRASHES_BEFORE_QUARANTINE, State
from .models.order import Priority
from .models.parking import ParkReason
from .observing import lock

RELEASE_BY_ITSELF_FOR = timedelta(hours=24)  # older: the buyer may have gone elsewhere, so a person decides
RELEASED_AT_ONCE = 10  # of one account, once the supplier has shown that it sees the money too
SHOWN_FOR = timedelta(minutes=10)
IN_TURN = ("-order__priority", "parked_at", "pk")


class NotParked(Exception):
    """Only a parked order can be released."""


class PriceMoved(Exception):
    """The price that stopped the order is not the one the person agreed to."""


class StillShort(Exception):
    """The account still does not cover the order."""


class NeedsApproval(Exception):
    """The order goes beyond what its requester may spend alone; a second person has to approve it."""


class CannotWithdraw(Exception):
    """Only an order of which nothing was sent can be cancelled here; the supplier offers no cancellation."""


def park(*, attempt, reason, text, now, spendable=None, new_total=None, prices=None):
    """Park an attempt (locked by the caller), give its money back, and park what was to be sent after it.

    Nothing has been bought under its reference. `prices` are those of parts of other sizes, where a price stopped it. One
    of which an earlier copy may still arrive keeps its money and is unknown again.
    """
    if chunking.may_still_arrive(attempt):
        _doubt(attempt, text, now)
        return
    reserving.release(attempt_ref=attempt.ref, now=now)
    move(
        attempt=attempt, to=State.PARKED, now=now, text=f"Parked: {text}", lease_until=None, due_at=None,
        unknown_since=None, parked_spendable=spendable, reason=text[:300], parked_reason=reason, parked_at=now,
        parked_total=new_total)
    chunking.park_behind(attempt, reason=reason, text=text, now=now, prices=prices or {})


def _doubt(attempt, text, now):
    move(attempt=attempt, to=State.UNKNOWN, now=now, lease_until=None, absent_seen_at=None, reason=text[:300],
         due_at=pace.next_lookup(lookups=attempt.poll_count, now=now),
         text=f"Not sent again: {text}. A copy that was sent before may still arrive")


def release(*, order, by, now, total=None):
    """A person sends what is parked of an order on its way again; `total` is the price of the whole order that they saw,
    where a higher one had stopped it.

    Raises NotParked, PriceMoved or StillShort, and then nothing has changed; or NeedsApproval, and then it waits for that.
    """
    with transaction.atomic():
        spending.lock(user=order.placed_by, currency=order.currency)
        order, parked = locked(order, State.PARKED)
        _check_release(order, parked, total)
        is_beyond = _goes_beyond(order, now)
        if is_beyond:
            _ask_approval(order, parked, now)
        else:
            requeue(parked, by, now, text=f"Released by {by.get_username()}")
    if is_beyond:
        raise NeedsApproval(_("At this price, order %(order)s goes beyond what its requester may spend without a second "
                              "person. It waits for approval now.") % {"order": order.reference})


def _check_release(order, parked, total):
    if not parked:
        raise NotParked(_("Order %(order)s is not parked.") % {"order": order.reference})
    if any(attempt.parked_reason == ParkReason.APPROVAL for attempt in parked):
        raise NeedsApproval(_("Order %(order)s waits for the approval of a second person.") % {"order": order.reference})
    if order.parked_total is not None and total != order.parked_total:
        raise PriceMoved(_("The price is %(total)s. Look at it, then release again.") % {
            "total": show(order.parked_total, order.currency)})


def _goes_beyond(order, now):
    """Whether the higher price takes the order beyond what its requester may spend without a second person."""
    if order.parked_total is None or order.is_test:
        return False
    room = spending.room_for_more(order=order, now=now)
    return room is not None and order.parked_total - order.agreed_total > room


def _ask_approval(order, parked, now):
    text = f"The price of {show(order.parked_total, order.currency)} needs approval"
    move_together(
        attempts=parked, to=State.PARKED, now=now, text=text, columns=lambda attempt: {
            "parked_reason": ParkReason.APPROVAL, "parked_at": now, "reason": text})
    Order.objects.filter(pk=order.pk).update(approved_by=None, approved_at=None)


def withdraw(*, order, by, now):
    """A person cancels what was not sent of an order. Raises CannotWithdraw where nothing is left to cancel; then nothing
    has changed.
    """
    with transaction.atomic():
        order, unsent = locked(order, *chunking.UNSENT)
        unsent = [attempt for attempt in unsent if not chunking.may_still_arrive(attempt)]
        if not unsent:
            raise CannotWithdraw(_(
                "Order %(order)s is %(status)s: it may have been bought already, and the supplier offers no "
                "cancellation.") % {"order": order.reference, "status": order.get_status_display().lower()})
        chunking.withdraw(attempts=unsent, by=by, now=now, text="Cancelled before it was sent")


def accounts_waiting():
    """`(supplier_id, currency)` of the accounts that orders wait for, those that wait longest first."""
    waiting = Attempt.objects.filter(state=State.PARKED, parked_reason=ParkReason.FUNDS).order_by("parked_at")
    return list(dict.fromkeys(waiting.values_list("supplier_id", "currency")))


def prioritise(*, order, priority, by, now):
    """Give a parked order its turn among those of its account. Raises NotParked."""
    with transaction.atomic():
        order, parked = locked(order, State.PARKED)
        if not parked:
            raise NotParked(_("Order %(order)s is not parked.") % {"order": order.reference})
        if order.priority != priority:
            Order.objects.filter(pk=order.pk).update(priority=priority, changed_at=now)
            tell(order_id=order.pk, kind=Event.Kind.NOTE, by=by, now=now, text=f"Turn: {Priority(priority).label}")


def release_funded(*, supplier_id, currency, now):
    """Send what is parked for money on its way, in turn, as far as the account covers it; gives how many parts.

    The first goes alone, because the supplier may see less money than we do; the rest once that one was accepted, and
    never more than a few at a time. A small late one does not overtake a large early one.
    """
    with transaction.atomic():
        account = reserving.lock(supplier_id=supplier_id, currency=currency)
        if account.available is None:
            return 0
        spendable = left = reserving.spendable(account)
        shown_at = _shown_at(supplier_id, currency, now)
        room, released = (RELEASED_AT_ONCE if shown_at else 1) - _in_flight(supplier_id, currency, now), 0
        for attempt in _queue(supplier_id, currency, now):
            if released >= room or attempt.agreed_total > left:
                break
            if _money_came(account, attempt, spendable, shown_at):
                requeue([lock(attempt.pk)], None, now, text="Money arrived; sending")
                released, left = released + 1, left - attempt.agreed_total
    return released


def _queue(supplier_id, currency, now):
    return Attempt.objects.filter(
        chunking.ITS_TURN, state=State.PARKED, supplier_id=supplier_id, currency=currency, parked_reason=ParkReason.FUNDS,
        parked_at__gt=now - RELEASE_BY_ITSELF_FOR, supplier__is_active=True, supplier__paused_at=None,
    ).defer("sealed_body").order_by(*IN_TURN)[:5 * RELEASED_AT_ONCE]


def _shown_at(supplier_id, currency, now):
    """When the last one was released that the supplier accepted of late, which shows that it sees the money; or None."""
    return Attempt.objects.filter(
        supplier_id=supplier_id, currency=currency, state=State.ACCEPTED, released_at__gt=now - SHOWN_FOR,
    ).order_by("-released_at").values_list("released_at", flat=True).first()


def _in_flight(supplier_id, currency, now):
    """How many were released and are on their way: one at a time is, until one was accepted.

    One that became unknown meanwhile shows nothing, and is waited for as long as an accepted one would count. Parts that
    wait for their turn, and what was left to a person, are on their way nowhere and hold up nobody.
    """
    lost = Q(state=State.UNKNOWN, released_at__gt=now - SHOWN_FOR)
    queued = Q(state=State.QUEUED, due_at__isnull=False, crash_count__lt=CRASHES_BEFORE_QUARANTINE)
    sending = Q(state=State.SENDING)
    return Attempt.objects.filter(
        lost | queued | sending, supplier_id=supplier_id, currency=currency, released_at__isnull=False).count()


def _money_came(account, attempt, spendable, shown_at):
    """Whether the account can do more than when it was parked; the supplier's word counts more than our sum."""
    parked_at = attempt.parked_at
    if account.read_at is None or account.read_at <= parked_at:
        return False
    if attempt.parked_spendable is None or spendable > attempt.parked_spendable or (shown_at and shown_at > parked_at):
        return True
    return Entry.objects.filter(
        account=account, status=Entry.Status.POSTED, amount__gt=0, first_seen_at__gt=parked_at).exists()


def requeue(attempts, by, now, *, text, kind=Event.Kind.MOVED):
    """Set the money of parked parts of one order aside and queue them; those that must wait for another have no due time.

    Raises StillShort where the account does not cover all of them.
    """
    account = Account.objects.get(supplier_id=attempts[0].supplier_id, currency=attempts[0].currency)
    totals = {one.pk: one.agreed_total if one.parked_total is None else one.parked_total for one in attempts}
    need, spendable = sum(totals.values()), reserving.spendable(account)
    if spendable is None or spendable < need:
        raise StillShort(_("%(need)s needed, %(spendable)s spendable. Deposit first.") % {
            "need": show(need, account.currency), "spendable": show(spendable, account.currency)})
    for one in attempts:
        reserving.reserve(account=account, attempt_ref=one.ref, amount=totals[one.pk], now=now)
    due = {one.pk: now if chunking.goes_ahead(one) else None for one in attempts}
    move_together(
        attempts=attempts, to=State.QUEUED, now=now, by=by, text=text, kind=kind, columns=lambda one: {
            "due_at": due[one.pk], "queued_at": now, "released_at": now, "agreed_total": totals[one.pk],
            "not_sent_count": 0, "parked_spendable": None, "refused_again_at": None, "reason": ""})
    for pk in [pk for pk, due_at in due.items() if due_at]:
        chunking.ring(pk)


def locked(order, *states):
    """The order, and those of its attempts that are in one of `states`, locked in the order of the house."""
    reserving.lock(supplier_id=order.supplier_id, currency=order.currency)
    order = Order.objects.select_for_update().get(pk=order.pk)
    return order, list(order.attempts.select_for_update().filter(state__in=states).order_by("chunk"))
