"""Delivered goods: suppliers spell the same few things in many ways, read here in one place."""

import json

from .decoding import day
from .types import Delivery

CODES = ("voucher_code", "code", "gift_code", "card_code", "redeem_code", "redemption_code", "activation_code",
         "license_key", "key", "qr_code", "lpa", "pin", "card_number", "url", "redeem_url", "link")
SERIALS = ("serial", "serial_number", "serialNumber")
EXPIRIES = ("expiration", "expiration_date", "expires_at", "expiry", "expiry_date", "expires_on", "valid_until")
LISTS = ("codes", "voucher_codes", "vouchers", "cards", "units", "items", "pins")


def deliveries(content, *, not_goods=()):
    """The units in whatever a supplier delivers: an object, a list of them, or an object around such a list.

    Fields named in `not_goods` are no goods; an object that has nothing else delivers nothing.
    """
    if isinstance(content, dict):
        content = {name: value for name, value in content.items() if name not in not_goods}
        inner = next((content[name] for name in LISTS if content.get(name) and isinstance(content[name], list)), None)
        content = [content] if inner is None else inner
    if not isinstance(content, list):
        content = [content]
    return tuple(delivery(one) if isinstance(one, dict) else Delivery(code=as_text(one))
                 for one in content if not _is_empty(one))


def delivery(fields):
    """One delivered unit from an object: its code, serial and expiry, and everything else as details."""
    code, serial, expiry = (_first(fields, names) for names in (CODES, SERIALS, EXPIRIES))
    expires_on = day(fields.get(expiry))
    read = {code, serial} | ({expiry} if expires_on or not fields.get(expiry) else set())
    details = {str(name): as_text(value) for name, value in fields.items()
               if name not in read and value not in (None, "")}
    return Delivery(code=as_text(fields.get(code)), serial=as_text(fields.get(serial)), expires_on=expires_on,
                    details=details)


def as_text(value):
    """Any JSON value as the text a buyer could be given."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _is_empty(one):
    return all(value in (None, "", [], {}) for value in (one.values() if isinstance(one, dict) else [one]))


def _first(fields, names):
    """The first of `names` that has something in it, or None."""
    return next((name for name in names if fields.get(name) not in (None, "", [], {})), None)
