"""What GiftAPI's answers to orders, balances and books mean. The catalog is in catalog_mapping."""

from decimal import Decimal

from ..decoding import currency, flag, ident, moment, money, need, plain_amount, price, record, records, text, whole
from ..errors import Duplicate, Invalid, Misread, Missing, NotEnoughFunds, Unauthorised
from ..goods import deliveries
from ..judging import Rule
from ..paging import next_cursor
from ..types import BalanceReading, Entry, EntryKind, EntryStatus, Health, Outcome, Page, Placement

OUTCOMES = {
    "created": Outcome.PENDING,
    "processing": Outcome.PENDING,
    "completed": Outcome.COMPLETED,
    "partially_completed": Outcome.PARTIAL,
    "failed": Outcome.FAILED,
    "cancelled": Outcome.CANCELLED,
}

# No error answer is documented, so only what can hardly mean anything else is a refusal of a purchase.
RULES = (
    Rule("purchase", (400, 402, 409, 422), "insufficient_(balance|funds)|not_enough_(balance|funds)", NotEnoughFunds,
         "The balance at the supplier does not cover this order."),
    Rule("purchase", (400, 422), "signature|timestamp", Unauthorised,
         "The supplier does not accept our signature or clock."),
    Rule("purchase", (409,), "", Duplicate, "The supplier knows our reference already."),
    Rule("purchase", (400, 422), "external_id|duplicate|already", Duplicate, "The supplier knows our reference already."),
    Rule("purchase", (422,), "", Invalid, "The supplier refuses this order as it is."),
    Rule("purchase", (404,), "esim|iccid", Invalid, "The supplier does not know this eSIM."),
    Rule("purchase", (404,), "sku|product", Invalid, "The supplier does not sell this SKU."),
    Rule("purchase", (403, 404), "", Unauthorised, "The supplier does not let this account order."),
    Rule("any", (401,), "", Unauthorised, "The supplier does not accept the token.", needs_words=False),
    Rule("read", (403,), "", Unauthorised, "The supplier does not let this account read that.", needs_words=False),
    Rule("read", (404,), "", Missing, "The supplier does not know this object.", needs_words=False),
    Rule("read", (400, 422), "", Invalid, "The supplier refuses the question as it was asked."),
)


def data_of(body):
    """What the envelope holds. Misread if it says it was no success."""
    envelope = record(body, "envelope")
    if envelope.get("success", True) is not True:
        raise Misread("The supplier answered that it did not succeed, without refusing.", code="not_successful")
    return envelope.get("data")


def read_page(body, read_row, *, asked):
    """A page of a list that goes on by cursor."""
    return page_of(tuple(read_row(node) for node in records(data_of(body), "data")), body, asked=asked)


def page_of(items, body, *, asked):
    """The page of `items` that stood in `body`."""
    data_of(body)  # which says whether it was a success
    meta = body.get("meta") if isinstance(body.get("meta"), dict) else {}
    return Page(items=items, next_cursor=next_cursor(meta.get("next_cursor"), asked))


def read_order(node):
    """An order with whatever it has delivered so far; its SKU and quantity come from its items."""
    node = record(node, "order")
    word = need(text(node, "status", longest=60), "status")
    items = records(node.get("items") or [], "items")
    skus, counts = {ident(item, "sku_id") for item in items}, [whole(item, "quantity") for item in items]
    return Placement(
        order_id=need(ident(node, "id"), "order id"), ref=ident(node, "external_id"),
        outcome=OUTCOMES.get(word, Outcome.UNKNOWN), word=word, total=price(node, "total_amount"),
        currency=currency(node, "currency"), quantity=sum(counts) if counts and None not in counts else None,
        sku_ref=skus.pop() if len(skus) == 1 else "",
        deliveries=tuple(unit for item in items for unit in deliveries(item.get("delivery_data") or [])),
        reason="; ".join(filter(None, (text(item, "error_message") for item in items)))[:300],
        created_at=moment(node, "created_at"), finished_at=moment(node, "completed_at"), raw=node)


def read_balance(node):
    """The one account. The supplier's own `available_balance` is believed; without one it is reckoned."""
    node = record(node, "balance")
    balance, reserved = need(money(node, "balance"), "balance"), price(node, "reserved_amount") or Decimal(0)
    allow, limit = flag(node, "allow_overdraft"), price(node, "overdraft_limit") or Decimal(0)
    available = money(node, "available_balance")
    return BalanceReading(
        currency=need(currency(node, "currency"), "currency"), balance=balance,
        available=balance - reserved + (limit if allow else 0) if available is None else available,
        reserved=reserved, overdraft_limit=limit, allow_overdraft=allow,
        is_overdrafted=flag(node, "is_overdrafted", default=balance < 0), raw=node)


def read_partner(body):
    """Whether the partner behind the token is active."""
    partner = record(record(data_of(body), "data").get("partner"), "partner")
    if not flag(partner, "is_active", default=True):
        return Health(healthy=False, detail="GiftAPI says the partner account is not active.")
    return Health(healthy=True, detail="GiftAPI accepts the token.")


def read_transaction(node):
    """A row of the ledger. It has no id of its own: time, type, amount, balance after and order together make its key."""
    word = need(text(node, "type", longest=60), "type")
    occurred_at = need(moment(node, "created_at"), "created_at")
    amount, after = need(money(node, "amount"), "amount"), money(node, "balance_after")
    order_id = ident(node, "order_id")
    after_text = "" if after is None else plain_amount(after)
    return Entry(
        key="|".join((occurred_at.isoformat(), word, plain_amount(amount), after_text, order_id)),
        kind=EntryKind.TRANSACTION, word=word, status=EntryStatus.POSTED, amount=amount,
        currency=need(currency(node, "currency"), "currency"), occurred_at=occurred_at, posted_at=occurred_at,
        balance_after=after, order_id=order_id, method=text(node, "payment_method", longest=60), raw=node)
