"""What a buyer asks for, checked against what the SKU allows before anything is spent."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from catalog.money import minor_units, show
from catalog.suppliers.esims import ICCID_FIELD

from . import chunking
from .asking import inputs_of
from .esims import OddIccid, check_iccid
from .models import Esim

MAX_FIELD_LENGTH = 256
MAX_QUANTITY = 1000
CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

BETWEEN_DIGITS = re.compile(r"[ \u00a0\u2007\u2009\u202f().\-\u2010\u2011\u2013/]")


class Wrong(Exception):
    """`errors` maps the input's name (quantity, amount, fields.<name>, or sku) to a sentence that says what to do."""

    def __init__(self, errors):
        self.errors = errors
        super().__init__("; ".join(f"{name}: {text}" for name, text in errors.items()))


@dataclass(frozen=True, slots=True)
class Terms:
    """A checked purchase of one SKU. `amount` is None for fixed denominations; `recipient` is who or what gets it."""

    sku_id: int
    quantity: int
    amount: Decimal | None
    fields: Mapping[str, str]
    recipient: str

    @property
    def digest(self):
        """SHA-256 of everything that decides what is bought, and for whom."""
        amount = None if self.amount is None else str(self.amount.normalize())
        text = json.dumps([self.sku_id, self.quantity, amount, sorted(self.fields.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def check(*, sku, quantity, amount, fields):
    """The Terms of this purchase. Raises Wrong, naming every input that does not fit."""
    errors = {}
    _check_on_sale(sku, errors)
    quantity = _quantity(sku, quantity, errors)
    amount = _amount(sku, amount, errors)
    inputs = inputs_of(sku)
    fields = _fields(inputs, fields or {}, errors)
    _check_top_up(sku, quantity, fields.get(ICCID_FIELD), errors)
    if errors:
        raise Wrong(errors)
    return Terms(sku.pk, quantity, amount, fields, recipient_of(inputs, fields))


def recipient_of(known, fields):
    """The first input that is not a mere contact address says who gets the good."""
    ordered = sorted(known, key=lambda field: field.get("kind") == "email")
    return next((fields[field["name"]] for field in ordered if field["name"] in fields), "")[:200]


def _check_top_up(sku, quantity, iccid, errors):
    """What can be known of a top-up without asking; whether the eSIM takes it now is asked with the price."""
    if iccid is None:
        return
    esim = Esim.objects.filter(supplier=sku.supplier_id, iccid=iccid).first()
    if quantity is not None and quantity > 1:
        errors["quantity"] = _("An eSIM is topped up by one package at a time.")
    if esim is not None and esim.can_renew is False:
        errors[f"fields.{ICCID_FIELD}"] = _(
            "%(supplier)s said that this eSIM cannot be topped up. Ask about it again on its page, or sell a new one.") % {
                "supplier": sku.supplier.name}
    if esim is None:
        try:
            check_iccid(iccid)
        except OddIccid as odd:
            errors[f"fields.{ICCID_FIELD}"] = str(odd)


def _check_on_sale(sku, errors):
    if sku.gone_at is not None or not sku.product.is_on_sale:
        errors["sku"] = _("%(sku)s is no longer sold by %(supplier)s. Choose another product.") % {
            "sku": sku.name, "supplier": sku.supplier.name}
    elif not sku.supplier.is_active:
        errors["sku"] = _("%(supplier)s is switched off. A lead can switch it on.") % {"supplier": sku.supplier.name}
    elif sku.stock == 0:
        errors["sku"] = _("%(sku)s is out of stock at %(supplier)s.") % {
            "sku": sku.name, "supplier": sku.supplier.name}


def _quantity(sku, given, errors):
    try:
        quantity = int(str(given if given not in (None, "") else 1))
    except ValueError:
        errors["quantity"] = _("Enter a whole number.")
        return None
    limit = min(chunking.most(sku) or MAX_QUANTITY, MAX_QUANTITY)
    if quantity < 1:
        errors["quantity"] = _("Order at least 1.")
    elif quantity > limit:
        errors["quantity"] = _("At most %(limit)d per order. Place several orders for more.") % {"limit": limit}
    elif sku.stock and quantity > sku.stock:
        errors["quantity"] = _("Only %(stock)d in stock.") % {"stock": sku.stock}
    return quantity


def _amount(sku, given, errors):
    if not sku.is_open:
        if given not in (None, ""):
            errors["amount"] = _("This SKU has a fixed value; leave the amount out.")
        return None
    try:
        amount = Decimal(str(given).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    currency = sku.face_currency or sku.currency
    if not amount.is_finite():
        errors["amount"] = _("Enter the amount in %(currency)s, for example 25 or 12.50.") % {"currency": currency}
        return None
    problem = _out_of_range(sku, amount, currency)
    if problem:
        errors["amount"] = problem
    return amount


def _out_of_range(sku, amount, currency):
    low, high, step = sku.min_amount, sku.max_amount, sku.step
    if amount <= 0 or (low is not None and amount < low):
        return _("The smallest amount is %(low)s.") % {"low": show(low or Decimal(1), currency)}
    if high is not None and amount > high:
        return _("The largest amount is %(high)s.") % {"high": show(high, currency)}
    if amount.adjusted() > 11:
        return _("That amount is too large.")
    if amount != round(amount, minor_units(currency)):
        return _("%(currency)s has %(places)d decimal places.") % {
            "currency": currency, "places": minor_units(currency)}
    base = low or Decimal(0)
    if step and (amount - base) % step:
        below = base + (amount - base) // step * step
        return _("The amount moves in steps of %(step)s: %(below)s or %(above)s.") % {
            "step": show(step, currency), "below": show(below, ""), "above": show(below + step, "")}
    return ""


def _fields(known, given, errors):
    names = {field["name"] for field in known}
    for extra in sorted(set(given) - names):
        errors[f"fields.{extra}"] = _("This product takes no such field; leave it out.")
    checked = {}
    for field in known:
        value = str(given.get(field["name"]) or "").strip()
        if field.get("kind") == "phone":
            value = as_dialled(value)
        problem = _field_problem(field, value)
        if problem:
            errors[f"fields.{field['name']}"] = problem
        elif value:
            checked[field["name"]] = value
    return checked


def _field_problem(field, value):
    if not value:
        return _("This is needed.") if field.get("required", True) else ""
    if len(value) > MAX_FIELD_LENGTH:
        return _("At most %(limit)d characters.") % {"limit": MAX_FIELD_LENGTH}
    if CONTROL.search(value):
        return _("Remove the invisible characters.")
    check_kind = KINDS.get(field.get("kind", "text"))
    return check_kind(field, value) if check_kind else ""


def _email_problem(field, value):
    try:
        validate_email(value)
    except ValidationError:
        return _("Enter an e-mail address, for example buyer@example.org.")
    return ""


def _digits_problem(field, value):
    return "" if value.isascii() and value.isdigit() else _("Digits only.")


def reference_problem(reference):
    """What is wrong with a reference of the merchant's own; '' for a good one. It has to be sayable to any supplier."""
    odd = "".join(dict.fromkeys(letter for letter in reference if not " " <= letter <= "~"))
    if CONTROL.search(reference):
        return _("Remove the invisible characters.")
    return _("Suppliers take plain letters, digits and signs only; leave out %(odd)s.") % {"odd": odd[:20]} if odd else ""


def as_dialled(value):
    """A number that begins with its country's + sign, without what people write between its digits; others as they are."""
    return BETWEEN_DIGITS.sub("", value) if value.startswith("+") else value


def phone_problem(value):
    """What is wrong with a phone number, with the right form of it; '' for one in E.164."""
    hint = _("Enter the number with its country code, for example +447700900123.")
    try:
        number = phonenumbers.parse(value if value.startswith("+") else f"+{value}")
    except phonenumbers.NumberParseException:
        return hint
    if not phonenumbers.is_possible_number(number):
        return hint
    right = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if right == value:
        return ""
    if value.startswith("+"):
        return _("Write it as %(right)s.") % {"right": right}
    return _("Write it as %(right)s, if its country code is %(code)d.") % {"right": right, "code": number.country_code}


def _choice_problem(field, value):
    choices = [str(choice) for choice in field.get("choices", ())]
    return "" if value in choices else _("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)}


KINDS = {
    "email": _email_problem, "digits": _digits_problem, "phone": lambda field, value: phone_problem(value),
    "choice": _choice_problem,
}
