"""What a purchase costs at the Octopus Cards stand-in, and which wallet pays for it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ..lab_books import Books
from ..lab_goods import Good
from ..lab_http import Reply, Request, json_reply
from .lab_books import DEFAULT_CURRENCY, FRACTION, WALLETS
from .lab_catalog import CURRENCIES

NAMES = {
    "VALIDATION_FAILURE": "ValidationException", "BAD_REQUEST": "BadRequestError", "INVALID_FEATURE": "BadRequestError",
    "INSUFFICIENT_FUNDS": "BadRequestError", "UNAUTHORIZED": "UnauthorizedError", "FORBIDDEN": "ForbiddenError",
    "NOT_FOUND": "NotFoundError", "TOO_MANY_REQUESTS": "TooManyRequestsError",
    "INTERNAL_SERVER_ERROR": "InternalServerError",
}  # fmt: skip
STATUSES = {"UNAUTHORIZED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404, "TOO_MANY_REQUESTS": 429, "INTERNAL_SERVER_ERROR": 500}
CENT = Decimal("0.01")


class Refusal(Exception):
    """A request that is not accepted, with the answer that says so."""

    def __init__(self, code: str, message: str):
        self.reply = error(code, message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Quote:
    """`face` and `net` are totals in the goods' currency, `payable` is in the wallet's.

    `rate` is None without conversion.
    """

    good: Good
    quantity: int
    face: Decimal
    net: Decimal
    wallet: str
    rate: Decimal | None
    payable: Decimal


def error(code: str, message: str, status: int | None = None) -> Reply:
    return json_reply(told(code, message), status or STATUSES.get(code, 400))


def told(code: str, message: str) -> dict:
    return {"error": {"name": NAMES[code], "code": code, "message": message}}


def invalid(message: str) -> Refusal:
    return Refusal("VALIDATION_FAILURE", message)


def asked_number(asked: dict, name: str) -> Decimal:
    """A positive JSON number. Raises Refusal."""
    given = asked.get(name)
    if given is None:
        raise invalid(f"{name} is required")
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise invalid(f"{name} must be a number")
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        raise invalid(f"{name} must be a number") from None
    if not number.is_finite() or number <= 0:
        raise invalid(f"{name} must be greater than 0")
    return number


def asked_integer(asked: dict, name: str) -> int:
    number = asked_number(asked, name)
    if not isinstance(asked[name], int):
        raise invalid(f"{name} must be an integer")
    return int(number)


def chosen(books: Books, product, amount: Decimal, category=None) -> Good:
    """The goods of the product with this amount. Raises Refusal if there are none."""
    if category is not None and not isinstance(category, str):
        raise invalid("category must be a string")
    for sku in product.skus:
        good = books.goods[sku]
        if category in (None, "", good.group) and fits(good, amount):
            return good
    raise invalid("amount is not available for this product")


def fits(good: Good, amount: Decimal) -> bool:
    return good.low <= amount <= good.high if good.is_open else amount == good.face


def quoted(good: Good, amount: Decimal, quantity: int, wallet_id=None) -> Quote:
    """Raises Refusal for a wallet that does not exist."""
    wallet = _wallet(good, wallet_id)
    net = (amount * good.margin if good.is_open else good.price) * quantity
    net = net.quantize(FRACTION, ROUND_HALF_UP)
    if wallet == good.currency:
        return Quote(good, quantity, amount * quantity, net, wallet, None, net)
    rate = (CURRENCIES[good.currency].worth / CURRENCIES[wallet].worth).quantize(Decimal("0.00000001"))
    payable = (net * rate).quantize(CENT, ROUND_HALF_UP)
    return Quote(good, quantity, amount * quantity, net, wallet, rate, payable)


def _wallet(good: Good, wallet_id) -> str:
    if wallet_id is None:
        return good.currency if good.currency in WALLETS else DEFAULT_CURRENCY
    for currency, number in WALLETS.items():
        if number == wallet_id and not isinstance(wallet_id, bool):
            return currency
    raise Refusal("BAD_REQUEST", "Invalid wallet ID")


def show(quote: Quote, max_quantity: int | None = None) -> dict:
    """The charges; `max_quantity` makes them those of a voucher."""
    off = quote.face - quote.net
    shown = {
        "non_discounted_total": quote.face,
        "discount_amount": off,
        "total_amount": quote.net,
        "discount": (off / quote.face * 100).quantize(CENT, ROUND_HALF_UP),
        "total_payable": quote.payable,
        "charges_details": {
            "source_currency": quote.good.currency,
            "destination_currency": quote.wallet,
            "forex_rate": quote.rate,
            "conversion_fee": None if quote.rate is None else Decimal(0),
        },
    }
    if quote.rate is not None:
        shown |= {"net_amount": quote.payable, "handling_fee_amount": Decimal(0)}
    return shown if max_quantity is None else {**shown, "gst_amount": Decimal(0), "max_quantity": max_quantity}


def with_surcharge(request: Request, quote: Quote) -> Decimal:
    """What is really taken: the quote, unless a fault says more."""
    above = request.fault("charge_above")
    return quote.payable + (Decimal(above["by"]) if above else Decimal(0))
