"""The books of the Octopus Cards stand-in: wallets in several currencies, orders of three verticals, eSIMs."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ..lab_books import GIVEN_BACK, Books
from ..lab_goods import Good, LabOrder, LedgerRow, Seed
from ..lab_history import Plan, lived
from ..lab_sheet import Act
from ..lab_store import Store
from . import lab_catalog
from .lab_units import make_unit

WALLETS = {"USD": 3, "EUR": 4, "GBP": 5, "INR": 6, "AED": 7}
POSTPAID = frozenset({"AED"})
DEFAULT_CURRENCY = "USD"
FIRST_ORDER = {"topup": 9_700_000, "voucher": 40_000, "esim": 70_000}
FRACTION = Decimal("0.0001")
PLANS = (
    Plan("USD", Decimal("2812.4405"), 70, Decimal("1500.00"), floor=Decimal(900)),
    Plan("EUR", Decimal("642.10"), 14, Decimal("400.00")),
    Plan("GBP", Decimal("41.75"), 10, Decimal("250.00")),
    Plan("INR", Decimal("38450.00"), 30, Decimal("25000.00"), floor=Decimal(5000)),
    Plan("AED", Decimal("1240.50"), 12, Decimal("1000.00")),
)


class OctopusBooks(Books):
    """Amounts have four decimals; a postpaid wallet goes below zero without a limit; what was delivered is not refunded."""

    def new_order(self, **values) -> LabOrder:
        number = self.last_number + 1
        return LabOrder(id=_order_id(number, self.goods[values["sku"]]), number=number, **values)

    def covers(self, order: LabOrder, balance: Decimal) -> bool:
        return order.currency in POSTPAID or super().covers(order, balance)

    def owed(self, order: LabOrder) -> Decimal:
        if order.status not in GIVEN_BACK:
            return Decimal(0)
        missing = order.total * (order.quantity - len(order.delivered)) / order.quantity
        return missing.quantize(FRACTION, ROUND_HALF_UP)

    def acts(self) -> list[Act]:
        return [
            *super().acts(),
            Act("install", "Install an eSIM", {"order_id": ""}),
            Act("expire", "Let an eSIM expire", {"order_id": ""}),
        ]

    def install(self, order_id: str) -> dict:
        """The customer installs the eSIM: from now on it is active and its activation code is told no more."""
        now = datetime.now(UTC)
        return self._live(order_id, {"status": "ACTIVE", "installed_at": now, "activated_at": now})

    def expire(self, order_id: str) -> dict:
        return self._live(order_id, {"status": "EXPIRED"})

    def _live(self, order_id: str, change: dict) -> dict:
        with self.lock:
            if "iccid" not in self.orders[str(order_id)].delivered[0]:
                raise ValueError(f"order {order_id} has no eSIM")
            self.esims[str(order_id)] = {**self.esims.get(str(order_id), {}), **change}
            self.keep("esim", str(order_id), self.esims[str(order_id)])
            return self.esims[str(order_id)]


def open_books(now: datetime, seconds: float, store: Store | None) -> OctopusBooks:
    """Top-ups and large voucher orders end after so many seconds, with 0 at the first look."""
    products, goods = lab_catalog.build()
    seed = Seed(products, goods, {plan.currency: plan.ends_with for plan in PLANS})
    lived(seed, list(PLANS), now, makes=make_unit, cost=lambda good: good.price, order_id=_order_id)
    refused = LedgerRow(
        len(seed.ledger) + 1, "failed", Decimal(-25), seed.balances["USD"], "USD",
        now.replace(microsecond=0) - timedelta(hours=2),
    )  # fmt: skip
    seed.ledger.append(refused)  # such a row leaves the balance as it was
    return OctopusBooks(
        "octopus_cards", seed, makes=make_unit, seconds=seconds, reads=0 if seconds else 1, store=store
    )


def _order_id(number: int, good: Good) -> str:
    return str(FIRST_ORDER[good.product.partition("/")[0]] + number)
