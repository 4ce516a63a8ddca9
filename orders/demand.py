"""What parked orders need of their accounts, in the order in which they would go, and what a deposit would let go."""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Count, Min

from catalog.money import MoneyCoalesce, MoneySum, plain
from funding import reserving
from funding.models import Account

from . import parking
from .models import Attempt, Order
from .models.attempt import State
from .models.parking import ParkReason

MOST = 200
NEED = MoneyCoalesce("parked_total", "agreed_total")


@dataclass(frozen=True)
class Waiting:
    """What waits of one order. `goes` says whether the deposit that was asked about lets all of it go."""

    order: Order
    reason: str
    text: str
    parked_at: object
    need: Decimal
    agreed: Decimal
    parts: int
    goes: bool = False

    @property
    def is_dearer(self):
        return self.need > self.agreed


@dataclass(frozen=True)
class Forecast:
    """A `deposit` lets `orders` go, which cost `spent`; `left` stays."""

    deposit: Decimal
    orders: int
    spent: Decimal
    left: Decimal


@dataclass(frozen=True)
class Demand:
    """What the parked orders of one account need. `spendable` is None where its balance was never read."""

    account: Account
    count: int
    need: Decimal
    oldest: object
    spendable: Decimal | None
    waiting: tuple = ()
    forecast: Forecast | None = None

    @property
    def short(self):
        """How much a deposit must bring so that all of them may go; None where the balance is not known."""
        return None if self.spendable is None else max(self.need - self.spendable, Decimal(0))

    @property
    def is_disputed(self):
        """Whether the supplier refuses some for want of money although our reading covers all."""
        return self.short == 0 and any(one.order.parked_reason == ParkReason.FUNDS for one in self.waiting)

    @property
    def short_digits(self):
        """The same to be typed: no separators, no currency."""
        return plain(self.short, self.account.currency)


def of_accounts(*, account=None, reason=None):
    """A Demand per account that has parked orders, the longest waiting first; only of `account` (an id), and of those that
    wait for `reason`, if given.
    """
    accounts = Account.objects.select_related("supplier")
    if account is not None:
        accounts = accounts.filter(pk=account)
    parked = _parked() if reason is None else _parked().filter(parked_reason=reason)
    needs = {
        (row["supplier"], row["currency"]): row
        for row in parked.values("supplier", "currency").annotate(
            count=Count("order", distinct=True), need=MoneySum(NEED), oldest=Min("parked_at")).order_by()
    }
    demands = [
        Demand(account=one, spendable=reserving.spendable(one), count=row["count"], need=row["need"], oldest=row["oldest"])
        for one in accounts if (row := needs.get((one.supplier_id, one.currency)))
    ]
    return sorted(demands, key=lambda demand: demand.oldest)


def with_orders(*, now, account=None, deposit=None):
    """As `of_accounts`, with at most MOST orders; with a Forecast for the one `account` (an id) that gets `deposit`."""
    attempts = defaultdict(list)
    parked = _parked().select_related("order__sku__product", "order__supplier").defer(
        "sealed_body", "order__sku__raw", "order__sku__product__raw").annotate(need=NEED)
    for attempt in parked.order_by(*parking.IN_TURN)[:MOST]:
        attempts[attempt.supplier_id, attempt.currency].append(attempt)
    return [
        _listed(demand, attempts[demand.account.supplier_id, demand.account.currency], now,
                deposit if demand.account.pk == account else None)
        for demand in of_accounts()
    ]


def _parked():
    """Parts that wait for anything but approval, which has a queue of its own."""
    return Attempt.objects.filter(state=State.PARKED).exclude(parked_reason=ParkReason.APPROVAL)


def _listed(demand, attempts, now, deposit):
    by_order = defaultdict(list)
    for attempt in attempts:
        by_order[attempt.order_id].append(attempt)
    going = _going(demand, attempts, now, deposit)
    waiting = tuple(
        Waiting(order=parts[0].order, reason=parts[0].get_parked_reason_display(), text=parts[0].reason,
                parked_at=parts[0].parked_at, need=sum(part.need for part in parts),
                agreed=sum(part.agreed_total for part in parts), parts=len(parts), goes=going.issuperset(parts))
        for parts in by_order.values())
    if deposit is None:
        return replace(demand, waiting=waiting)
    spent = sum((attempt.need for attempt in going), Decimal(0))
    return replace(demand, waiting=waiting, forecast=Forecast(
        deposit=deposit, orders=sum(one.goes for one in waiting), spent=spent,
        left=(demand.spendable or Decimal(0)) + deposit - spent))


def _going(demand, attempts, now, deposit):
    """The parts that the deposit lets go by themselves: in turn, and none past one that is too large."""
    going, left = set(), (demand.spendable or Decimal(0)) + (deposit or Decimal(0))
    for attempt in attempts if deposit is not None else ():
        if attempt.parked_reason != ParkReason.FUNDS or attempt.parked_at <= now - parking.RELEASE_BY_ITSELF_FOR:
            continue
        if attempt.need > left:
            break
        going.add(attempt)
        left -= attempt.need
    return going
