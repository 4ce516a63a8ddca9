"""What Octopus Cards' catalog means: top-ups with variants, vouchers with denominations, eSIMs with data plans."""

from collections import Counter
from decimal import Decimal

from ..decoding import currency, ident, need, price, rate, record, records, text, whole
from ..types import CategoryRow, Denomination, InputField, Offer, ProductKind, ProductRow, TypeRow
from .refs import ESIM, TOPUP, VOUCHER, join, short

KINDS = {"GAMING": ProductKind.TOP_UP, "MOBILE": ProductKind.RECHARGE, "UTILITY": ProductKind.RECHARGE}
NAMES = {"GAMING": "Game top-up", "MOBILE": "Mobile recharge", "UTILITY": "Utility top-up"}
TYPES = (
    *(TypeRow(ref=code, code=code, name=NAMES[code], kind=kind) for code, kind in KINDS.items()),
    TypeRow(ref=VOUCHER, code=VOUCHER, name="Voucher", kind=ProductKind.VOUCHER),
    TypeRow(ref=ESIM, code=ESIM, name="eSIM", kind=ProductKind.ESIM),
)
VOUCHERS_PER_ORDER = 5000
FIELD_KINDS = {"email": "email", "number": "digits", "integer": "digits", "digits": "digits", "numeric": "digits",
               "phone": "phone", "tel": "phone", "mobile": "phone"}
NOTICE_EMAIL = InputField("email", "E-mail for the supplier's notices", kind="email", required=False,
                          hint="The supplier writes there about the vouchers. Leave it empty for none.")
MICRO = Decimal("0.000001")


def read_names(body, sort):
    """Categories or subcategories; `sort` keeps their numbers apart."""
    return tuple(CategoryRow(
        ref=join(sort, need(ident(node, "id"), f"{sort} id")), name=text(node, "name", longest=200) or ident(node, "id"),
        raw=node) for node in records(body, sort))


def read_topup(node, *, detail, variants):
    """A top-up product from its row, its detail, which tells the inputs, and its variants, which tell the amounts."""
    ref, word = join(TOPUP, need(ident(node, "id"), "product id")), text(node, "topup_type", longest=40)
    fields = record(detail, "product").get("input_fields")
    inputs = [_input_field(one) for one in fields] if isinstance(fields, list) else []
    offers = [offer for variant in records(variants, "variants") for offer in _topup_offers(variant, ref)]
    return ProductRow(
        ref=ref, name=need(text(node, "name"), "product name"), kind=KINDS.get(word, ProductKind.UNKNOWN),
        type_ref=word if word in KINDS else "", region=text(node, "country_code", longest=40),
        image_url=text(node, "image_url", longest=500), fields=tuple(field for field in inputs if field),
        offers=_tellable(offers), raw={"product": node, "input_fields": fields})


def _input_field(node):
    """A key that an order must have. All are needed, whatever `required` says: one that is missing is refused."""
    node = {"field_name": node} if isinstance(node, str) else node if isinstance(node, dict) else {}
    name = text(node, "field_name", longest=60)
    if not name:
        return None
    options = node.get("options") if isinstance(node.get("options"), list) else []
    choices = tuple(filter(None, map(_option, options)))
    kind = "choice" if choices else _field_kind(name, text(node, "type", longest=40).lower())
    label = text(node, "label", longest=100) or name.replace("_", " ").capitalize()
    return InputField(name, label, kind=kind, choices=choices, hint=text(node, "hint", longest=200))


def _field_kind(name, word):
    if word in FIELD_KINDS:
        return FIELD_KINDS[word]
    return "phone" if "phone" in name or "mobile" in name else "email" if "email" in name else "text"


def _option(option):
    """The value of one choice, however it is spelt."""
    if isinstance(option, dict):
        return next((text(option, name) for name in ("value", "id", "code", "name") if text(option, name)), "")
    return text({"value": option}, "value")


def offers_of(node, vertical, product_ref):
    """The SKUs of one variant or plan."""
    plan = None if vertical == TOPUP else _plan(node, product_ref)
    return _topup_offers(node, product_ref) if vertical == TOPUP else [plan] if plan else []


