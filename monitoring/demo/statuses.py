"""One order in each status, made by switching the lab's faults: what staff meet on a bad day, all on one screen."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from catalog.models import Sku
from orders import lifecycle, parking, resolving
from orders.models import Order
from orders.models.attempt import State
from orders.models.order import Status

from . import buying

LATER = timedelta(hours=12)  # what must stand still for staff to look at is not due before


def show_every_status(lab, *, by, now):
    """Add an order in each status that no order is in, and one to review."""
    have = set(Order.objects.values_list("status", flat=True))
    for minutes, (status, make) in enumerate(MAKERS.items(), start=2):
        if status not in have:
            make(lab, by, now - timedelta(minutes=4 * minutes))
    if not Order.objects.filter(needs_review=True).exists():
        _charged_above(lab, by, now - timedelta(minutes=50))


def _completed(lab, by, at):
    buying.buy(sku=_sku("giftapi-demo"), by=by, at=at, number=31)


def _failed(lab, by, at):
    lab.fail("plexy_gate", "createOrder", "finish", status="failed", reason="The vendor refused the account")
    buying.buy(sku=_sku("plexy-demo", "top_up"), by=by, at=at, amount=10, number=32)


def _cancelled(lab, by, at):
    order = buying.confirm(sku=_sku("plexy-demo"), by=by, at=at, number=33)
    parking.withdraw(order=order, by=by, now=at + timedelta(minutes=1))


def _partially_completed(lab, by, at):
    lab.fail("giftapi", "createOrder", "finish", status="partially_completed", delivered=2)
    buying.buy(sku=_sku("giftapi-demo", quantity=5), by=by, at=at, quantity=5, number=34)


def _accepted(lab, by, at):
    lab.fail("plexy_gate", "createOrder", "hold")
    buying.buy(sku=_sku("plexy-demo"), by=by, at=at, number=35)


def _parked(lab, by, at):
    """The euro account holds less than this costs."""
    buying.confirm(sku=_sku("plexy-demo", currency="EUR", above=24), by=by, at=at, number=36)


def _unknown(lab, by, at):
    """The connection broke off before the supplier had read the order, and one look was too early to tell. "Ask supplier
    now" on its page finds out.
    """
    lab.fail("giftapi", "createOrder", "close", when="before")
    order = buying.buy(sku=_sku("giftapi-demo"), by=by, at=at, number=37)
    for attempt in order.attempts.all():
        resolving.resolve(attempt_id=attempt.pk, now=attempt.due_at)
    order.attempts.update(due_at=at + LATER)


def _sending(lab, by, at):
    """As a worker leaves it that is stopped in mid-send."""
    order = buying.confirm(sku=_sku("plexy-demo"), by=by, at=at, number=38)
    with transaction.atomic():
        attempt = order.attempts.select_for_update().get()
        lifecycle.move(attempt=attempt, to=State.SENDING, now=at, text="Sending", lease_until=at + LATER, due_at=None,
                       lease_epoch=1, send_count=1, first_sent_at=at, last_sent_at=at)


def _queued(lab, by, at):
    """As it waits between two tries while the supplier cannot be reached."""
    order = buying.confirm(sku=_sku("plexy-demo"), by=by, at=at, number=39)
    order.attempts.update(due_at=at + LATER, queued_at=at + LATER, not_sent_count=6)


def _charged_above(lab, by, at):
    lab.fail("plexy_gate", "createOrder", "charge_above", by="2.50")
    buying.buy(sku=_sku("plexy-demo"), by=by, at=at, number=40)


MAKERS = {
    Status.QUEUED: _queued,
    Status.SENDING: _sending,
    Status.UNKNOWN: _unknown,
    Status.PARKED: _parked,
    Status.ACCEPTED: _accepted,
    Status.PARTIALLY_COMPLETED: _partially_completed,
    Status.COMPLETED: _completed,
    Status.FAILED: _failed,
    Status.CANCELLED: _cancelled,
}


def _sku(supplier, kind="voucher", *, currency="USD", above=5, quantity=1):
    """A good of that kind that costs more than `above` and can be had `quantity` times in one order, the cheapest first."""
    fitting = Sku.objects.filter(supplier__name=supplier, product__kind=kind, currency=currency, gone_at=None)
    many = fitting.filter(Q(max_per_order=None) | Q(max_per_order__gte=quantity)).exclude(stock__lt=quantity)
    priced = many.filter(price__gt=above) if kind == "voucher" else many
    return priced.select_related("product", "supplier").order_by("price", "pk")[0]
