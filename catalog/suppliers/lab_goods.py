"""What stands in a stand-in's books: goods, orders, ledger rows, deposits. Money is Decimal, times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

MINOR_DIGITS = {"JPY": 0, "KWD": 3}
UNLIMITED = 9999


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the smallest coin of the currency."""
    return amount.quantize(Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2)), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Good:
    """The smallest thing that can be bought. An open denomination has no price but `rate` and markups, or a margin.

    `group` is its category inside the product, `detail` whatever else the supplier tells of it.
    """

    sku: str
    product: str
    name: str
    currency: str
    price: Decimal | None = None
    face: Decimal | None = None
    face_currency: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    step: Decimal | None = None
    stock: int = UNLIMITED
    max_per_order: int = 10
    margin: Decimal = Decimal(1)
    markup_percent: Decimal = Decimal(0)
    markup_fixed: Decimal = Decimal(0)
    rate: Decimal = Decimal(1)
    group: str = ""
    detail: dict = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.price is None or self.low is not None


@dataclass(frozen=True, slots=True)
class Product:
    """What is listed. `kind` is the supplier's own word for its type."""

    ref: str
    name: str
    kind: str
    category: int
    region: str
    description: str = ""
    description_ru: str = ""
    image: str = ""
    fields: tuple[dict, ...] = ()
    skus: tuple[str, ...] = ()
    is_active: bool = True
    is_gone: bool = False


@dataclass(slots=True)
class LabOrder:
    """A purchase that really happened. `status` is in the supplier's words; `finish` is how it will end by itself."""

    id: str
    number: int
    ref: str
    sku: str
    product: str
    quantity: int
    total: Decimal
    currency: str
    status: str
    created_at: datetime
    key: str = ""
    digest: str = ""
    amount: Decimal | None = None
    fields: dict = field(default_factory=dict)
    metadata: dict | None = None
    iccid: str = ""
    is_test: bool = False
    balance_before: Decimal = Decimal(0)
    balance_after: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    delivered: list[dict] = field(default_factory=list)
    finish: dict = field(default_factory=dict)
    settles_at: datetime | None = None
    reads_left: int = 0
    is_held: bool = False
    finished_at: datetime | None = None
    reason: str = ""


@dataclass(slots=True)
class LedgerRow:
    """One movement of money: `charge` is negative, `topup` and `refund` are positive."""

    number: int
    kind: str
    amount: Decimal
    balance_after: Decimal
    currency: str
    at: datetime
    order_id: str = ""
    ref: str = ""
    method: str = ""


@dataclass(slots=True)
class LabDeposit:
    id: int
    currency: str
    amount: Decimal
    method: str
    status: str
    external_ref: str | None
    created_at: datetime
    posted_at: datetime | None = None


@dataclass(slots=True)
class Seed:
    """What books start with."""

    products: dict[str, Product]
    goods: dict[str, Good]
    balances: dict[str, Decimal]
    orders: list[LabOrder] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    deposits: list[LabDeposit] = field(default_factory=list)
    esims: dict[str, dict] = field(default_factory=dict)
    overdraft_limit: Decimal = Decimal(0)
