"""What a supplier can be asked. Pages and jobs ask for a port, never for a supplier's name.

Every method raises only `errors.SupplierError`s. Reads may be repeated freely; whether a purchase may be sent again is
told by `DeskTraits`, not by the client.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from .esims import EsimReading
from .notices import Notice
from .slicing import Unread
from .traits import DeskTraits
from .transactions import TransactionQuery, TransactionReply
from .types import (
    BalanceReading,
    CategoryRow,
    Entry,
    Health,
    OrderRequest,
    Page,
    PhoneMatch,
    Placement,
    Price,
    ProductRow,
    Quote,
    TypeRow,
)


@runtime_checkable
class CatalogSource(Protocol):
    """The goods on offer. Lists are walked with `cursor`: None first, then each page's `next_cursor`.

    What a supplier sends whole in one element may come Unread, so that what is known already costs nothing.
    """

    def types(self) -> Sequence[TypeRow]: ...

    def categories(self) -> Sequence[CategoryRow]: ...

    def products(self, cursor: str | None) -> Page[ProductRow | Unread]: ...

    def prices(self, cursor: str | None) -> Page[Price]:
        """The separate price list; one empty page where prices come with the products."""
        ...


@runtime_checkable
class PriceList(Protocol):
    """Prices and stock in a list of their own, which is read between whole walks. The connection says how often, in
    minutes, in its setting `price_minutes`.
    """

    has_price_list: bool

    def prices(self, cursor: str | None) -> Page[Price]: ...


@runtime_checkable
class Quoter(Protocol):
    """Fresh price and stock of one purchase."""

    def quote(self, request: OrderRequest) -> Quote: ...


@runtime_checkable
class OrderDesk(Protocol):
    """Buying and tracking.

    `compose` gives the exact bytes that will be sent; the same request gives the same bytes. `place` sends just those
    bytes, once; whatever carries a time carries `signed_at`, the time of the claim, so that a copy held up on its way
    dies with the claim. `find` gives every order of goods such as `sku_ref` whose reference equals `ref` exactly, after
    walking all pages that could hold it; an empty list means the walk was complete and found none.
    """

    traits: DeskTraits

    def compose(self, request: OrderRequest) -> bytes: ...

    def place(self, request: OrderRequest, body: bytes, *, signed_at: datetime) -> Placement: ...

    def fetch(self, order_id: str) -> Placement: ...

    def find(self, ref: str, *, sku_ref: str, since: datetime) -> Sequence[Placement]: ...

    def read_placement(self, body: bytes) -> Placement:
        """What a recorded answer of `place` or `fetch` means; `Misread` if it is not one."""
        ...


@runtime_checkable
class OrderBook(Protocol):
    """Every order of the account, whoever placed it and however; the search of last resort."""

    def orders(self, cursor: str | None) -> Page[Placement]: ...


@runtime_checkable
class Till(Protocol):
    """Balances, one reading per currency."""

    def balances(self) -> Sequence[BalanceReading]: ...


@runtime_checkable
class Statement(Protocol):
    """The supplier's own books: deposits, transactions or both, newest first."""

    def entries(self, cursor: str | None) -> Page[Entry]: ...


@runtime_checkable
class Probe(Protocol):
    """The cheapest question that shows the supplier is alive."""

    def probe(self) -> Health: ...


@runtime_checkable
class PhoneLookup(Protocol):
    """Which products serve a phone number, the best guess first; none where the supplier knows none.

    `number` is in E.164, and goes into the order in exactly this form.
    """

    def look_up_phone(self, number: str) -> Sequence[PhoneMatch]: ...


@runtime_checkable
class EsimDesk(Protocol):
    """What became of eSIMs sold earlier. A top-up is an order like any other, whose `OrderRequest.iccid` names the eSIM."""

    def esim_status(self, iccid: str) -> EsimReading: ...


@runtime_checkable
class ReceiptDesk(Protocol):
    """To which e-mail address the supplier sends its own receipt about one order, for orders that are not final yet."""

    def takes_receipt_email(self, order_id: str) -> bool:
        """Whether an order of this id can have one at all. Asks nobody."""
        ...

    def set_receipt_email(self, order_id: str, email: str) -> None: ...


@runtime_checkable
class Reference(Protocol):
    """Reads that no job needs, for a person who looks into something. `reads` maps an operation to its path.

    What comes is the supplier's own JSON with exact decimals. A path with `{id}` needs `number`.
    """

    reads: Mapping[str, str]

    def read_reference(self, operation: str, number: str | None = None) -> object: ...


@runtime_checkable
class TransactionDesk(Protocol):
    """How an earlier transaction on a player's wallet ended. Asking moves nothing and may be repeated.

    `compose_query` gives the exact bytes of the question, and raises `Invalid` (its `code` names the field) for one that
    cannot be asked, before anything is sent.
    """

    def compose_query(self, query: TransactionQuery) -> bytes: ...

    def transaction_status(self, query: TransactionQuery) -> TransactionReply: ...


@runtime_checkable
class Notices(Protocol):
    """What the supplier tells by itself, at an address of ours. Nothing is asked, so no client is needed for it.

    `notice_secret` names the credential that signs. `read_notice` raises only `notices.RefusedNotice`s; any of `secrets`
    may have signed; `headers` is looked up whatever the case of the letters; `body` is what came, byte by byte.
    """

    notice_secret: str

    @staticmethod
    def read_notice(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> Notice: ...
