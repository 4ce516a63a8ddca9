"""Finding accounts: by place, and by what has changed."""

import re

from catalog.suppliers.errors import Misread

from .models import Account


def at(*, supplier, currency):
    """Our account at `supplier` in `currency`, created unread where it is new. Raises Misread for an odd code."""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Misread(f"{currency[:20]!r} is not a currency code of three letters")
    account, _ = Account.objects.get_or_create(supplier=supplier, currency=currency)
    return account


def read_since(moment):
    """Accounts whose figures are newer than `moment`: what can be spent there may have grown.

    A deposit found in the books needs no question of its own, because every refresh reads the balance after the books.
    """
    return Account.objects.filter(read_at__gt=moment)
