"""From bytes to values: strict JSON with exact decimals, and readers that never crash on what they find.

`decode` raises Misread for anything that is not plain JSON of sane size. The readers return None (or '') for a value that is
missing or is not what its name promises; `need` turns that into a Misread that names the field, never its value.
"""

import json
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from .errors import Misread

DEEPEST = 64
LONGEST_INTEGER = 40
LARGEST_EXPONENT = 60
LARGEST_WHOLE = 2**31 - 1
LARGEST_NUMBER = 10**14  # what a money column holds before the point
LONGEST_ID = 100
MONEY_PLACES, RATE_PLACES = 6, 12
UNITS = {places: Decimal(1).scaleb(-places) for places in (0, MONEY_PLACES, RATE_PLACES)}
WIDE = Context(prec=120)  # wider than any number that gets through here
NUMERAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
CURRENCY = re.compile("[A-Z]{3}")
UNFIT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
UNFIT = re.compile("[\x00\ud800-\udfff]")  # databases refuse NUL, and half a surrogate pair is no character


def decode(body):
    """The JSON value in `body`: points become Decimals, so do whole numbers beyond 18 digits."""
    value, why_not = _parsed(body)
    if why_not:
        raise Misread(why_not)  # here, where no parser's error with the whole text in it hangs on to it
    return value


def need(value, name):
    """`value`, unless it is None or '': then Misread names the field."""
    if value is None or value == "":
        raise Misread(f"The answer lacks a usable {name}.", code="missing_field")
    return value


def record(value, name):
    """`value` if it is a JSON object; Misread otherwise."""
    if not isinstance(value, dict):
        raise Misread(f"The answer lacks a usable {name}.", code="missing_field")
    return value


def records(value, name):
    """`value` if it is an array of JSON objects; Misread otherwise."""
    if not isinstance(value, list):
        raise Misread(f"The answer lacks a usable {name}.", code="missing_field")
    return [record(row, name) for row in value]


def text(node, name, *, longest=300):
    """A text or number as text, cut to `longest` characters; '' where there is none."""
    return _plain(node.get(name))[:longest]


def ident(node, name):
    """An id as text, never cut: one of more than 100 characters counts as missing."""
    value = _plain(node.get(name))
    return value if len(value) <= LONGEST_ID else ""


def currency(node, name):
    """A currency code of three capitals, or ''."""
    value = node.get(name)
    return value if isinstance(value, str) and CURRENCY.fullmatch(value) else ""


def money(node, name):
    """An amount in major units, to six places, or None."""
    return _number(node.get(name), MONEY_PLACES)


def rate(node, name):
    """An exchange rate or a percentage, to twelve places, or None."""
    return _number(node.get(name), RATE_PLACES)


def price(node, name):
    """An amount that may not be negative, or None."""
    amount = money(node, name)
    return amount if amount is not None and amount >= 0 else None


def whole(node, name):
    """A count from 0 to what a database integer holds, or None."""
    number = _number(node.get(name), 0, exact=True)
    return int(number) if number is not None and 0 <= number <= LARGEST_WHOLE else None


def flag(node, name, *, default=False):
    value = node.get(name)
    return value if isinstance(value, bool) else default


def moment(node, name):
    """A time as aware UTC, or None; a time without zone is taken as UTC."""
    value = node.get(name)
    if not isinstance(value, str):
        return None
    try:
        told = datetime.fromisoformat(value.strip())
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value):
    """A date at the start of a text, or None."""
    try:
        return datetime.fromisoformat(value.strip()[:10]).date() if isinstance(value, str) else None
    except ValueError:
        return None


def plain_amount(amount):
    """An amount as the shortest text with at least two places: the same text for 10, 10.00 and 10.000000."""
    whole_part, _, places = f"{amount:f}".partition(".")
    return f"{whole_part}.{places.rstrip('0').ljust(2, '0')}"


def _parsed(body):
    """The value and '', or None and the reason why it cannot be had."""
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse,
                           object_pairs_hook=_without_duplicates)
        _refuse_depth(value)
    except RecursionError:
        return None, "The answer is nested too deeply."
    except ValueError as error:
        return None, str(error) if type(error) is ValueError else "The answer is not JSON."
    return _cleaned(value) if UNFIT_ESCAPE.search(text) else value, ""


def _plain(value):
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else ""


def _number(value, places, *, exact=False):
    if isinstance(value, str) and NUMERAL.fullmatch(value):
        value = Decimal(value)
    if type(value) is int:
        return Decimal(value) if abs(value) < LARGEST_NUMBER else None
    if not isinstance(value, Decimal) or abs(value) >= LARGEST_NUMBER:
        return None
    number = value
    rounded = number.quantize(UNITS[places], rounding=ROUND_HALF_EVEN, context=WIDE)
    if exact and rounded != number:
        return None
    # Only digits beyond `places` are dropped; 10 stays 10 and 10.50 stays 10.50.
    return rounded if rounded != number else number


def _decimal(digits):
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT or len(digits) > 60:
        raise ValueError("The answer holds a number that cannot be meant.")
    return number


def _integer(digits):
    if len(digits) > LONGEST_INTEGER:
        raise ValueError("The answer holds a number that cannot be meant.")
    return int(digits) if len(digits) <= 18 else Decimal(digits)


def _refuse(word):
    raise ValueError(f"The answer holds {word}, which is not a number.")


def _without_duplicates(pairs):
    node = dict(pairs)
    if len(node) != len(pairs):
        raise ValueError("The answer gives one field twice.")
    return node


def _refuse_depth(value):
    level = [value]
    for _ in range(DEEPEST):
        level = [child for node in level if isinstance(node, dict | list)
                 for child in (node.values() if isinstance(node, dict) else node)]
        if not level:
            return
    raise ValueError("The answer is nested too deeply.")


def _cleaned(value):
    if isinstance(value, str):
        return UNFIT.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(item) for name, item in value.items()}
    return value
