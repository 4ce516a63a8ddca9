"""How the GiftAPI stand-in accepts an order, and how it tells one."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from ..esims import check_digit
from ..lab_books import Books, NotCovered
from ..lab_desk import read_object
from ..lab_goods import UNLIMITED, Good, LabOrder, Product, rounded
from ..lab_http import Reply, Request, json_reply

OPEN_WORD = "processing"
ITEM_WORDS = {"partially_completed": "completed", "cancelled": "failed", "created": "pending"}


class Refusal(Exception):
    """An order that is not accepted, with the answer that says so."""

    def __init__(self, status: int, message: str, errors: dict | None = None):
        self.reply = error(status, message, errors)
        super().__init__(message)


def error(status: int, message: str, errors: dict | None = None) -> Reply:
    return json_reply({"success": False, "message": message, **({"errors": errors} if errors else {})}, status)


def invalid(name: str, message: str) -> Refusal:
    return Refusal(422, "The given data was invalid.", {name: [message]})


def accepted(books: Books, request: Request) -> LabOrder:
    """The order, bought and charged. Raises Refusal with nothing changed."""
    asked = read_object(request.body)
    item = asked and asked.get("item")
    if not isinstance(item, dict):
        raise invalid("item", "The item field is required.")
    external_id = unused_external_id(books, request, asked.get("external_id"))
    good = books.goods.get(str(item.get("sku_id")))
    if good is None or not books.products[good.product].is_active:
        raise invalid("item.sku_id", "The selected SKU is invalid.")
    fields = item.get("fields") or {}
    if not isinstance(fields, dict):
        raise invalid("item.fields", "The fields must be an object.")
    product = books.products[good.product]
    quantity, amount = _checked(fields, good, product)
    inputs = {name: value for name, value in fields.items() if name not in ("quantity", "amount")}
    return bought(
        books, request, good, ref=external_id, quantity=quantity, amount=amount, fields=inputs,
        metadata=asked.get("metadata"),
    )  # fmt: skip


def unused_external_id(books: Books, request: Request, given) -> str:
    """Raises Refusal for an external_id that is missing or was used before, in any order."""
    if not isinstance(given, str) or not 0 < len(given) <= 64:
        raise invalid("external_id", "The external id field is required, with at most 64 characters.")
    if books.purchases(given) and not request.fault("allow_duplicates"):
        raise Refusal(409, "Order with this external_id already exists")
    return given


def bought(books: Books, request: Request, good: Good, *, amount: Decimal | None, quantity: int, **values) -> LabOrder:
    total = rounded(unit_price(good, amount), "USD") * quantity
    if above := request.fault("charge_above"):
        total += Decimal(above["by"])
    order = books.new_order(
        sku=good.sku, product=good.product, quantity=quantity, amount=amount, total=total, currency="USD",
        status=OPEN_WORD, created_at=request.now.replace(microsecond=0), **values,
    )  # fmt: skip
    finish, hold = request.fault("finish"), request.fault("hold")
    try:
        if request.fault("insufficient_funds"):
            raise NotCovered("USD")
        return books.buy(order, now=request.now, finish=finish, hold=hold)
    except NotCovered:
        raise Refusal(422, "Insufficient balance") from None


def unit_price(good: Good, amount: Decimal | None) -> Decimal:
    if amount is None:
        return good.price
    return amount * good.rate * (1 + good.markup_percent / 100) + good.markup_fixed


def _checked(fields: dict, good: Good, product: Product) -> tuple[int, Decimal | None]:
    quantity = fields.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise invalid("item.fields.quantity", "The quantity must be at least 1.")
    if quantity > good.max_per_order:
        raise invalid("item.fields.quantity", f"The quantity may not be greater than {good.max_per_order}.")
    if good.stock != UNLIMITED and quantity > good.stock:
        raise invalid("item.fields.quantity", "Not enough stock.")
    for field in product.fields:
        if field["required"] and not str(fields.get(field["name"]) or "").strip():
            raise invalid(f"item.fields.{field['name']}", f"The {field['name']} field is required.")
    return quantity, _checked_amount(fields.get("amount"), good)


def _checked_amount(given, good: Good) -> Decimal | None:
    if not good.is_open:
        if given is not None:
            raise invalid("item.fields.amount", "This SKU has a fixed denomination.")
        return None
    try:
        amount = Decimal(str(given))
    except InvalidOperation:
        raise invalid("item.fields.amount", "The amount must be a number.") from None
    if not amount.is_finite() or not good.low <= amount <= good.high:
        raise invalid("item.fields.amount", f"The amount must be between {good.low} and {good.high}.")
    if (amount - good.low) % good.step:
        raise invalid("item.fields.amount", f"The amount must go up in steps of {good.step} from {good.low}.")
    return amount


def filtered(orders: list[LabOrder], query: dict[str, str]) -> list[LabOrder]:
    """What the list filters leave; the search by external_id is a partial one."""
    status, part = query.get("status"), query.get("external_id")
    since, until = _time(query.get("date_from")), _time(query.get("date_to"))
    return [
        order
        for order in orders
        if status in (None, order.status)
        and (part is None or part in order.ref)
        and (since is None or order.created_at >= since)
        and (until is None or order.created_at <= until)
    ]


def _time(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def show(order: LabOrder, good: Good) -> dict:
    item = {
        "sku_id": order.sku,
        "sku_name": good.name,
        "quantity": order.quantity,
        "price": rounded(order.total / order.quantity, order.currency),
        "currency": order.currency,
        "status": ITEM_WORDS.get(order.status, order.status),
        "delivery_data": order.delivered or None,
        "customer_data": _customer(order),
        "error_message": order.reason or None,
    }
    return {
        "id": order.id,
        "external_id": order.ref,
        "status": order.status,
        "total_amount": order.total,
        "currency": order.currency,
        "metadata": order.metadata,
        "created_at": order.created_at.isoformat(timespec="seconds"),
        "items": [item],
    }


def _customer(order: LabOrder) -> dict | None:
    if order.iccid:
        return {"iccid": order.iccid, "quantity": order.quantity}
    return {**order.fields, "quantity": order.quantity} if order.fields else None


def disguise(shown: dict, other: dict) -> None:
    """Makes the answer tell another order than the one asked for."""
    item = shown["items"][0]
    if not any(other[name] is not None for name in ("ref", "sku", "quantity", "currency")):
        shown["external_id"] = "SOMEBODY-ELSE-1"
    if other["ref"] is not None:
        shown["external_id"] = other["ref"]
    if other["sku"] is not None:
        item["sku_id"] = other["sku"]
    if other["quantity"] is not None:
        item["quantity"] = other["quantity"]
    if other["currency"] is not None:
        shown["currency"] = item["currency"] = other["currency"]


def make_unit(order: LabOrder, good: Good, serial: int) -> dict:
    """What one delivered unit is: a pin that nobody can mistake for a real one, or word of a recharge."""
    text = hashlib.sha256(f"{order.id}/{serial}".encode()).hexdigest().upper()
    if order.iccid:
        return {"iccid": order.iccid, "status": "recharged", "message": "Package successfully added to existing eSIM"}
    if order.fields:
        return {"status": "recharged", "message": "Recharge sent", "serialNumber": f"TEST{text[:10]}"}
    if good.face_currency == "GB":
        iccid = f"89{int(text[:16], 16):020d}"[:18]
        iccid += check_digit(iccid)
        profile = f"LPA:1$smdp.example.test$TEST-{text[:8]}"
        return {"pin": profile, "expiration": None, "serialNumber": iccid, "iccid": iccid}
    return {"pin": f"TEST-{text[:4]}-{text[4:8]}-{text[8:12]}", "expiration": None, "serialNumber": f"TEST{text[:10]}"}
