"""What the ports speak: frozen values in our own words, with exact decimals and aware UTC times.

`raw` always holds what the supplier sent, decoded with exact decimals and otherwise untouched, so that a field we do not
map today can be read tomorrow. No repr shows a code or what a buyer entered. Amounts are in major units of the
currency that stands beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

Row = TypeVar("Row")


class ProductKind(StrEnum):
    """What sort of good a product is; decides which fields an order needs."""

    VOUCHER = "voucher"
    TOP_UP = "top_up"
    TRANSFER = "transfer"
    RECHARGE = "recharge"
    ESIM = "esim"
    OTHER = "other"
    UNKNOWN = "unknown"


class Denomination(StrEnum):
    """Whether a SKU has one fixed face value, or the buyer names the amount."""

    FIXED = "fixed"
    OPEN = "open"


class Outcome(StrEnum):
    """How far the supplier got with an order. An unknown word becomes UNKNOWN, never FAILED."""

    PENDING = "pending"
    PARTIAL = "partial"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class EntryKind(StrEnum):
    """Which list of the supplier a ledger entry came from."""

    DEPOSIT = "deposit"
    TRANSACTION = "transaction"


class EntryStatus(StrEnum):
    """Only POSTED money counts."""

    POSTED = "posted"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list. `next_cursor` is opaque and None on the last page; `total` is None where it is not told."""

    items: tuple[Row, ...]
    next_cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class InputField:
    """An input the buyer has to give. `kind` is text, email, digits, phone or choice."""

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class TypeRow:
    ref: str
    code: str
    name: str
    kind: ProductKind
    raw: object = None


@dataclass(frozen=True, slots=True)
class CategoryRow:
    ref: str
    name: str
    parent_ref: str = ""
    attributes: tuple[Mapping, ...] = ()
    raw: object = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A SKU: the smallest thing that can be bought. `stock` and `max_per_order` are None where the supplier sets no limit.

    FIXED: `price` is what one unit costs, in `currency`. OPEN: the buyer names a face amount in `face_currency` between
    `min_amount` and `max_amount` in multiples of `step` (None = not stated); `markup_percent`, `markup_fixed` and `rate`
    allow an estimate where the supplier gives them. `category` is what the supplier files this SKU under within its
    product, such as Airtime or Data; where there is one, it is part of the order.
    """

    ref: str
    product_ref: str
    name: str
    denomination: Denomination
    currency: str = ""
    price: Decimal | None = None
    face_value: Decimal | None = None
    face_currency: str = ""
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    step: Decimal | None = None
    stock: int | None = None
    max_per_order: int | None = None
    markup_percent: Decimal | None = None
    markup_fixed: Decimal | None = None
    rate: Decimal | None = None
    category: str = ""
    raw: object = None


@dataclass(frozen=True, slots=True)
class Price:
    """A row of a separate price list; it overrides the same fields of the offer with that `sku_ref`."""

    sku_ref: str
    denomination: Denomination
    currency: str
    price: Decimal | None = None
    face_currency: str = ""
    stock: int | None = None
    max_per_order: int | None = None
    markup_percent: Decimal | None = None
    markup_fixed: Decimal | None = None
    rate: Decimal | None = None
    raw: object = None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """`description` may be HTML as the supplier wrote it: it becomes plain text before it is shown."""

    ref: str
    name: str
    kind: ProductKind
    type_ref: str = ""
    category_ref: str = ""
    region: str = ""
    description: str = ""
    image_url: str = ""
    is_active: bool = True
    fields: tuple[InputField, ...] = ()
    offers: tuple[Offer, ...] = ()
    raw: object = None


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What we want to buy. `ref` is ours, minted once per attempt: at most 36 printable ASCII characters.

    `amount` (face amount, major units of `face_currency`) is given for OPEN denominations and None for FIXED ones;
    `category` is that of the offer. With `iccid` the package is added to that eSIM; without, a new one is sold.
    """

    ref: str
    sku_ref: str
    product_ref: str
    kind: ProductKind
    quantity: int = 1
    currency: str = ""
    amount: Decimal | None = None
    face_currency: str = ""
    category: str = ""
    iccid: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would cost now. `total` is what to set aside; with `is_estimate` the supplier may charge otherwise.

    `stock` and `max_per_order` are None where unlimited or not told; `is_available` is false where it cannot be bought now.
    """

    sku_ref: str
    total: Decimal
    currency: str
    unit_price: Decimal | None
    is_estimate: bool
    fetched_at: datetime
    is_available: bool = True
    stock: int | None = None
    max_per_order: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivered unit. `code` is the secret the buyer needs, '' where the supplier only confirms.

    `details` holds the remaining delivered fields, by the supplier's names, as text; they may be secret too.
    """

    code: str = field(repr=False)
    serial: str = field(default="", repr=False)
    expires_on: date | None = None
    details: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Placement:
    """An order as the supplier tells it. None or '' means the supplier did not say."""

    order_id: str
    ref: str
    outcome: Outcome
    word: str
    total: Decimal | None = None
    currency: str = ""
    quantity: int | None = None
    sku_ref: str = ""
    deliveries: tuple[Delivery, ...] = ()
    reason: str = ""
    is_test: bool = False
    balance_after: Decimal | None = None
    created_at: datetime | None = None
    finished_at: datetime | None = None
    raw: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """What an account holds. `available` is what can be spent now, overdraft included."""

    currency: str
    balance: Decimal
    available: Decimal
    reserved: Decimal = Decimal(0)
    overdraft_limit: Decimal = Decimal(0)
    allow_overdraft: bool = False
    is_overdrafted: bool = False
    supplier_updated_at: datetime | None = None
    raw: object = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the supplier's own books. `key` is stable over re-reads; `amount` is signed: money out is negative."""

    key: str
    kind: EntryKind
    word: str
    status: EntryStatus
    amount: Decimal
    currency: str
    occurred_at: datetime
    posted_at: datetime | None = None
    balance_after: Decimal | None = None
    order_id: str = ""
    method: str = ""
    external_ref: str = ""
    raw: object = None


@dataclass(frozen=True, slots=True)
class PhoneMatch:
    """A product that serves a phone number. `is_best` marks the supplier's own guess; the others are alternatives."""

    product_ref: str
    name: str
    region: str = ""
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Answer of a probe that came back; a probe that does not come back raises a SupplierError."""

    healthy: bool
    detail: str
