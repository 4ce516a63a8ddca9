"""How the Plexy Gate stand-in accepts an order, and how it tells one."""

import hashlib
import re
from datetime import datetime
from decimal import Decimal

from ..lab_books import Books, NotCovered
from ..lab_desk import read_object
from ..lab_goods import Good, LabOrder, Product, rounded
from ..lab_http import Reply, Request, json_reply

OPEN_WORD = "pending"
TOP_UP = "direct_top_up"
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,6})?")


class Refusal(Exception):
    """An order that is not accepted: status, code and message of the answer."""

    def __init__(self, code: str, message: str, status: int = 400):
        self.reply = error(status, code, message)
        super().__init__(code)


def error(status: int, code: str, message: str) -> Reply:
    return json_reply({"code": code, "message": message}, status)


def accepted(books: Books, request: Request, key: str) -> LabOrder:
    """The order, bought and charged. Raises Refusal or NotCovered with nothing changed."""
    asked = read_object(request.body)
    if asked is None:
        raise Refusal("invalid_request", "Body is not a JSON object")
    product = books.products.get(str(asked.get("product_id")))
    if product is None or product.is_gone:
        raise Refusal("product_not_found", "No such product")
    if not product.is_active:
        raise Refusal("product_inactive", "This product is not sold at the moment")
    good = books.goods[product.ref]
    quantity, amount = _checked_quantity(asked, good), _checked_top_up(asked, product, good)
    total = rounded((amount or good.price) * quantity * good.margin, good.currency)
    if above := request.fault("charge_above"):
        total += Decimal(above["by"])
    if request.fault("insufficient_funds"):
        raise NotCovered(good.currency)
    is_test = asked.get("test") is True
    order = books.new_order(
        ref=str(asked.get("external_ref") or ""), sku=good.sku, product=product.ref, quantity=quantity,
        total=Decimal(0) if is_test else total, currency=good.currency, status=OPEN_WORD, key=key,
        created_at=request.now.replace(microsecond=0), digest=hashlib.sha256(request.body).hexdigest(),
        amount=amount, fields=(asked.get("topup_request") or {}).get("customer_account") or {}, is_test=is_test,
    )  # fmt: skip
    finish, hold = request.fault("finish"), request.fault("hold")
    return books.buy(order, now=request.now, finish=finish, hold=hold)


def _checked_quantity(asked: dict, good: Good) -> int:
    if asked.get("currency_code") not in (None, good.currency):
        raise Refusal("currency_not_supported", f"This product is sold in {good.currency}")
    quantity = asked.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= good.max_per_order:
        raise Refusal("invalid_quantity", f"quantity must be 1 to {good.max_per_order}")
    return quantity


def _checked_top_up(asked: dict, product: Product, good: Good) -> Decimal | None:
    """The amount of a top-up, None for goods that have no `topup_request`."""
    top_up = asked.get("topup_request")
    if product.kind != TOP_UP:
        if top_up is not None:
            raise Refusal("topup_request_not_allowed", "Only direct top-ups take a topup_request")
        return None
    if not isinstance(top_up, dict):
        raise Refusal("topup_request_required", "A direct top-up needs a topup_request")
    account = top_up.get("customer_account")
    if not isinstance(account, dict) or not account or not all(isinstance(v, str) and v for v in account.values()):
        raise Refusal("customer_account_required", "customer_account must name the account to top up")
    return _checked_amount(top_up.get("amount"), good)


def _checked_amount(given, good: Good) -> Decimal:
    if not isinstance(given, str) or not _AMOUNT.fullmatch(given):
        raise Refusal("invalid_amount", "amount must be a decimal string")
    amount = Decimal(given)
    if not good.low <= amount <= good.high:
        raise Refusal("amount_out_of_range", f"amount must be {good.low} to {good.high} {good.currency}")
    if good.step and (amount - good.low) % good.step:
        raise Refusal("amount_off_step", f"amount must go up in steps of {good.step} from {good.low}")
    return amount


def charge(good: Good) -> Decimal:
    """What one unit of a fixed price is charged."""
    return rounded(good.price * good.margin, good.currency)


def make_unit(order: LabOrder, good: Good, serial: int) -> dict:
    """What one delivered unit is: a code that nobody can mistake for a real one; nothing for a top-up."""
    if order.fields:
        return {}
    text = hashlib.sha256(f"{order.id}/{serial}".encode()).hexdigest().upper()
    return {"voucher_code": f"TEST-{text[:4]}-{text[4:8]}-{text[8:12]}"}


def show(order: LabOrder, region: str) -> dict:
    is_failed = order.status == "failed"
    return {
        "id": order.id,
        "product_id": int(order.product),
        "external_ref": order.ref or None,
        "idempotency_key": order.key or None,
        "status": order.status,
        "order_content": _content(order),
        "currency_code": order.currency,
        "charged_amount": f"{order.total:f}",
        "balance_after": f"{order.balance_after:f}",
        "balance_before": f"{order.balance_before:f}",
        "is_test": order.is_test,
        "region_code": region,
        "created_at": moment(order.created_at),
        "completed_at": None if is_failed else moment(order.finished_at),
        "failed_at": moment(order.finished_at) if is_failed else None,
    }


def _content(order: LabOrder) -> dict:
    vendor = {"vendor_order_id": f"LC-{100000 + order.number}"}
    codes = [unit["voucher_code"] for unit in order.delivered if unit]
    if not codes:
        return vendor
    return {"voucher_code": codes[0]} if len(codes) == 1 else {"voucher_codes": codes}


def moment(at: datetime | None) -> str | None:
    return at and at.strftime("%Y-%m-%dT%H:%M:%SZ")
