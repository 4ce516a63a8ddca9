"""Ids as Purser keeps them. Octopus counts each sort of goods by itself, so every id says of which sort it is.

A product is `topup:5101`, an order `voucher:40030`. A SKU names what an order has to send back: `topup:91001:1.99` is a
variant at one of its fixed amounts, `topup:91002` one whose amount the buyer names, `voucher:311:25` a product at a fixed
denomination, `voucher:311:10-500` within a range. So a SKU never comes to mean another amount than the one a buyer saw.
"""

from decimal import Decimal, InvalidOperation

from ..errors import Invalid

TOPUP, VOUCHER, ESIM = "topup", "voucher", "esim"
VERTICALS = (TOPUP, VOUCHER, ESIM)


def join(*parts):
    return ":".join(parts)



def short(amount):
    """An amount in the fewest digits: 25 for 25.00, 1.5 for 1.50."""
    return f"{amount.normalize():f}"


def split(ref, *, what):
    """The vertical and the number of a ref of ours. Raises Invalid with code `what` for anything else."""
    vertical, _, rest = ref.partition(":")
    number = rest.partition(":")[0]
    if vertical not in VERTICALS or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Invalid(f"This is no {what} of Octopus Cards. Synchronise the catalog.", code=what)
    return vertical, int(number)


def fixed_amount(sku_ref):
    """The amount that a SKU of a fixed amount stands for. Raises Invalid for any other."""
    try:
        return Decimal(sku_ref.split(":")[2])
    except (IndexError, InvalidOperation):
        raise Invalid("The order names no amount. Synchronise the catalog.", code="amount") from None
