"""What prices look like on a page: what a product is offered for, and how a price moved."""

from dataclasses import dataclass
from decimal import Decimal

from .suppliers.estimating import estimate

HISTORY = 200
EXAMPLE = Decimal(100)  # of the face currency
WIDTH, HEIGHT, EDGE = 120, 28, 2


@dataclass(frozen=True, slots=True)
class Offered:
    """From `low` to `high` of a currency; `is_open` where the buyer names an amount in that range (None: not told)."""

    currency: str
    low: Decimal | None
    high: Decimal | None
    is_open: bool


def offered(skus):
    """What `skus` cost: one Offered per currency and sort, fixed ones first."""
    ranges = {}
    for sku in skus:
        low, high = (sku.min_amount, sku.max_amount) if sku.is_open else (sku.price, sku.price)
        key = (sku.is_open, (sku.face_currency or sku.currency) if sku.is_open else sku.currency)
        ranges.setdefault(key, []).append((low, high))
    return [Offered(currency, _least(pair[0] for pair in pairs), _most(pair[1] for pair in pairs), is_open)
            for (is_open, currency), pairs in sorted(ranges.items())]


def estimated(sku):
    """[(face amount, what it would cost us)] at the ends of an open SKU's range, or for an example; [] without a rate."""
    if not sku.is_open or sku.rate is None:
        return []
    told = [amount for amount in (sku.min_amount, sku.max_amount) if amount is not None]
    return [(amount, estimate(amount, rate=sku.rate, markup_percent=sku.markup_percent, markup_fixed=sku.markup_fixed))
            for amount in told or [EXAMPLE]]


def history(product):
    """The last SyncChanges of the product's SKUs that tell a price, newest first."""
    told = product.changes.filter(new_price__isnull=False, sku__isnull=False)
    return list(told.select_related("sku").defer("sku__raw").order_by("-at", "-id")[:HISTORY])


def line(prices):
    """Points of an SVG polyline that steps from price to price, oldest first; '' where there is no move to show."""
    if len(prices) < 2:
        return ""
    low, span = min(prices), (max(prices) - min(prices)) or Decimal(1)
    across = Decimal(WIDTH - 2 * EDGE) / len(prices)
    points = []
    for number, price in enumerate(prices):
        y = HEIGHT - EDGE - (price - low) / span * (HEIGHT - 2 * EDGE)
        points += [(EDGE + number * across, y), (EDGE + (number + 1) * across, y)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _least(amounts):
    return min((amount for amount in amounts if amount is not None), default=None)


def _most(amounts):
    return max((amount for amount in amounts if amount is not None), default=None)
