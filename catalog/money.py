"""Money: exact decimals, always beside a currency.

Columns hold 20 digits with 6 after the point, enough for every ISO 4217 currency and for suppliers' unit prices.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from django.db import models
from django.db.models.functions import Coalesce

# ISO 4217 minor units that are not 2.
MINOR_UNITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

SMALLEST = Decimal("0.000001")  # that a MoneyField holds


class MoneyField(models.DecimalField):
    """An amount in major units of the currency that stands beside it."""

    def __init__(self, **options):
        super().__init__(**{"max_digits": 20, "decimal_places": 6, **options})

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, args, options


class _SixDigits:
    """What a database that keeps decimals as floating point (SQLite) reckons is rounded to the digits of a MoneyField."""

    def get_db_converters(self, connection):
        return [*super().get_db_converters(connection), _to_six_digits]


class MoneySum(_SixDigits, models.Sum):
    """The exact sum of a MoneyField; None for no row."""


class MoneyCoalesce(_SixDigits, Coalesce):
    """The first of several amounts that is not null."""


def minor_units(currency):
    """How many digits stand after the point of an amount in `currency`; 2 for a code we do not know."""
    return MINOR_UNITS.get(currency, 2)


def quantise(amount, currency):
    """`amount` rounded to the minor unit of `currency` (banker's rounding)."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), rounding=ROUND_HALF_EVEN)


def show(amount, currency):
    """`1,234.50 USD`: at least the currency's minor unit, more digits only where they are not zero."""
    if amount is None:
        return "—"
    text = f"{amount:,.{_places(amount, currency)}f}".replace("-", "\N{MINUS SIGN}")
    return f"{text} {currency}".strip()


def plain(amount, currency):
    """`-1234.50`: the same digits for machines (CSV, JSON), without the currency; None stays None."""
    return None if amount is None else f"{amount:.{_places(amount, currency)}f}"


def _places(amount, currency):
    return max(minor_units(currency), -amount.normalize().as_tuple().exponent)


def _to_six_digits(value, expression, connection):
    return None if value is None else value.quantize(SMALLEST)
