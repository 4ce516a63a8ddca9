"""Orders that wait for an answer: of the supplier about an unknown outcome, or of a second person."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from catalog.money import MoneySum

from . import approving, spending
from .models import Attempt, Order
from .models.attempt import State

MOST = 100  # the page of unknown outcomes asks for itself three times a minute


def unknown_attempts():
    """Attempts whose outcome is unknown, the oldest first, at most MOST of them."""
    return list(Attempt.objects.filter(state=State.UNKNOWN).select_related(
        "order__supplier", "order__sku__product").defer(
        "sealed_body", "order__sku__raw", "order__sku__product__raw").order_by("unknown_since", "pk")[:MOST])


def money_at_risk():
    """(currency, sum, number of attempts) of everything whose outcome is unknown."""
    return list(Attempt.objects.filter(state=State.UNKNOWN).values("currency").annotate(
        total=MoneySum("agreed_total"), count=Count("pk")).order_by("currency").values_list("currency", "total", "count"))


@dataclass(frozen=True)
class Ask:
    """An order that waits for approval; `total` is what it would cost as far as we know, `allowance` its requester's."""

    order: Order
    total: Decimal
    allowance: spending.Allowance | None
    is_own: bool = False


def requests(*, by, now):
    """An Ask per order that waits for approval, the oldest first, at most MOST; `by` is who looks."""
    orders = approving.waiting().select_related("supplier", "sku__product", "placed_by").defer(
        "sku__raw", "sku__product__raw")[:MOST]
    left = {}
    return [_ask(order, by, now, left) for order in orders]


def request_of(order, *, now):
    """The Ask of one order."""
    return _ask(order, None, now, {})


def _ask(order, by, now, left):
    key = (order.placed_by_id, order.currency)
    if key not in left:
        left[key] = spending.allowance(user=order.placed_by, currency=order.currency, now=now)
    return Ask(order, order.parked_total or order.agreed_total, left[key], by is not None and by.pk == order.placed_by_id)
