"""What Octopus Cards' answers to orders, wallets and transactions mean. The catalog is in catalog_mapping."""

import re
from decimal import Decimal

from ..decoding import currency, flag, ident, moment, money, need, price, record, records, text, whole
from ..errors import Duplicate, Invalid, Missing, NotEnoughFunds, Unauthorised
from ..esims import EsimPackage, EsimReading
from ..goods import as_text
from ..judging import Rule
from ..types import BalanceReading, Delivery, Entry, EntryKind, EntryStatus, Outcome, Page, PhoneMatch, Placement, Quote
from .refs import ESIM, TOPUP, VOUCHER, join

OUTCOMES = {
    "PENDING": Outcome.PENDING,
    "PARTIALLY_DELIVERED": Outcome.PARTIAL,
    "DELIVERED": Outcome.COMPLETED,
    "FAILED": Outcome.FAILED,
    "CANCELLED": Outcome.CANCELLED,
}
ENTRY_STATUSES = {"COMPLETED": EntryStatus.POSTED, "PENDING": EntryStatus.PENDING}
SIGNS = {"CREDIT": 1, "DEBIT": -1}
ORDER_NUMBER = re.compile(r"Order #([0-9]{1,18})\b")
CODES = ("card_number", "pin_code", "claim_url")  # what the buyer needs, the most telling first
BAD_REQUEST = "bad_request"  # says nothing alone: a repeated reference gets it as well

RULES = (
    Rule("purchase", (400, 402, 403, 409, 422), "insufficient_(funds|balance)", NotEnoughFunds,
         "The wallet at the supplier does not cover this order."),
    Rule("any", (400, 403), "invalid_feature", Unauthorised,
         "The supplier has not switched on this sort of goods for the account. Ask your account manager there."),
    Rule("purchase", (400, 422), "^validation_failure$", Invalid, "The supplier refuses this order as it is."),
    Rule("purchase", (400, 409, 422), "client_reference|duplicate|already", Duplicate,
         "The supplier knows our reference already."),
    Rule("purchase", (400, 422), "", Invalid, "The supplier refuses this order as it is."),
    Rule("purchase", (404,), "not_found", Invalid, "The supplier does not sell this product."),
    Rule("purchase", (403,), "", Unauthorised, "The supplier does not let this account order."),
    Rule("any", (401,), "", Unauthorised, "The supplier does not accept the API key.", needs_words=False),
    Rule("read", (403,), "", Unauthorised, "The supplier does not let this account or this address read that.",
         needs_words=False),
    Rule("read", (404,), "", Missing, "The supplier does not know this object.", needs_words=False),
    Rule("read", (400, 422), "", Invalid, "The supplier refuses the question as it was asked."),
)


def read_page(answer, body, read_row, *, number, size):
    """Page `number` of a bare array. What follows stands in the headers; a short page is no end."""
    nodes = records(body, "list")
    more = answer.headers.get("x-has-more", "").strip().lower()
    has_more = more == "true" if more in ("true", "false") else len(nodes) >= size
    return Page(items=tuple(read_row(node) for node in nodes), next_cursor=str(number + 1) if has_more else None,
                total=whole(answer.headers, "x-total-count"))


def rows(body, read_row):
    """The rows of a list that is read whole."""
    return [read_row(node) for node in records(body, "list")]


def read_order(body, vertical, *, converts=False):
    """An order of one vertical, with whatever it has delivered so far. A single one may come under `data`.

    With `converts` an order may be paid from a wallet of another currency than its goods are priced in; only where the
    answer names the currency that was deducted, the total is known then.
    """
    node = _order_node(body)
    word = need(text(node, "status", longest=60), "status")
    outcome = OUTCOMES.get(word, Outcome.UNKNOWN)
    product, code, total = ident(node, "product_id"), *_charge(node, vertical, converts)
    return Placement(
        order_id=join(vertical, need(ident(node, "id"), "order id")), ref=ident(node, "client_reference"),
        outcome=outcome, word=word, total=total, currency=code,
        quantity=whole(node, "quantity") if vertical == VOUCHER else None,
        sku_ref=join(vertical, product) if product else "", deliveries=_deliveries(node, vertical),
        reason=_reason(node, outcome), created_at=moment(node, "created_at"), finished_at=moment(node, "completed_at"),
        raw=node)


def vertical_of(body):
    """Of which vertical a lone order is, by the fields that only one of them has."""
    node = _order_node(body)
    if "vouchers" in node or "denomination" in node:
        return VOUCHER
    esim_only = ("activation_code", "activation_status", "iccid", "data_amount_gb", "validity_days", "is_installed")
    return ESIM if any(name in node for name in esim_only) else TOPUP


def read_esim(node, *, iccid):
    """An eSIM from the order that sold it. Data left is not told; the activation code only until it is installed."""
    name, total = text(node, "product_name", longest=200), price(node, "data_amount_gb") or None  # 0: unlimited
    word = text(node, "activation_status", longest=60) or text(node, "status", longest=60)
    package = EsimPackage(name=name, word=word, total=total, unit="GB" if total else "",
                          activated_at=moment(node, "activated_at") or moment(node, "installed_at"))
    return EsimReading(
        iccid=iccid, word=word, can_renew=False, activation_code=text(node, "activation_code", longest=2000),
        last_package=name, total=total, unit=package.unit, packages=(package,))


def _order_node(body):
    node = record(body, "order")
    return node["data"] if isinstance(node.get("data"), dict) and "status" not in node else node


