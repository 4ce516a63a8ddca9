"""eSIMs that were sold earlier: what a supplier tells of one, and the number it is known by."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ICCID_FIELD = "iccid"  # the input of an order that names the eSIM a package is added to
SHORTEST_ICCID, LONGEST_ICCID = 18, 22


@dataclass(frozen=True, slots=True)
class EsimPackage:
    """A data package on an eSIM. Amounts are in `unit`; None where they are not told."""

    name: str
    word: str = ""
    total: Decimal | None = None
    left: Decimal | None = None
    unit: str = ""
    activated_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EsimNetwork:
    """A network that an eSIM works in."""

    country: str
    country_code: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class EsimReading:
    """One eSIM as its supplier tells it now. `activation_code` is the secret behind its QR picture, '' where not told.

    `can_renew` is true only if the supplier says so: without that nothing may be added to it.
    """

    iccid: str
    word: str
    can_renew: bool
    activation_code: str = field(default="", repr=False)
    last_package: str = ""
    total: Decimal | None = None
    left: Decimal | None = None
    unit: str = ""
    packages: tuple[EsimPackage, ...] = ()
    coverage: tuple[EsimNetwork, ...] = ()


def is_iccid(text):
    """Whether `text` is made like an ICCID: digits only, of the right length. Says nothing of its check digit."""
    return text.isascii() and text.isdigit() and SHORTEST_ICCID <= len(text) <= LONGEST_ICCID


def is_mistyped(iccid):
    """Whether the last digit of an ICCID contradicts the others."""
    return check_digit(iccid[:-1]) != iccid[-1]


def check_digit(digits):
    """The digit that Luhn's rule puts behind `digits`."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
