"""What Plexy Gate's answers mean."""

from decimal import ROUND_UP, Decimal

import msgspec

from ..decoding import currency, flag, ident, moment, money, need, price, record, records, text, whole
from ..errors import Duplicate, Invalid, Misread, Missing, NotEnoughFunds, Unauthorised
from ..goods import deliveries
from ..judging import Rule
from ..types import (
    BalanceReading,
    CategoryRow,
    Denomination,
    Entry,
    EntryKind,
    EntryStatus,
    Offer,
    Outcome,
    Page,
    Placement,
    ProductKind,
    ProductRow,
    Quote,
    TypeRow,
)
from .accounts import input_fields

KINDS = {
    "redeem_card": ProductKind.VOUCHER,
    "direct_transfer": ProductKind.TRANSFER,
    "direct_top_up": ProductKind.TOP_UP,
}
OUTCOMES = {"pending": Outcome.PENDING, "completed": Outcome.COMPLETED, "failed": Outcome.FAILED}
ENTRY_STATUSES = {"posted": EntryStatus.POSTED, "pending": EntryStatus.PENDING}
NOT_GOODS = ("vendor_order_id",)  # the vendor's own number of the order, for support
CENT = Decimal("0.01")

RULES = (
    Rule("purchase", (400, 402, 409, 422), "insufficient_(balance|funds)", NotEnoughFunds,
         "The balance at the supplier does not cover this order."),
    # 409 is a key that is known or still in progress; the same may hide behind other words of the same vendor.
    Rule("purchase", (409,), "", Duplicate, "The supplier knows our reference already."),
    Rule("purchase", (400, 422), "duplicate|idempotency|in_use|in_progress|already", Duplicate,
         "The supplier knows our reference already."),
    Rule("purchase", (400, 422), "", Invalid, "The supplier refuses this order as it is."),
    Rule("purchase", (404,), "product", Invalid, "The supplier does not sell this product."),
    Rule("purchase", (403, 404), "", Unauthorised, "The supplier does not let this account order."),
    Rule("any", (401,), "", Unauthorised, "The supplier does not accept the API key.", needs_words=False),
    Rule("read", (403,), "", Unauthorised, "The supplier does not let this account read that.", needs_words=False),
    Rule("read", (404,), "", Missing, "The supplier does not know this object.", needs_words=False),
    Rule("read", (400, 422), "", Invalid, "The supplier refuses the question as it was asked."),
)


def read_types(body):
    """The product types: a bare array in the contract, an envelope tolerated."""
    return tuple(TypeRow(
        ref=need(ident(node, "id"), "type id"), code=text(node, "code", longest=60), name=text(node, "name", longest=200),
        kind=KINDS.get(node.get("code") if isinstance(node.get("code"), str) else "", ProductKind.UNKNOWN), raw=node,
    ) for node in rows(body))


def read_categories(body):
    return tuple(CategoryRow(
        ref=need(ident(node, "id"), "category id"), name=text(node, "name", longest=200) or ident(node, "id"), raw=node,
    ) for node in rows(body))


def rows(body):
    """The rows of a list in either of its forms."""
    return records(body.get("items") if isinstance(body, dict) else body, "list of items")


def read_page(body, read_row, *, number, page_size):
    """Page `number` of a numbered list; a bare array is the whole list. The echoed page size is believed, not ours."""
    return page_of(tuple(read_row(node) for node in rows(body)), body, number=number, page_size=page_size)


def page_of(items, body, *, number, page_size):
    """The page of `items` that stood in `body`."""
    if not isinstance(body, dict):
        return Page(items=items, total=len(items))
    if whole(body, "page") not in (None, number):
        raise Misread(f"The supplier gave another page than page {number}, so the list cannot be read.", code="page")
    total, size = whole(body, "total"), whole(body, "pageSize") or page_size
    is_last = not items or (total is not None and (number - 1) * size + len(items) >= total)
    return Page(items=items, next_cursor=None if is_last else str(number + 1), total=total)


class Told(msgspec.Struct):
    """As much of a product as has to be decoded to know which it is."""

    id: int | str


_PRODUCTS = msgspec.json.Decoder(list[Told])


def refs_of(listed):
    """The id of each product in the bytes of a list, which is that of its one SKU as well."""
    return [(ref, (ref,)) for ref in (str(told.id) for told in _PRODUCTS.decode(listed))]


