"""A transaction as a person told it: read from a form, a paste, a line of a file or a command, and checked."""

import hashlib
import json
import re
from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from catalog.suppliers.decoding import decode, record
from catalog.suppliers.errors import Misread
from catalog.suppliers.transactions import LARGEST_ID, Action, TransactionQuery

NUMBERS = ("player_id", "site_id", "provider_id")
# In the order of the form, of a file's columns and of the supplier's own documents.
FIELDS = ("token", "player_id", "site_id", "provider_id", "game_id", "currency", "amount", "round_id", "transaction_id",
          "action")
OPTIONAL = ("provider_id",)
LONGEST = {"token": 300, "game_id": 100, "currency": 10, "round_id": 36, "transaction_id": 36}
LONGEST_PASTE = 20_000


class Wrong(Exception):
    """What was told cannot be asked about: `errors` maps a field's name to a sentence that says what to do."""

    def __init__(self, errors):
        self.errors = errors
        super().__init__("; ".join(f"{name}: {text}" for name, text in errors.items()))


def read(fields):
    """The TransactionQuery of `fields` (name to text). Raises Wrong, naming every field that does not fit."""
    given = {name: str(fields.get(name) or "").strip() for name in FIELDS}
    errors = {name: problem for name, text in given.items() if (problem := _problem(name, text))}
    if unknown := sorted(set(fields) - set(FIELDS)):
        errors[unknown[0]] = _("There is no such field. The fields are: %(known)s.") % {"known": ", ".join(FIELDS)}
    if errors:
        raise Wrong(errors)
    numbers = {name: int(given[name]) if given[name] else None for name in NUMBERS}
    return TransactionQuery(**{**given, **numbers, "amount": Decimal(given["amount"]), "action": Action(given["action"])})


def pasted(text):
    """The fields in a pasted text: a JSON object, a launch address, or `name=value` pairs. Raises Wrong for `paste`."""
    text = text.strip()
    found = _object(text) if text.startswith("{") else _pairs(text)
    known = {name: str(value) for name, value in found.items()
             if name in FIELDS and isinstance(value, str | int | Decimal) and not isinstance(value, bool)}
    if not known:
        raise Wrong({"paste": _("None of the fields is in there. Paste the request as JSON, or the launch address.")})
    return known


def digest(query):
    """SHA-256 of all that tells one transaction from another; sessions come and go."""
    told = replace(query, token="")
    text = json.dumps([str(getattr(told, name)) for name in FIELDS])
    return hashlib.sha256(text.encode()).hexdigest()


def _pairs(text):
    """`name=value` by lines, or behind the question mark of an address."""
    _before, is_address, query = text.partition("?")
    return dict(parse_qsl(query.partition("#")[0] if is_address else "&".join(text.split())))


def _object(text):
    try:
        return record(decode(text.encode()), "object")
    except Misread:
        raise Wrong({"paste": _("This begins like JSON and cannot be read. Copy the whole request once more.")}) from None


def _problem(name, text):
    if not text:
        return "" if name in OPTIONAL else _("Fill this in.")
    if name in NUMBERS:
        is_number = re.fullmatch("[0-9]{1,20}", text) and int(text) <= LARGEST_ID
        return "" if is_number else _("A whole number from 0 to %(largest)d, digits only.") % {"largest": LARGEST_ID}
    if name == "amount":
        is_amount = re.fullmatch(r"(0|[1-9][0-9]{0,13})(\.[0-9]{1,6})?", text)
        return "" if is_amount else _("A plain number such as 12.50, exactly as it was sent: no sign, no thousands mark.")
    if name == "action":
        return "" if text in list(Action) else _("One of: %(known)s.") % {"known": ", ".join(Action)}
    is_plain = re.fullmatch(r"[ -~]+", text) and len(text) <= LONGEST[name]
    return "" if is_plain else _("At most %(most)d plain characters, without accents or line breaks.") % {
        "most": LONGEST[name]}
