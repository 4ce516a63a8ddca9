"""A second person decides about an order that goes beyond what its requester may spend alone.

Until then it is parked: nothing is bought and no money is set aside. What is approved is a price of now, which the
approver has seen; it holds as long as any quote, so an approval never outlives its price.
"""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.money import show

from . import chunking, parking, quoting, terms
from .models import Event, Order, Quote
from .models.attempt import State
from .models.parking import ParkReason

PERMISSION = "orders.approve_order"


class NotWaiting(Exception):
    """The order does not wait for approval, or not any more."""


class OwnRequest(Exception):
    """Nobody approves what they asked for themselves."""


class PriceExpired(Exception):
    """The price that was looked at is too old, or is not one of this order: ask again."""


class NoReason(Exception):
    """Who declines says why."""


def waiting():
    """The orders that wait for approval, the oldest first."""
    return Order.objects.filter(status="parked", parked_reason=ParkReason.APPROVAL).order_by("parked_at", "created_at")


def ask_price(*, order, by, now):
    """A pending Quote of what the order would cost now. Raises terms.Wrong where it cannot be ordered any more."""
    wanted = terms.check(sku=order.sku, quantity=order.quantity, amount=order.amount, fields=order.fields)
    return quoting.ask(sku=order.sku, terms=wanted, by=by, now=now)


def approve(*, order, quote, by, now):
    """Send an order that waits for approval on its way at the price of `quote`.

    Raises PermissionDenied, OwnRequest, NotWaiting, PriceExpired or parking.StillShort; then nothing has changed.
    """
    _check_person(order, by)
    with transaction.atomic():
        order, attempts = _waiting(order)
        prices = _prices(order, attempts, quote, by, now)
        for attempt in attempts:
            attempt.parked_total = prices[attempt.quantity]
            attempt.save(update_fields=["parked_total"])
        parking.requeue(attempts, by, now, kind=Event.Kind.APPROVED, text=_told(attempts, order.currency, by))
        Order.objects.filter(pk=order.pk).update(
            approved_by=by, approved_at=now, quote=quote, is_estimate=quote.is_estimate)


def decline(*, order, by, reason, now):
    """Cancel an order that waits for approval, with a reason. Raises PermissionDenied, OwnRequest, NotWaiting, NoReason."""
    _check_person(order, by)
    reason = " ".join(reason.split())
    if not reason:
        raise NoReason(_("Say why; whoever asked reads it on the order."))
    with transaction.atomic():
        order, attempts = _waiting(order)
        chunking.withdraw(attempts=attempts, by=by, now=now, text=f"Declined by {by.get_username()}: {reason[:200]}")


def _check_person(order, by):
    if not by.has_perm(PERMISSION):
        raise PermissionDenied(PERMISSION)
    if order.placed_by_id == by.pk:
        raise OwnRequest(_("You asked for order %(order)s yourself. Somebody else has to decide.") % {
            "order": order.reference})


def _waiting(order):
    order, attempts = parking.locked(order, State.PARKED)
    if all(attempt.parked_reason != ParkReason.APPROVAL for attempt in attempts):
        raise NotWaiting(_("Order %(order)s does not wait for approval.") % {"order": order.reference})
    return order, attempts


def _prices(order, attempts, quote, by, now):
    """What a part of each size costs now."""
    prices = {size: Decimal(total) for size, total in quote.parts}
    is_of_order = (quote.sku_id == order.sku_id and quote.currency == order.currency and quote.asked_by_id == by.pk
                   and (quote.quantity, quote.amount, quote.fields) == (order.quantity, order.amount, order.fields))
    is_divided_alike = all(attempt.quantity in prices for attempt in attempts)
    if quote.state != Quote.State.READY or quote.expires_at <= now:
        raise PriceExpired(_("The price is older than two minutes. Ask for a fresh one, look at it, then approve."))
    if not is_of_order or not is_divided_alike:
        raise PriceExpired(_("This is not a price of this order as it was asked for. Ask for a fresh one; if that does not "
                             "help, decline it and have it placed anew."))
    return prices


def _told(attempts, currency, by):
    was, now = sum(one.agreed_total for one in attempts), sum(one.parked_total for one in attempts)
    return f"Approved by {by.get_username()} at {show(now, currency)}" + (
        "" if was == now else f" instead of {show(was, currency)}")