def read_product(node, *, kinds, account_fields):
    """A product with its one SKU; its id is the SKU's id as well. `kinds` maps type ids to kinds."""
    ref = need(ident(node, "id"), "product id")
    kind = kinds.get(ident(node, "product_type_id"), ProductKind.UNKNOWN)
    is_top_up = kind == ProductKind.TOP_UP
    return ProductRow(
        ref=ref, name=need(text(node, "name"), "product name"), kind=kind,
        type_ref=ident(node, "product_type_id") if ident(node, "product_type_id") in kinds else "",
        category_ref=ident(node, "category_id"), region=text(node, "region_code", longest=40),
        description=text(node, "description", longest=20_000), image_url=text(node, "logo", longest=500),
        is_active=flag(node, "is_active", default=True),
        fields=input_fields(ref, text(node, "slug"), account_fields) if is_top_up else (),
        offers=(_offer(node, ref, is_top_up),), raw=node)


def _offer(node, ref, is_top_up):
    lowest, highest, code = price(node, "min_amount"), price(node, "max_amount"), currency(node, "currency_code")
    is_open = is_top_up or lowest is not None or highest is not None
    if lowest is not None and highest is not None and lowest > highest:
        lowest = highest = None  # limits that contradict each other are no limits
    return Offer(
        ref=ref, product_ref=ref, name=text(node, "name"), currency=code, max_per_order=1,
        denomination=Denomination.OPEN if is_open else Denomination.FIXED,
        price=None if is_open else price(node, "price"), face_currency=code if is_open else "",
        min_amount=lowest if is_open else None, max_amount=highest if is_open else None,
        step=(price(node, "step") or None) if is_open else None, raw=node)


def read_quote(node, *, amount, charge_ratio, fetched_at):
    """An upper estimate: the margin is added on the supplier's side and told only with the order."""
    listed = price(node, "price")
    base = need(amount if amount is not None else listed, "price")
    return Quote(
        sku_ref=need(ident(node, "id"), "product id"), total=(base * charge_ratio).quantize(CENT, rounding=ROUND_UP),
        currency=need(currency(node, "currency_code"), "currency_code"), unit_price=None if amount is not None else listed,
        is_estimate=True, fetched_at=fetched_at, is_available=flag(node, "is_active", default=True), max_per_order=1,
        note=f"Estimated as {charge_ratio} times the listed amount; the supplier tells the charge with the order.")


def read_order(body):
    """An order, with goods only once it is completed."""
    node = record(body, "order")
    word = need(text(node, "status", longest=60), "status")
    outcome = OUTCOMES.get(word, Outcome.UNKNOWN)
    return Placement(
        order_id=need(ident(node, "id"), "order id"), ref=ident(node, "external_ref") or ident(node, "idempotency_key"),
        outcome=outcome, word=word, total=price(node, "charged_amount"), currency=currency(node, "currency_code"),
        sku_ref=ident(node, "product_id"),
        deliveries=deliveries(node.get("order_content"), not_goods=NOT_GOODS) if outcome == Outcome.COMPLETED else (),
        reason=text(node, "failure_reason") or text(node, "error_message"), is_test=flag(node, "is_test"),
        balance_after=money(node, "balance_after"), created_at=moment(node, "created_at"),
        finished_at=moment(node, "completed_at") or moment(node, "failed_at"), raw=node)


def read_balances(body):
    """One reading per currency; a currency that is no three-letter code cannot be kept and is left out."""
    return tuple(_balance(node) for node in rows(body) if currency(node, "currency_code"))


def _balance(node):
    available = need(money(node, "available"), "available balance")
    return BalanceReading(
        currency=currency(node, "currency_code"), balance=available, available=available,
        supplier_updated_at=moment(node, "updated_at"), raw=node)


def read_deposit(node):
    word = text(node, "status", longest=60)
    return Entry(
        key=need(ident(node, "id"), "deposit id"), kind=EntryKind.DEPOSIT, word=word,
        status=ENTRY_STATUSES.get(word, EntryStatus.UNKNOWN), amount=need(money(node, "amount"), "amount"),
        currency=need(currency(node, "currency_code"), "currency_code"),
        occurred_at=need(moment(node, "created_at"), "created_at"), posted_at=moment(node, "posted_at"),
        method=text(node, "method", longest=60), external_ref=text(node, "external_ref", longest=200), raw=node)
