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

MOST = 80  # on a page
FEWEST = 5  # of each account, however many there are
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
    """What the parked orders of one account need. `spendable` is None where its balance was never read.

    `waiting` are those on this page; `older` and `newer` are where the pages beside it start, None where there is none.
    """

    account: Account
    count: int
    need: Decimal
    oldest: object
    spendable: Decimal | None
    waiting: tuple = ()
    older: int | None = None
    newer: int | None = None
    forecast: Forecast | None = None

    @property
    def short(self):
        """How much a deposit must bring so that all of them may go; None where the balance is not known."""
        return None if self.spendable is None else max(self.need - self.spendable, Decimal(0))

    @property
    def buys(self):
        """Whether anything goes out there by itself at present."""
        return self.account.supplier.is_active and not self.account.supplier.is_paused

    @property
    def is_disputed(self):
        """Whether the supplier refuses some for want of money although our reading covers all."""
        return self.short == 0 and any(one.order.parked_reason == ParkReason.FUNDS for one in self.waiting)

    @property
    def older_query(self):
        return "" if self.older is None else f"?only={self.account.pk}&start={self.older}"

    @property
    def newer_query(self):
        return "" if self.newer is None else f"?only={self.account.pk}&start={self.newer}"

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


def with_orders(*, now, account=None, deposit=None, only=None, start=0):
    """As `of_accounts`, with the first of their parts in turn, MOST in all or so; with a Forecast for the one `account` (an
    id) that gets `deposit`. With `only` (the id of an account) just that one, MOST of its parts from the `start`th on.
    """
    demands = of_accounts(account=only)
    each = MOST if only else max(MOST // max(len(demands), 1), FEWEST)
    return [_listed(demand, start, each, now, deposit if demand.account.pk == account else None) for demand in demands]


def _parked():
    """Parts that wait for anything but approval, which has a queue of its own."""
    return Attempt.objects.filter(state=State.PARKED).exclude(parked_reason=ParkReason.APPROVAL)


def _queue(demand):
    """What waits of one account, in turn."""
    account = demand.account
    return _parked().filter(supplier=account.supplier_id, currency=account.currency).annotate(need=NEED).order_by(
        *parking.IN_TURN)


def _listed(demand, start, most, now, deposit):
    parts = _queue(demand).select_related("order__sku__product", "order__supplier").defer(
        "sealed_body", "order__sku__raw", "order__sku__product__raw")[start:start + most + 1]
    shown, has_more = list(parts)[:most], len(parts) > most
    going = _going(demand, now, deposit)
    by_order = defaultdict(list)
    for attempt in shown:
        by_order[attempt.order_id].append(attempt)
    waiting = tuple(
        Waiting(order=parts[0].order, reason=parts[0].get_parked_reason_display(), text=parts[0].reason,
                parked_at=parts[0].parked_at, need=sum(part.need for part in parts),
                agreed=sum(part.agreed_total for part in parts), parts=len(parts),
                goes=going.keys() >= {part.pk for part in parts})
        for parts in by_order.values())
    older, newer = start + most if has_more else None, max(start - most, 0) if start else None
    forecast = None if deposit is None else _forecast(demand, going, deposit)
    return replace(demand, waiting=waiting, older=older, newer=newer, forecast=forecast)


def _going(demand, now, deposit):
    """The parts that the deposit lets go by themselves, by id, with what each costs: in turn, none past one too large."""
    going, left = {}, (demand.spendable or Decimal(0)) + (deposit or Decimal(0))
    if deposit is None or not demand.buys:
        return going
    by_itself = _queue(demand).filter(
        parked_reason=ParkReason.FUNDS, parked_at__gt=now - parking.RELEASE_BY_ITSELF_FOR)
    for pk, need in by_itself.values_list("pk", "need"):
        if need > left:
            break
        going[pk] = need
        left -= need
    return going


def _forecast(demand, going, deposit):
    left_behind = _queue(demand).exclude(pk__in=going).values("order")
    orders = Attempt.objects.filter(pk__in=going).exclude(order__in=left_behind).values("order").distinct().count()
    spent = sum(going.values(), Decimal(0))
    return Forecast(deposit=deposit, orders=orders, spent=spent, left=(demand.spendable or Decimal(0)) + deposit - spent)
