"""Which operators the Octopus Cards stand-in takes a phone number for.

The country tells the operators, the last digit how sure the supplier is: 0 is known to nobody, 8 may be any operator of
the country, 9 has a best guess among them, any other digit is one operator and no doubt.
"""

import re

from ..lab_goods import Product
from .lab_catalog import COUNTRIES, MOBILE

NUMBER = re.compile(r"\+[0-9]{6,15}")
NOBODY, DOUBTFUL, GUESSED = "0", "8", "9"


def operators(number: str, products: list[Product]) -> list[tuple[Product, bool]]:
    """The products for this number, best guess first, each with whether it is the best guess."""
    found = [product for product in products if product.kind == MOBILE and product.region == _country(number)]
    if not found or number[-1] == NOBODY:
        return []
    if number[-1] == DOUBTFUL:
        return [(product, False) for product in found]
    best = found[int(number[-3:]) % len(found)]
    others = [(product, False) for product in found if product is not best] if number[-1] == GUESSED else []
    return [(best, True), *others]


def _country(number: str) -> str:
    fitting = [country for country in COUNTRIES.values() if number.startswith(country.dialing_prefix)]
    return max(fitting, key=lambda country: len(country.dialing_prefix)).alpha_3 if fitting else ""
