"""How the Octopus Cards stand-in accepts an order of each vertical."""

import re
from decimal import Decimal

from ..lab_books import NotCovered
from ..lab_desk import read_object
from ..lab_goods import UNLIMITED, LabOrder, Product
from ..lab_http import Request
from .lab_books import OctopusBooks
from .lab_catalog import ESIM, TOPUPS, VOUCHER
from .lab_quotes import (
    Quote,
    Refusal,
    asked_integer,
    asked_number,
    chosen,
    invalid,
    quoted,
    with_surcharge,
)  # fmt: skip

OPEN_WORD = "pending"
MOST_AT_ONCE = 5
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_REFERENCE = re.compile(r"[\x20-\x7e]{1,255}")
_NOBODY = re.compile(r"\+?0+")
WRONG_RECIPIENT = {
    "status": "failed", "delivered": None, "refund": True, "reason": "The recipient does not exist. Check the number.",
    "code": "INVALID_RECIPIENT", "fixable": True,
}  # fmt: skip


def topup(books: OctopusBooks, request: Request) -> LabOrder:
    """The order, bought and charged. Raises Refusal with nothing changed."""
    asked = read_body(request)
    product = _product(books, asked, TOPUPS)
    amount, inputs = asked_number(asked, "amount"), _inputs(asked, product)
    quote = quoted(chosen(books, product, amount, asked.get("category")), amount, 1, asked.get("wallet_id"))
    finish = WRONG_RECIPIENT if any(_NOBODY.fullmatch(value) for value in inputs.values()) else None
    return _bought(books, request, asked, quote, fields=inputs, amount=amount, finish=finish)


def voucher(books: OctopusBooks, request: Request) -> LabOrder:
    """Few vouchers are delivered at once, more of them later. Raises Refusal with nothing changed."""
    asked = read_body(request)
    product = _product(books, asked, (VOUCHER,))
    amount, quantity = asked_number(asked, "denomination"), asked_integer(asked, "quantity")
    good = chosen(books, product, amount)
    if quantity > good.max_per_order:
        raise invalid(f"quantity must be at most {good.max_per_order}")
    if good.stock != UNLIMITED and quantity > good.stock:
        raise Refusal("BAD_REQUEST", "The requested quantity is not available")
    if (email := asked.get("email")) is not None:
        checked_email(email)
    quote = quoted(good, amount, quantity, asked.get("wallet_id"))
    return _bought(books, request, asked, quote, amount=amount, at_once=quantity <= MOST_AT_ONCE)


def esim(books: OctopusBooks, request: Request) -> LabOrder:
    """One eSIM, whatever quantity was asked for. Raises Refusal with nothing changed."""
    asked = read_body(request)
    product, amount = _product(books, asked, (ESIM,)), asked_number(asked, "amount")
    quote = quoted(chosen(books, product, amount), amount, 1, asked.get("wallet_id"))
    return _bought(books, request, asked, quote, amount=amount, at_once=True)


def read_body(request: Request) -> dict:
    asked = read_object(request.body)
    if asked is None:
        raise invalid("The body must be a JSON object")
    return asked


def checked_email(given) -> str:
    if not isinstance(given, str) or len(given) > 254 or not EMAIL.fullmatch(given):
        raise invalid("email must be a valid e-mail address")
    return given


def product_for(books: OctopusBooks, number, kinds: tuple[str, ...]) -> Product | None:
    """What can be bought under this id in the vertical of these kinds."""
    prefix = {VOUCHER: "voucher", ESIM: "esim"}.get(kinds[0], "topup")
    product = books.products.get(f"{prefix}/{number}")
    return product if product is not None and not product.is_gone else None


def _product(books: OctopusBooks, asked: dict, kinds: tuple[str, ...]) -> Product:
    product = product_for(books, asked_integer(asked, "product_id"), kinds)
    if product is not None and product.is_active:
        return product
    if kinds == TOPUPS:
        raise Refusal("NOT_FOUND", "Product not found")
    raise Refusal("BAD_REQUEST", "Invalid product ID")


def _inputs(asked: dict, product: Product) -> dict[str, str]:
    """Exactly the inputs that the product wants. Raises Refusal."""
    given = asked.get("input_data") or {}
    if not isinstance(given, dict):
        raise invalid("input_data must be an object")
    wanted = {field["field_name"]: field for field in product.fields}
    if extra := sorted(given.keys() - wanted.keys()):
        raise invalid(f"input_data has an unknown key: {extra[0]}")
    for name, field in wanted.items():
        value = given.get(name)
        if not isinstance(value, str) or not value.strip():
            raise invalid(f"input_data.{name} is required")
        if field.get("options") and value not in field["options"]:
            raise invalid(f"input_data.{name} must be one of {', '.join(field['options'])}")
        if name == "phone_number" and not re.fullmatch(r"\+[0-9]{6,15}", value):
            raise invalid(f"input_data.{name} must be an E.164 number")
    return given


def _bought(
    books: OctopusBooks, request: Request, asked: dict, quote: Quote, *, amount: Decimal, fields=None, finish=None,
    at_once=False,
) -> LabOrder:  # fmt: skip
    ref = _unused_reference(books, request, asked.get("client_reference"))
    kept = {"net": quote.net, "face": quote.face, "rate": quote.rate}
    order = books.new_order(
        ref=ref, sku=quote.good.sku, product=quote.good.product, quantity=quote.quantity, amount=amount, metadata=kept,
        total=with_surcharge(request, quote), currency=quote.wallet, status=OPEN_WORD, fields=fields or {},
        created_at=request.now.replace(microsecond=0),
    )  # fmt: skip
    told, hold = request.fault("finish"), request.fault("hold")
    try:
        if request.fault("insufficient_funds"):
            raise NotCovered(quote.wallet)
        return books.buy(order, now=request.now, finish=told or finish, hold=hold, at_once=at_once)
    except NotCovered:
        raise Refusal("INSUFFICIENT_FUNDS", "Insufficient funds") from None


def _unused_reference(books: OctopusBooks, request: Request, given) -> str:
    """A reference is taken for good, over all verticals and however its order ended."""
    if given in (None, ""):
        return ""
    if not isinstance(given, str) or not _REFERENCE.fullmatch(given):
        raise invalid("client_reference must be at most 255 printable ASCII characters")
    if books.purchases(given) and not request.fault("allow_duplicates"):
        raise Refusal("BAD_REQUEST", "Duplicate client_reference")
    return given