def _charge(node, vertical, converts):
    """Currency and total of what left the wallet. Top-ups and eSIMs give the charge, vouchers face value and discount."""
    amount, told = price(node, "amount"), currency(node, "currency" if vertical != VOUCHER else "deduction_currency")
    if vertical == VOUCHER:
        base = currency(node, "base_currency")
        if told not in ("", base):
            return told, None
        amount = None if amount is None else max(amount - (price(node, "discount") or 0), Decimal(0))
        told = told or ("" if converts else base)
        return told, amount if told else None
    return ("", None) if converts else (told, amount)


def _deliveries(node, vertical):
    if vertical == VOUCHER:
        return tuple(_voucher(one) for one in records(node.get("vouchers") or [], "vouchers"))
    code = text(node, "activation_code", longest=2000) if vertical == ESIM else ""
    return (Delivery(code=code, serial=ident(node, "iccid")),) if code else ()


def _voucher(node):
    code = next((name for name in CODES if text(node, name, longest=2000)), "")
    expires_at = moment(node, "expires_at")
    read = {code, "expires_at", "voucher_reference_number"}
    return Delivery(
        code=text(node, code, longest=2000), serial=text(node, "voucher_reference_number"),
        expires_on=expires_at.date() if expires_at else None,
        details={name: as_text(value) for name, value in node.items() if name not in read and value not in (None, "")})


def _reason(node, outcome):
    """Why an order ended without goods, and what to do; '' for one that goes on."""
    if outcome not in (Outcome.FAILED, Outcome.CANCELLED):
        return ""
    why = text(node, "failure_reason") or text(node, "status_text") or text(node, "failure_code")
    if flag(node, "is_user_fixable"):
        why = f"{why.rstrip('.')}. Correct the input in a new order." if why else "Correct the input in a new order."
    return why[:300]


def read_quote(body, *, sku_ref, quantity, fetched_at):
    """Exactly what would leave the wallet, in the wallet's currency, with the currency that the goods are priced in."""
    node = record(body, "charges")
    details = record(node.get("charges_details"), "charges_details")
    ours, theirs = (need(currency(details, name), name) for name in ("destination_currency", "source_currency"))
    total = need(price(node, "total_payable"), "total_payable")
    most = whole(node, "max_quantity") or None
    return theirs, Quote(
        sku_ref=sku_ref, total=total, currency=ours, unit_price=total if quantity == 1 else None, is_estimate=False,
        fetched_at=fetched_at, max_per_order=most, is_available=most is None or quantity <= most,
        note=_quote_note(node, details, most, quantity, theirs, ours))


def _quote_note(node, details, most, quantity, theirs, ours):
    if most is not None and quantity > most:
        return f"The supplier lets this account order at most {most} at once."
    percent = price(node, "discount")
    parts = [f"{percent.normalize():f} % discount"] if percent else []
    if theirs != ours:
        parts.append(f"Converted from {theirs} at {money(details, 'forex_rate') or 'a rate that is not told'}")
    return "; ".join(parts)


def read_availability(body):
    return need(record(body, "availability").get("is_available"), "is_available") is True


def read_matches(body):
    """The products that serve a number, in the supplier's order."""
    return tuple(PhoneMatch(
        product_ref=join(TOPUP, need(ident(node, "product_id"), "product_id")),
        name=text(node, "name", longest=200) or ident(node, "product_id"),
        region=text(node, "country_code", longest=40), is_best=flag(node, "identified"),
    ) for node in records(body, "matches"))


def currency_ids(body):
    return {ident(node, "currency_id") for node in records(body, "rows")}


def read_currencies(body):
    """`{currency id: code}`; the code's key is `currency`."""
    return {ident(node, "id"): currency(node, "currency") for node in records(body, "currencies")}


def read_wallet(node, *, currencies, postpaid_limit):
    """A wallet, or None where its currency is one that the supplier does not list."""
    code = currencies.get(ident(node, "currency_id"), "")
    if not code:
        return None
    balance = need(money(node, "amount"), "wallet amount")
    limit = postpaid_limit if text(node, "type") == "POSTPAID" else Decimal(0)
    return BalanceReading(
        currency=code, balance=balance, available=balance + limit, overdraft_limit=limit, allow_overdraft=limit > 0,
        is_overdrafted=balance < 0, raw=node)


def read_transaction(node, *, currencies):
    """A row of the wallet's books. What it belongs to is told in its remarks only."""
    word = need(text(node, "transaction_type", longest=60), "transaction_type")
    amount = need(price(node, "amount"), "amount")
    state = text(node, "status", longest=40)
    occurred_at = need(moment(node, "created_at"), "created_at")
    status = ENTRY_STATUSES.get(state, EntryStatus.UNKNOWN) if word in SIGNS else EntryStatus.UNKNOWN
    named = ORDER_NUMBER.search(text(node, "remarks", longest=2000))
    return Entry(
        key=need(ident(node, "id"), "transaction id"), kind=EntryKind.TRANSACTION,
        word=word if state == "COMPLETED" else f"{word} {state}".strip()[:60], status=status,
        amount=amount * SIGNS.get(word, 1), currency=need(currencies.get(ident(node, "currency_id")), "currency"),
        occurred_at=occurred_at, posted_at=occurred_at if status == EntryStatus.POSTED else None,
        order_id=named.group(1) if named else "", external_ref=text(node, "remarks", longest=200), raw=node)
