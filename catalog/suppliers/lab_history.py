"""Sixty days of purchases and deposits that lead, row by row, to the balances a stand-in starts with."""

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from .lab_goods import Good, LabDeposit, LabOrder, LedgerRow, Seed

DAYS = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """One account's past: the balance it ends with, purchases in 60 days, the usual deposit and the lowest balance."""

    currency: str
    ends_with: Decimal
    purchases: int
    deposit: Decimal
    floor: Decimal = Decimal(0)


@dataclass(slots=True)
class _Move:
    """A movement while the past is worked out; the earliest of equal times comes first."""

    at: datetime
    amount: Decimal
    balance_after: Decimal
    currency: str
    good: Good | None = None
    total: Decimal = Decimal(0)


def lived(seed: Seed, plans: list[Plan], now: datetime, *, makes: Callable, cost: Callable, order_id=None) -> Seed:
    """Fills the seed with the past of each plan. `cost(good)` is what one unit was charged.

    `order_id(number, good)` gives an order its id; left out, it is a UUID.
    """
    moves = sorted((move for plan in plans for move in _past(seed, plan, now, cost)), key=lambda move: move.at)
    for number, move in enumerate(moves, 1):
        order = _order(len(seed.orders) + 1, move, makes, order_id or _uuid) if move.good else None
        if order:
            seed.orders.append(order)
        else:
            seed.deposits.append(_deposit(1201 + len(seed.deposits), move))
        kind, method = ("charge", "") if order else ("topup", "bank_transfer")
        owner = (order.id, order.ref) if order else ("", "")
        seed.ledger.append(
            LedgerRow(number, kind, move.amount, move.balance_after, move.currency, move.at, *owner, method)
        )
    return seed


def _past(seed: Seed, plan: Plan, now: datetime, cost: Callable) -> Iterator[_Move]:
    """Walks back in time from the balance of today, so that every row fits the next."""
    chance = random.Random(f"{plan.currency}/{plan.ends_with}")
    goods = [good for good in seed.goods.values() if not good.is_open and _buys(good, plan)]
    balance, at = plan.ends_with, now.replace(microsecond=0) - timedelta(hours=3)
    step = timedelta(days=DAYS) / (plan.purchases + 1)
    for _ in range(plan.purchases):
        at -= step * chance.uniform(0.6, 1.35)
        at = at.replace(microsecond=0)
        good = chance.choice(goods)
        total = cost(good)
        yield _Move(at, -total, balance, plan.currency, good, total)
        balance += total
        if balance - plan.deposit > plan.floor + plan.deposit / 10:
            at = (at - step / 4).replace(microsecond=0)
            yield _Move(at, plan.deposit, balance, plan.currency)
            balance -= plan.deposit


def _buys(good: Good, plan: Plan) -> bool:
    return good.currency == plan.currency and good.price * 4 < plan.deposit


def _uuid(number: int, good: Good) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{good.currency}/{good.sku}"))


def _order(number: int, move: _Move, makes: Callable, order_id: Callable) -> LabOrder:
    order = LabOrder(
        id=order_id(number, move.good),
        number=number, ref=f"PAST-{number:05d}", sku=move.good.sku, product=move.good.product, quantity=1,
        total=move.total, currency=move.currency, status="completed", created_at=move.at, key=f"past-{number:05d}",
        digest="-", balance_before=move.balance_after + move.total, balance_after=move.balance_after,
        finished_at=move.at + timedelta(seconds=20 + number % 50),
    )  # fmt: skip
    order.delivered.append(makes(order, move.good, 1))
    return order


def awaited(seed: Seed, currency: str, amount: Decimal, at: datetime) -> LabDeposit:
    """A deposit that was sent and has not arrived."""
    number = 1201 + len(seed.deposits)
    return LabDeposit(number, currency, amount, "bank_wire", "pending", f"WIRE-{at:%Y-%m-%d}-{currency}", at)


def _deposit(number: int, move: _Move) -> LabDeposit:
    return LabDeposit(
        number, move.currency, move.amount, "bank_wire", "posted", f"WIRE-{move.at:%Y-%m-%d}-{move.currency}",
        move.at - timedelta(hours=20), move.at,
    )  # fmt: skip
