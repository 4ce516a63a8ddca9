"""What an open denomination would cost, where the supplier tells rate and markup but neither formula nor rounding."""

from decimal import ROUND_UP, Decimal

CENT = Decimal("0.01")


def estimate(amount, *, rate, markup_percent=None, markup_fixed=None, quantity=1):
    """A total in the currency we pay in, rounded up to the cent, at least a cent. An estimate, never a price."""
    one = amount * rate * (1 + (markup_percent or Decimal(0)) / 100) + (markup_fixed or 0)
    return max((one * quantity).quantize(CENT, rounding=ROUND_UP), CENT)
