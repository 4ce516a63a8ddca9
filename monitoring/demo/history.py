"""Two weeks of trade, so that lists, charts and counts have something to show."""

import random
from datetime import timedelta

from catalog.models import Sku
from orders.models import Order

from . import buying

ORDERS = 150
DAYS = 14
DEAREST = 20  # small goods: the lab's accounts have to last two weeks
KINDS = ("voucher", "recharge", "transfer")
FAILS_ONE_IN = 25


def trade(lab, *, sellers, now):
    """Place, send and follow orders of the last two weeks until there are ORDERS of them."""
    dice = random.Random(20)
    goods = list(Sku.objects.filter(
        price__lte=DEAREST, price__gt=1, currency="USD", denomination="fixed", gone_at=None, product__kind__in=KINDS,
    ).exclude(stock=0).select_related("product", "supplier").order_by("pk"))
    missing = max(ORDERS - Order.objects.count(), 0)
    for number, at in enumerate(sorted(_moment(dice, now) for _ in range(missing)), start=100):
        sku = dice.choice(goods)
        if not dice.randrange(FAILS_ONE_IN):
            lab.fail(sku.supplier.api, "createOrder", "finish", status="failed", reason="Out of stock at the vendor")
        buying.buy(sku=sku, by=dice.choice(sellers), at=at, number=number)


def _moment(dice, now):
    """Some time in the last two weeks; evenings are busier, and the last ten minutes belong to the other orders."""
    day = timedelta(days=dice.randrange(DAYS))
    of_day = timedelta(seconds=86400 * dice.triangular(0, 1, 0.2))
    return now - day - of_day - timedelta(hours=1)
