"""Two weeks of trade, so that lists, charts and counts have something to show."""

import random
import time
from datetime import timedelta

from catalog.models import Sku
from orders.models import Order

from . import buying

ORDERS = 150
PATIENCE_S = 20
YOUNGEST_H = 1
DAYS = 14
DEAREST = 20  # small goods: the lab's accounts have to last two weeks
KINDS = ("voucher", "recharge", "transfer")
FAILS_ONE_IN = 25


def trade(lab, *, sellers, now):
    """Place, send and follow ORDERS orders of the last two weeks, or as many as PATIENCE_S allows; once."""
    if Order.objects.filter(created_at__lt=now - timedelta(hours=YOUNGEST_H)).exists():
        return
    dice = random.Random(20)
    shelves = _small_goods()
    give_up_at = time.monotonic() + PATIENCE_S
    for number in range(100, 100 + ORDERS):  # in no order of time, so that a slow machine has two thin weeks, not one
        if time.monotonic() > give_up_at:
            return
        sku = dice.choice(shelves[number % len(shelves)])
        if not dice.randrange(FAILS_ONE_IN):
            lab.fail(sku.supplier.api, "create*", "finish", status="failed", reason="Out of stock at the vendor")
        buying.buy(sku=sku, by=dice.choice(sellers), at=_moment(dice, now), number=number)


def _small_goods():
    """What each supplier sells for little: a list per supplier."""
    shelves = {}
    small = Sku.objects.filter(price__lte=DEAREST, price__gt=1, currency="USD", denomination="fixed", gone_at=None,
                               product__kind__in=KINDS)
    for sku in small.exclude(stock=0).select_related("product", "supplier").order_by("pk"):
        shelves.setdefault(sku.supplier_id, []).append(sku)
    return list(shelves.values())


def _moment(dice, now):
    """Some time in the last two weeks; some hours are busier, and the last ones belong to the other orders."""
    day = timedelta(days=dice.randrange(DAYS))
    of_day = timedelta(seconds=86400 * dice.triangular(0, 1, 0.2))
    return now - day - of_day - timedelta(hours=YOUNGEST_H)
