"""What GiftAPI's catalog means: products, SKUs, the price list, and what a purchase would cost."""

from decimal import Decimal

import msgspec

from ..decoding import currency, flag, ident, money, need, price, rate, record, records, text, whole
from ..errors import Misread
from ..estimating import estimate
from ..types import (
    CategoryRow,
    Denomination,
    InputField,
    Offer,
    Price,
    ProductKind,
    ProductRow,
    Quote,
    TypeRow,
)

KINDS = {
    "voucher": ProductKind.VOUCHER,
    "voucher_open_range": ProductKind.VOUCHER,
    "recharge": ProductKind.RECHARGE,
    "recharge_fixed": ProductKind.RECHARGE,
    "esim": ProductKind.ESIM,
    "other": ProductKind.OTHER,
}
OPEN_WORDS = ("custom", "open", "range")
FIELD_KINDS = {"email": "email", "number": "digits", "integer": "digits", "digits": "digits", "phone": "phone",
               "tel": "phone", "select": "choice", "choice": "choice", "enum": "choice"}
OWN_FIELDS = ("quantity", "amount")  # asked for by every order form, not by the product
PHONE = (InputField("phone", "Phone number", kind="phone"),)

TYPES = tuple(TypeRow(ref=code, code=code, name=code.replace("_", " ").capitalize(), kind=kind)
              for code, kind in KINDS.items())


def read_categories(data):
    return tuple(_category(node) for node in records(data, "data"))


def _category(node):
    ref, parent = need(ident(node, "id"), "category id"), ident(node, "parent_id")
    attributes = node.get("attributes") if isinstance(node.get("attributes"), list) else []
    return CategoryRow(
        ref=ref, name=text(node, "name", longest=200) or ref, parent_ref="" if parent in ("0", ref) else parent,
        attributes=tuple(attribute for attribute in attributes if isinstance(attribute, dict)), raw=node)


class ToldSku(msgspec.Struct):
    id: int | str


class Told(msgspec.Struct):
    """As much of a product as has to be decoded to know which it is and which prices it has."""

    id: int | str
    skus: list[ToldSku] | None = None


_PRODUCTS = msgspec.json.Decoder(list[Told])


def refs_of(listed):
    """The ids of each product and of its SKUs in the bytes of a list."""
    return [(str(told.id), tuple(str(sku.id) for sku in told.skus or ())) for told in _PRODUCTS.decode(listed)]


def read_product(node):
    """A product with its SKUs; in the list they come without prices, which the price list adds."""
    ref, word = need(ident(node, "id"), "product id"), text(node, "type", longest=60)
    kind = KINDS.get(word, ProductKind.UNKNOWN)
    category = node.get("category") if isinstance(node.get("category"), dict) else {}
    is_open = text(node, "denomination_type") in OPEN_WORDS
    return ProductRow(
        ref=ref, name=need(text(node, "name"), "product name"), kind=kind, type_ref=word if word in KINDS else "",
        category_ref=ident(category, "id"), region=_region(node), description=text(node, "description", longest=20_000),
        image_url=text(node, "image", longest=500), is_active=flag(node, "is_active", default=True),
        fields=_input_fields(node, kind),
        offers=tuple(_offer(sku, ref, is_open) for sku in records(node.get("skus") or [], "skus")), raw=node)


def _offer(node, product_ref, is_open):
    attributes = node.get("attributes") if isinstance(node.get("attributes"), dict) else {}
    face_currency = currency(attributes, "denomination_currency")
    listed = price(node, "price")
    return Offer(
        ref=need(ident(node, "id"), "SKU id"), product_ref=product_ref, name=need(text(node, "name"), "SKU name"),
        denomination=Denomination.OPEN if is_open else Denomination.FIXED, price=None if is_open else listed,
        currency=currency(node, "currency") if listed is not None and not is_open else "",
        face_value=None if is_open else price(attributes, "denomination"), face_currency=face_currency,
        **_limits({**attributes, **node}), stock=whole(node, "stock"),
        max_per_order=whole(node, "max_per_order") or None, raw=node)


