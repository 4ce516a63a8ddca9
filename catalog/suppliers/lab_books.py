"""A stand-in's own truth: what was really bought, charged and delivered, whatever its answers said.

Tests and the control pages read it and move it along; the stand-in itself writes it. Any thread may call anything here.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from .lab_goods import UNLIMITED, LabDeposit, LabOrder, LedgerRow, Product, Seed, rounded
from .lab_records import FINAL
from .lab_sheet import Sheet
from .lab_store import Store

GIVEN_BACK = frozenset({"failed", "cancelled"})
DELIVERED = frozenset({"completed", "partially_completed"})
COMPLETE = {"status": "completed", "delivered": None, "refund": True, "reason": ""}


def nobody(kind: str, row) -> None:
    """Hears what happens in the books as long as nobody else does."""


class NotCovered(Exception):
    """The balance does not cover the charge."""


class Books(Sheet):
    """The truth of one supplier.

    `makes(order, good, serial)` gives one delivered unit. `seconds` and `reads` say when an accepted order ends by
    itself: after so many seconds and so many reads of it, both 0 meaning at once. `told(kind, row)` may be replaced by one
    that wants to hear of each `order` that has ended and each row of `money` that has moved.
    """

    def __init__(self, supplier: str, seed: Seed, *, makes: Callable, seconds=0.0, reads=0, store: Store | None = None):
        self._makes = makes
        self.told = nobody
        self._pace = self.seconds, self.reads = seconds, reads
        super().__init__(supplier, seed, store)

    def reset(self) -> None:
        """Back to the first day; forgets everything bought since."""
        with self.lock:
            self.seconds, self.reads = self._pace
            self.forget()

    # What tests ask.

    def order(self, order_id: str) -> LabOrder:
        return self.orders[order_id]

    def purchases(self, ref: str | None = None) -> list[LabOrder]:
        """Every order really accepted under this reference of ours; without one, all since the first day."""
        with self.lock:
            if ref is not None:
                return [self.orders[order_id] for order_id in self.by_ref.get(ref, ())]
            return [order for order in self.orders.values() if order.number > self.first_number]

    def charges(self, ref: str | None = None) -> list[LedgerRow]:
        """Every charge under this reference; without one, all since the first day."""
        with self.lock:
            rows = [row for row in self.ledger[self.history :] if row.kind == "charge"]
            return rows if ref is None else [row for row in rows if row.ref == ref]

    def codes(self, ref: str) -> list[dict]:
        """The units delivered under this reference."""
        return [unit for order in self.purchases(ref) for unit in order.delivered]

    def balance(self, currency: str) -> Decimal:
        with self.lock:
            return self.balances[currency]

    # What tests and the demo move.

    def pace(self, *, seconds: float = 0.0, reads: int = 0) -> None:
        """From now on orders end after so many seconds and reads."""
        self.seconds, self.reads = float(seconds), int(reads)

    def deposit(self, currency: str, amount, status: str = "posted", method: str = "bank_wire") -> LabDeposit:
        """A deposit of ours there; only a posted one raises the balance."""
        with self.lock:
            number = max((row.id for row in self.deposits), default=1200) + 1
            row = LabDeposit(number, currency, Decimal(amount), method, status, f"WIRE-{number}", _second())
            self.deposits.append(row)
            if status == "posted":
                self.post(number)
            self.keep("deposit", number, row)
            return row

    def post(self, deposit_id: int) -> None:
        """A pending deposit arrives."""
        with self.lock:
            row = next(row for row in self.deposits if row.id == int(deposit_id))
            row.status, row.posted_at = "posted", _second()
            self._move("topup", row.amount, row.currency, method="bank_transfer")
            self.keep("deposit", row.id, row)

    def set_balance(self, currency: str, amount) -> None:
        """The balance becomes this, by a correction in the ledger."""
        with self.lock:
            self._move("correction", Decimal(amount) - self.balances.get(currency, Decimal(0)), currency)

    def set_price(self, sku: str, price) -> None:
        self.change_good(str(sku), price=Decimal(price))

    def set_stock(self, sku: str, stock: int) -> None:
        self.change_good(str(sku), stock=int(stock))

    def set_max_per_order(self, sku: str, most: int) -> None:
        self.change_good(str(sku), max_per_order=int(most))

    def retire(self, product: str, listed: bool = False) -> None:
        """The product goes from every list; with `listed` it stays there but cannot be bought."""
        self.change_product(str(product), is_active=False, is_gone=not listed)

    def restore(self, product: str) -> None:
        self.change_product(str(product), is_active=True, is_gone=False)

    def rename(self, product: str, name: str) -> None:
        self.change_product(str(product), name=name)

    def settle(
        self, order_id: str, status: str, delivered: int | None = None, refund: bool = True, reason: str = "", **told
    ) -> LabOrder:
        """Moves an order to any state now: final words deliver or refund, any other word is only told."""
        with self.lock:
            order = self.orders[str(order_id)]
            order.finish = {"status": status, "delivered": delivered, "refund": refund, "reason": reason, **told}
            order.is_held = status not in FINAL
            self._end(order, datetime.now(UTC))
            return order

    # What the stand-in does, with the lock held.

    def by_idempotency_key(self, key: str) -> LabOrder | None:
        order_id = self.by_key.get(key)
        return None if order_id is None else self.orders[order_id]

    def new_order(self, **values) -> LabOrder:
        return LabOrder(id=str(uuid.uuid4()), number=self.last_number + 1, **values)

    def buy(
        self, order: LabOrder, *, now: datetime, finish: dict | None = None, hold: dict | None = None, at_once=False
    ) -> LabOrder:
        """Charges and keeps the order; with `at_once` it ends in this moment, with `hold` after its `seconds` or never.

        Raises NotCovered with nothing changed.
        """
        before = self.balances.get(order.currency)
        if before is None or (not order.is_test and not self.covers(order, before)):
            raise NotCovered(order.currency)
        order.settles_at, order.reads_left = now + timedelta(seconds=self.seconds), self.reads
        if at_once:
            order.settles_at, order.reads_left = now, 0
        if hold and hold["seconds"] is not None:
            order.settles_at, order.reads_left = now + timedelta(seconds=hold["seconds"]), 0
        order.finish, order.is_held = finish or COMPLETE, hold is not None and hold["seconds"] is None
        order.balance_before = order.balance_after = before
        self.add_order(order)
        if not order.is_test:
            self._move("charge", -order.total, order.currency, order, now)
            order.balance_after = self.balances[order.currency]
        if self.goods[order.sku].stock != UNLIMITED:
            self.set_stock(order.sku, max(0, self.goods[order.sku].stock - order.quantity))
        self.keep("order", order.id, order)
        self._end_if_due(order, now)
        return order

    def covers(self, order: LabOrder, balance: Decimal) -> bool:
        return balance - order.total >= -self.overdraft_limit

    def owed(self, order: LabOrder) -> Decimal:
        """What has to be given back of an order that has ended like this."""
        if order.status in GIVEN_BACK:
            return order.total
        if order.status == "partially_completed":
            return rounded(order.total * (order.quantity - len(order.delivered)) / order.quantity, order.currency)
        return Decimal(0)

    def tick(self, now: datetime) -> None:
        """Ends the orders whose time has come."""
        for order_id in list(self.open):
            self._end_if_due(self.orders[order_id], now)

    def was_read(self, order: LabOrder, now: datetime) -> None:
        """A look at an open order brings its end nearer."""
        if order.id in self.open and not order.is_held:
            order.reads_left = max(0, order.reads_left - 1)
            self._end_if_due(order, now)

    def newest_first(self) -> list[LabOrder]:
        return list(reversed(self.orders.values()))

    def listed(self) -> list[Product]:
        return [product for product in self.products.values() if not product.is_gone]

    # How an order ends.

    def _end_if_due(self, order: LabOrder, now: datetime) -> None:
        if not order.is_held and order.reads_left <= 0 and order.settles_at <= now:
            self._end(order, now)

    def _end(self, order: LabOrder, now: datetime) -> None:
        order.status, order.reason = order.finish["status"], order.finish["reason"]
        if order.status in FINAL:
            self.open.discard(order.id)
            order.finished_at = _second(now)
        else:
            self.open.add(order.id)
            order.finished_at = None
        if order.status in DELIVERED:
            self._deliver(order)
        if order.finish["refund"] and order.status in FINAL:
            self._give_back(order)
        self.keep("order", order.id, order)
        if order.status in FINAL:
            self.told("order", order)

    def _deliver(self, order: LabOrder) -> None:
        wanted = order.quantity
        if order.status == "partially_completed":
            told = order.finish["delivered"]
            wanted = order.quantity // 2 if told is None else int(told)
        for serial in range(len(order.delivered) + 1, wanted + 1):
            order.delivered.append(self._makes(order, self.goods[order.sku], serial))

    def _give_back(self, order: LabOrder) -> None:
        """Refunds what the end asks for, or takes it again when a failed order was delivered after all."""
        due = self.owed(order)
        if order.is_test or due == order.refunded:
            return
        self._move("refund" if due > order.refunded else "correction", due - order.refunded, order.currency, order)
        order.refunded = due

    def _move(self, kind, amount, currency, order: LabOrder | None = None, at=None, method: str = "") -> None:
        balance = self.balances.get(currency, Decimal(0)) + amount
        owner = (order.id, order.ref) if order else ("", "")
        row = LedgerRow(len(self.ledger) + 1, kind, amount, balance, currency, _second(at), *owner, method)
        self.balances[currency], self.touched[currency] = balance, row.at
        self.ledger.append(row)
        self.keep("ledger", row.number, row)
        self.keep("balance", currency, balance)
        self.told("money", row)


def _second(at: datetime | None = None) -> datetime:
    return (at or datetime.now(UTC)).replace(microsecond=0)
