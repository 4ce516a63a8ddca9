"""From what a supplier told to the columns of our mirror, with a digest that says whether anything is new."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from .suppliers.types import Denomination, Offer, ProductKind

REF_LENGTH = 100
LARGEST_COUNT = 2**31 - 1
LARGEST_AMOUNT = Decimal(10) ** 14
LARGEST_RATE = Decimal(10) ** 12
AMOUNT_STEP = Decimal("0.000001")
RATE_STEP = Decimal("0.000000000001")

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Invalid(Exception):
    """A row cannot stand in the mirror; the text says which and why. What was mirrored before stays as it was."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row to be: the supplier's ref, our columns by name, and a digest of 128 bits over all of them."""

    ref: str
    columns: dict
    digest: bytes


def type_row(told):
    """The Row of a TypeRow."""
    return _row(told.ref, {
        "code": _text(told.code, 60), "name": _text(told.name, 200) or told.ref, "kind": told.kind.value,
        "raw": _raw(told.raw)})


def category_row(told):
    """The Row of a CategoryRow."""
    return _row(told.ref, {
        "name": _text(told.name, 200) or told.ref, "parent_ref": _text(told.parent_ref, REF_LENGTH),
        "attributes": [_raw(one) for one in told.attributes], "raw": _raw(told.raw)})


def product_row(told, *, type_name="", category_name=""):
    """The Row of a ProductRow. `type_ref` and `category_ref` still stand for rows of ours, `words` for `search_text`."""
    offers = [offer.name for offer in told.offers]
    return _row(told.ref, {
        "name": _text(told.name, 300) or told.ref, "kind": told.kind.value,
        "type_ref": told.type_ref, "category_ref": told.category_ref, "region": _text(told.region, 40),
        "description": _text(told.description), "image_url": _link(told.image_url), "is_active": told.is_active,
        "fields": [_raw(asdict(field)) for field in told.fields],
        "words": [told.name, told.region, category_name, type_name, *offers],
        "raw": _raw(told.raw)})


def sku_row(offer, price=None):
    """The Row of an Offer, overridden by the Price of a separate list where there is one. Raises Invalid."""
    told = _merged(offer, price)
    columns = {
        "product_ref": told.product_ref, "name": _text(told.name, 300) or told.ref,
        "denomination": told.denomination.value,
        "price": _amount(told, "price"), "currency": _currency(told, "currency"),
        "face_value": _amount(told, "face_value"), "face_currency": _currency(told, "face_currency"),
        "min_amount": _amount(told, "min_amount"), "max_amount": _amount(told, "max_amount"),
        "step": _amount(told, "step") or None,
        "stock": _count(told.stock), "max_per_order": _count(told.max_per_order) or None,
        "markup_percent": _amount(told, "markup_percent", signed=True),
        "markup_fixed": _amount(told, "markup_fixed", signed=True),
        "category": _text(told.category, 100),
        "rate": _amount(told, "rate", step=RATE_STEP, largest=LARGEST_RATE),
        "raw": _raw(offer.raw) if price is None else {"sku": _raw(offer.raw), "price": _raw(price.raw)},
    }
    if None not in (columns["min_amount"], columns["max_amount"]) and columns["min_amount"] > columns["max_amount"]:
        raise Invalid(f"SKU {offer.ref}: its smallest amount is above its largest.")
    return _row(offer.ref, columns)


def repriced_row(sku, price, *, product_ref):
    """The Row of a mirrored Sku with a newer Price; what the price does not tell stays. Raises Invalid."""
    told = sku.raw["sku"] if set(sku.raw) == {"sku", "price"} else sku.raw
    same = {name: getattr(sku, name) for name in (
        "name", "currency", "price", "face_value", "face_currency", "min_amount", "max_amount", "step", "stock",
        "max_per_order", "markup_percent", "markup_fixed", "rate", "category")}
    denomination = Denomination(sku.denomination)
    return sku_row(Offer(ref=sku.supplier_ref, product_ref=product_ref, denomination=denomination, raw=told, **same), price)


def _row(ref, columns):
    if not ref or len(ref) > REF_LENGTH or "\x00" in ref:
        raise Invalid(f"A row without a usable id: {_text(ref, 40) or 'empty'}.")
    return Row(ref, columns, hashlib.blake2b(_ENCODER.encode(columns), digest_size=16).digest())


def _merged(offer, price):
    """The offer, overridden by the price list where that says something."""
    if price is None:
        return offer
    told = {name: getattr(price, name) for name in (
        "currency", "price", "face_currency", "markup_percent", "markup_fixed", "rate")}
    # In a price list an unlimited stock is said by leaving it out.
    return replace(offer, denomination=price.denomination, stock=price.stock, max_per_order=price.max_per_order,
                   **{name: value for name, value in told.items() if value not in (None, "")})


def _amount(told, name, *, signed=False, step=AMOUNT_STEP, largest=LARGEST_AMOUNT):
    amount = getattr(told, name)
    if amount is None:
        return None
    if not amount.is_finite() or abs(amount) >= largest or (amount < 0 and not signed):
        raise Invalid(f"SKU {told.ref}: {name.replace('_', ' ')} {amount} cannot be right.")
    return amount.quantize(step, rounding=ROUND_HALF_EVEN)


def _currency(told, name):
    currency = getattr(told, name).upper()
    if currency and not _CURRENCY.fullmatch(currency):
        raise Invalid(f"SKU {told.ref}: {_text(currency, 20)} is not a currency code.")
    return currency


def _count(count):
    return None if count is None else min(max(int(count), 0), LARGEST_COUNT)


def _link(url):
    """Only what a browser may load from: the address is shown to staff, and never a script."""
    return url if url.startswith("https://") and len(url) <= 500 and "\x00" not in url else ""


def _text(text, length=None):
    """Without NUL, which PostgreSQL refuses, and no longer than its column."""
    text = text.replace("\x00", "")
    return text if length is None or len(text) <= length else text[: length - 1] + "…"


def _raw(value):
    """What the supplier sent as finished JSON, a fifth of the size of the objects; NULs are taken out of its texts."""
    encoded = _ENCODER.encode({} if value is None else value)
    return msgspec.Raw(_ENCODER.encode(_without_nul(value)) if rb"\u0000" in encoded else encoded)


def _without_nul(value):
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(one) for one in value]
    return value


def is_unknown(told):
    """Whether the supplier named a kind of product that the adapter does not know."""
    return told.kind == ProductKind.UNKNOWN
