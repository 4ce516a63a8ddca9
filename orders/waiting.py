"""Orders that wait: those whose outcome nobody knows, and those that are parked, by the account they need."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce

from funding import reserving
from funding.models import Account

from . import approving, spending
from .models import Attempt, Order
from .models.attempt import State
from .models.order import Status

MOST = 200


@dataclass(frozen=True)
class Demand:
    """What the parked orders of one account need. `spendable` is None where its balance was never read."""

    account: Account
    count: int
    need: Decimal
    oldest: object
    spendable: Decimal | None
    orders: tuple = ()

    @property
    def short(self):
        """How much a deposit must bring so that all of them may go; None where the balance is not known."""
        return None if self.spendable is None else max(self.need - self.spendable, Decimal(0))


def unknown_attempts():
    """Attempts whose outcome is unknown, the oldest first, at most MOST of them."""
    return list(Attempt.objects.filter(state=State.UNKNOWN).select_related(
        "order__supplier", "order__sku__product").defer(
        "sealed_body", "order__sku__raw", "order__sku__product__raw").order_by("unknown_since", "pk")[:MOST])


def money_at_risk():
    """(currency, sum, number of attempts) of everything whose outcome is unknown."""
    return list(Attempt.objects.filter(state=State.UNKNOWN).values("currency").annotate(
        total=Sum("agreed_total"), count=Count("pk")).order_by("currency").values_list("currency", "total", "count"))


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


def parked_demand(*, account=None, with_orders=False):
    """A Demand per account that has parked orders, the longest waiting first; only of `account` (an id) if given."""
    parked = Order.objects.filter(status=Status.PARKED)
    accounts = Account.objects.select_related("supplier")
    if account is not None:
        accounts = accounts.filter(pk=account)
    needs = {
        (row["supplier"], row["currency"]): row
        for row in parked.values("supplier", "currency").annotate(
            count=Count("pk"), need=Sum(Coalesce("parked_total", "agreed_total")), oldest=Min("parked_at")).order_by()
    }
    orders = _by_account(parked) if with_orders else {}
    demands = [_demand(one, needs, orders) for one in accounts if (one.supplier_id, one.currency) in needs]
    return sorted(demands, key=lambda demand: demand.oldest)


def _demand(account, needs, orders):
    key = (account.supplier_id, account.currency)
    row = needs[key]
    return Demand(
        account=account, count=row["count"], need=row["need"], oldest=row["oldest"],
        spendable=reserving.spendable(account), orders=tuple(orders.get(key, ())))


def _by_account(parked):
    grouped = defaultdict(list)
    for order in parked.select_related("sku__product", "supplier").defer(
            "sku__raw", "sku__product__raw").order_by("parked_at", "pk")[:MOST]:
        grouped[order.supplier_id, order.currency].append(order)
    return grouped