def _limits(told):
    """What amounts an open SKU takes. No document says where that stands, so it is read from the SKU and its attributes."""
    lowest, highest = price(told, "min_amount"), price(told, "max_amount")
    if lowest is not None and highest is not None and lowest > highest:
        return {}
    return {"min_amount": lowest, "max_amount": highest, "step": price(told, "step") or None}


def _region(node):
    attributes = node.get("attributes") if isinstance(node.get("attributes"), dict) else {}
    return text(attributes, "region", longest=40) or text(attributes, "country", longest=40)


def _input_fields(node, kind):
    """What the buyer has to give. The shape of an element is documented nowhere, so every likely spelling is read."""
    given = node.get("fields") if isinstance(node.get("fields"), list) else []
    fields = tuple(field for field in map(_input_field, given) if field and field.name not in OWN_FIELDS)
    return fields or (PHONE if kind == ProductKind.RECHARGE else ())


def _input_field(node):
    if isinstance(node, str):
        node = {"name": node}
    if not isinstance(node, dict):
        return None
    name = _first_text(node, "name", "code", "key", "id")[:60]
    if not name:
        return None
    label = _first_text(node, "label", "title")[:100] or name.replace("_", " ").capitalize()
    options = next((node[key] for key in ("choices", "options", "values") if isinstance(node.get(key), list)), [])
    choices = tuple(str(option) for option in options if isinstance(option, str | int))
    kind = "choice" if choices else FIELD_KINDS.get(text(node, "type"), "text")
    return InputField(name, label, kind="text" if kind == "choice" and not choices else kind, choices=choices,
                      required=flag(node, "required", default=True), hint=text(node, "hint", longest=200))


def _first_text(node, *names):
    return next(filter(None, (text(node, name) for name in names)), "")


def read_price(node, *, own_currency):
    """A row of the price list. For an open SKU the row's currency is that of the face amount; we pay in `own_currency()`."""
    is_open = text(node, "denomination_type") in OPEN_WORDS
    told = currency(node, "currency")
    return Price(
        sku_ref=need(ident(node, "sku_id"), "sku_id"),
        denomination=Denomination.OPEN if is_open else Denomination.FIXED,
        currency=own_currency() if is_open else told, price=None if is_open else price(node, "price"),
        face_currency=told if is_open else "", stock=whole(node, "stock"),
        max_per_order=whole(node, "max_per_order") or None, markup_percent=rate(node, "markup_percent"),
        markup_fixed=money(node, "markup_fixed"), rate=rate(node, "rate"), raw=node)


def find_sku(product, sku_ref):
    """The SKU's node in the detail of its product, or None."""
    skus = records(record(product, "product").get("skus") or [], "skus")
    return next((sku for sku in skus if ident(sku, "id") == sku_ref), None)


def fixed_quote(node, *, quantity, fetched_at):
    """The price of a fixed SKU from its product's detail."""
    unit_price = need(price(node, "price"), "price")
    stock = whole(node, "stock")
    return Quote(
        sku_ref=ident(node, "id"), total=unit_price * quantity, currency=need(currency(node, "currency"), "currency"),
        unit_price=unit_price, is_estimate=False, fetched_at=fetched_at, is_available=stock is None or stock > 0,
        stock=stock, max_per_order=whole(node, "max_per_order") or None)


def open_quote(row, *, amount, quantity, fetched_at):
    """An estimate for an open SKU from its row of the price list; the supplier states no formula and no rounding."""
    exchange = row.rate if row.rate is not None else Decimal(1) if row.face_currency == row.currency else None
    markup = row.markup_percent or Decimal(0)
    if exchange is None:
        raise Misread("The answer lacks a usable rate.", code="missing_field")
    total = estimate(
        amount, rate=exchange, markup_percent=markup, markup_fixed=row.markup_fixed, quantity=quantity)
    return Quote(
        sku_ref=row.sku_ref, total=total, currency=row.currency,
        unit_price=None, is_estimate=True, fetched_at=fetched_at, is_available=row.stock is None or row.stock > 0,
        stock=row.stock, max_per_order=row.max_per_order,
        note=f"Estimated at a rate of {exchange} with {markup} % markup; the supplier tells the charge with the order.")
