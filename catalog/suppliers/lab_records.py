"""The rows of a stand-in's books with their indexes, in memory and, where wanted, in a file as well."""

import threading
from copy import deepcopy
from dataclasses import asdict, is_dataclass, replace
from datetime import datetime
from decimal import Decimal

from .lab_goods import Good, LabDeposit, LabOrder, LedgerRow, Product, Seed
from .lab_store import Store

FINAL = frozenset({"completed", "partially_completed", "failed", "cancelled"})


class Records:
    """Rows and indexes; every write goes through `keep`, so that a file holds what memory holds."""

    def __init__(self, supplier: str, seed: Seed, store: Store | None):
        self.supplier = supplier
        self.lock = threading.RLock()
        self.overdraft_limit = seed.overdraft_limit
        self.reserved = Decimal(0)
        self._seed = seed
        self._store = store
        self._load(seed.orders, seed.ledger, seed.deposits, seed.balances, seed.esims)
        if store is not None and not self._restore():
            self._write_all()

    def forget(self) -> None:
        """Back to the first day, in memory and in the file."""
        seed = self._seed
        self.overdraft_limit, self.reserved = seed.overdraft_limit, Decimal(0)
        self._load(seed.orders, seed.ledger, seed.deposits, seed.balances, seed.esims)
        if self._store is not None:
            self._store.wipe(self.supplier)
            self._write_all()

    def begin_small(self, products: tuple[str, ...], currencies: tuple[str, ...]) -> None:
        """From now on the first day is today: nothing was bought or paid in before, only these `products` are sold, and
        money is held in these `currencies` only.
        """
        seed = self._seed
        for rows in (seed.orders, seed.ledger, seed.deposits):
            rows.clear()
        seed.products = {ref: seed.products[ref] for ref in products}
        seed.goods = {sku: good for sku, good in seed.goods.items() if good.product in seed.products}
        seed.balances = {currency: seed.balances[currency] for currency in currencies}
        self.forget()

    def keep(self, kind: str, key, row) -> None:
        if self._store is not None:
            self._store.put(self.supplier, kind, {key: asdict(row) if is_dataclass(row) else row})

    def add_order(self, order: LabOrder) -> None:
        self.orders[order.id] = order
        self.by_ref.setdefault(order.ref, []).append(order.id)
        if order.key:
            self.by_key[order.key] = order.id
        self.last_number = max(self.last_number, order.number)
        if order.status not in FINAL:
            self.open.add(order.id)

    def note(self, key: str, value: dict) -> None:
        """Keeps what a stand-in remembers beside its orders."""
        self.notes[key] = value
        self.keep("note", key, value)

    def change_good(self, sku: str, **values) -> None:
        with self.lock:
            self.goods[sku] = replace(self.goods[sku], **values)
            self.keep("good", sku, self.goods[sku])

    def change_product(self, ref: str, **values) -> None:
        with self.lock:
            self.products[ref] = replace(self.products[ref], **values)
            self.keep("product", ref, self.products[ref])

    def _load(self, orders, ledger, deposits, balances, esims) -> None:
        self.goods: dict[str, Good] = dict(self._seed.goods)
        self.products: dict[str, Product] = dict(self._seed.products)
        self.orders: dict[str, LabOrder] = {}
        self.by_ref: dict[str, list[str]] = {}
        self.by_key: dict[str, str] = {}
        self.open: set[str] = set()
        self.last_number = 0
        for order in orders:
            self.add_order(_copied(order))
        self.ledger: list[LedgerRow] = list(ledger)
        self.deposits: list[LabDeposit] = [replace(row) for row in deposits]
        self.balances: dict[str, Decimal] = dict(balances)
        self.touched: dict[str, datetime] = {row.currency: row.at for row in ledger}
        self.esims: dict[str, dict] = deepcopy(esims)
        self.notes: dict[str, dict] = {}
        self.first_number, self.history = self.last_number, len(self.ledger)

    def _restore(self) -> bool:
        """Reads the file; False if it holds nothing of this supplier."""
        found = self._store.all(self.supplier, "mark")
        if not found:
            return False
        kinds = ("order", "ledger", "deposit", "esim", "balance")
        read = {kind: self._store.all(self.supplier, kind) for kind in kinds}
        self._load(
            [LabOrder(**row) for row in read["order"].values()],
            [LedgerRow(**row) for row in read["ledger"].values()],
            [LabDeposit(**row) for row in read["deposit"].values()],
            read["balance"],
            read["esim"],
        )
        self.notes = self._store.all(self.supplier, "note")
        self.first_number, self.history = found["first"]
        for sku, row in self._store.all(self.supplier, "good").items():
            self.goods[sku] = Good(**row)
        for ref, row in self._store.all(self.supplier, "product").items():
            self.products[ref] = Product(**{**row, "skus": tuple(row["skus"]), "fields": tuple(row["fields"])})
        return True

    def _write_all(self) -> None:
        put = self._store.put
        put(self.supplier, "mark", {"first": [self.first_number, self.history]})
        put(self.supplier, "order", {row.id: asdict(row) for row in self.orders.values()})
        put(self.supplier, "ledger", {row.number: asdict(row) for row in self.ledger})
        put(self.supplier, "deposit", {row.id: asdict(row) for row in self.deposits})
        put(self.supplier, "balance", self.balances)
        put(self.supplier, "esim", self.esims)


def _copied(order: LabOrder) -> LabOrder:
    """The same order, to be changed without the other. A reset copies hundreds, and `replace` takes five times as long."""
    copy = object.__new__(LabOrder)
    for name in LabOrder.__slots__:
        setattr(copy, name, getattr(order, name))
    copy.delivered = [dict(unit) for unit in order.delivered]
    return copy