def _topup_offers(node, product_ref):
    """One SKU for each fixed amount of a variant, or one for its range."""
    ref, name = join(TOPUP, need(ident(node, "id"), "variant id")), text(node, "name")
    code, category = currency(node, "currency_code"), text(node, "category", longest=100)
    told = {"product_ref": product_ref, "category": category, "currency": code, "face_currency": code,
            "max_per_order": 1, "raw": node}
    amounts = [price({"amount": amount}, "amount") for amount in _list(node, "fixed_amounts")]
    amounts = list(dict.fromkeys(amount for amount in amounts if amount))
    if amounts:
        return [_fixed(join(ref, short(amount)), amount, name if len(amounts) == 1 else f"{name} {short(amount)}".strip(),
                       **told) for amount in amounts]
    lowest, highest = price(node, "min_amount"), price(node, "max_amount")
    if lowest is None or highest is None or lowest > highest or not highest:
        return []  # neither a fixed amount nor a range: there is nothing that an order could say
    return [Offer(ref=ref, name=name or category, denomination=Denomination.OPEN, min_amount=lowest or None,
                  max_amount=highest, **told)]


def _fixed(ref, amount, name, *, currency, percent=None, **told):
    cost = amount * (1 - Decimal(percent or 0) / 100)
    return Offer(ref=ref, name=name or f"{short(amount)} {currency}", denomination=Denomination.FIXED, currency=currency,
                 face_value=amount, price=max(cost, Decimal(0)).quantize(MICRO), **told)


def _tellable(offers):
    """Those that an order can tell apart: it sends amount and category, and of twins the supplier would pick either."""
    twins = Counter((offer.category, offer.face_value) for offer in offers if offer.face_value is not None)
    return tuple(offer for offer in offers if twins[(offer.category, offer.face_value)] <= 1)


def read_voucher(node, *, category_refs):
    """A voucher product; `category_refs` maps the names of categories and subcategories to their refs."""
    ref = join(VOUCHER, need(ident(node, "id"), "product id"))
    sub, main = (text(node, name, longest=200) for name in ("sub_category", "category"))
    facts = (("Delivery", "delivery_mode"), ("Time", "delivery_time"), ("Valid", "validity"))
    offers = [_denomination(one, ref, node) for one in records(node.get("available_denominations") or [], "denominations")]
    return ProductRow(
        ref=ref, name=need(text(node, "name"), "product name"), kind=ProductKind.VOUCHER, type_ref=VOUCHER,
        category_ref=category_refs.get(sub) or category_refs.get(main, ""), region=text(node, "country_code", longest=40),
        description=". ".join(f"{label}: {text(node, name)}" for label, name in facts if text(node, name)),
        image_url=text(node, "image_url", longest=500), fields=(NOTICE_EMAIL,),
        offers=tuple({offer.ref: offer for offer in offers if offer}.values()), raw=node)


def _denomination(node, product_ref, product):
    """Fixed where both limits are one amount, else a range."""
    lowest, highest = price(node, "min_value"), price(node, "max_value")
    lowest, highest = (highest if lowest is None else lowest), (lowest if highest is None else highest)
    if not highest or lowest > highest:
        return None
    code = currency(product, "currency_code")
    told = {"product_ref": product_ref, "face_currency": code, "currency": code, "max_per_order": VOUCHERS_PER_ORDER,
            "raw": node}
    if lowest == highest:
        return _fixed(join(product_ref, short(highest)), highest, "", percent=rate(node, "discount"), **told)
    return Offer(ref=join(product_ref, f"{short(lowest)}-{short(highest)}"), denomination=Denomination.OPEN,
                 name=f"{short(lowest)} to {short(highest)} {code}", min_amount=lowest or None, max_amount=highest, **told)


def read_esim(node, *, variants):
    """An eSIM product with its data plans."""
    ref = join(ESIM, need(ident(node, "id"), "product id"))
    return ProductRow(
        ref=ref, name=need(text(node, "name"), "product name"), kind=ProductKind.ESIM, type_ref=ESIM,
        region=text(node, "country_code", longest=40), image_url=text(node, "image_url", longest=500),
        offers=tuple(offer for offer in (_plan(one, ref) for one in records(variants, "variants")) if offer), raw=node)


def _plan(node, product_ref):
    amount, code = price(node, "amount"), currency(node, "currency_code")
    if not amount:
        return None
    data, days = price(node, "data_amount_gb"), whole(node, "validity_days")
    facts = [f"{short(data)} GB" if data else "", f"{days} days" if days else ""]
    return _fixed(join(ESIM, need(ident(node, "id"), "variant id"), short(amount)), amount,
                  text(node, "name") or " ".join(filter(None, facts)), currency=code, percent=rate(node, "client_discount"),
                  product_ref=product_ref, face_currency=code, max_per_order=1, raw=node)


def _list(node, name):
    return node.get(name) if isinstance(node.get(name), list) else []
