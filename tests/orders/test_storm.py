"""Two clusters of two workers and the sweep at one database, while one purchase in ten goes wrong.

`make storm` does it with a thousand orders.
"""

import os
import random
import time
import uuid
from collections import Counter
from datetime import timedelta

import pytest

from catalog import clock
from funding import refreshing
from funding.models import Reservation
from orders import placing
from orders.models import Attempt, Order
from tests.orders.shop import fail, operation, quoted, sweep_at
from tests.orders.test_field_machines import cheap_voucher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg, pytest.mark.fault("F66")]
ORDERS = int(os.environ.get("ORDERS", "60"))
FAULTS = (("error", "after"), ("error", "before"), ("close", "after"), ("reset", "before"), ("truncated", "after"),
          ("html", "after"))
RATE = 0.1


def test_every_order_is_bought_once_in_the_storm(plexy, giftapi, octopus, lab, start_worker, record_property):
    dice, struck, began = random.Random(1), Counter(), time.monotonic()
    skus = [deep_pockets(supplier, lab) for supplier in (plexy, giftapi, octopus)]
    lab.fail("giftapi", "createOrder", "allow_duplicates")
    workers = [start_worker("qcluster"), start_worker("qcluster"), start_worker("run_due", "--every", "1")]

    quotes = {}
    for number in range(ORDERS):
        sku = skus[number % len(skus)]
        place(sku, number, quotes)
        if dice.random() < RATE:
            name, when = dice.choice(FAULTS)
            fail(lab, sku, name, when=when)
            struck[f"{name} {when}"] += 1
    wait_until_sent(ORDERS)
    for worker in workers:
        worker.kill()
    settle_what_is_left()

    bought = Counter(
        len(lab.books[one.supplier.api].purchases(one.ref)) for one in Attempt.objects.select_related("supplier"))
    at = Counter(Attempt.objects.values_list("supplier__name", flat=True))
    sends = sum(len(lab.calls(sku.supplier.api, operation("createOrder", sku))) for sku in skus)
    statuses = Counter(Order.objects.values_list("status", flat=True))
    record_property("storm", (
        f"{ORDERS} orders ({', '.join(f'{count} at {name}' for name, count in at.items())}), {sum(struck.values())} faults, "
        f"{sends} requests to buy, two clusters of two workers and the sweep, {time.monotonic() - began:.0f} s: "
        f"{dict(statuses)}, purchases per order {dict(bought)}"))
    assert Order.objects.count() == ORDERS
    assert dict(bought) == {1: ORDERS}
    assert set(statuses) == {"completed"}
    assert not Reservation.objects.filter(state="open").exists()


def deep_pockets(supplier, lab):
    supplier.settings = {"verticals": ["voucher"]} if supplier.api == "octopus_cards" else {}
    supplier.save()
    sku = cheap_voucher(supplier, lab, clock.now())
    lab.books[supplier.api].deposit("USD", str(sku.price * ORDERS * 2))
    refreshing.read_balances(supplier=supplier, now=clock.now())
    return sku


def place(sku, number, quotes):
    """Confirm one order; a price is asked for again after half a minute."""
    wanted, quote = quotes.get(sku.pk) or (None, None)
    if quote is None or clock.now() - quote.fetched_at > timedelta(seconds=30):
        wanted, quote = quotes[sku.pk] = quoted(sku, clock.now())
    return placing.confirm(token=uuid.uuid4(), sku=sku, terms=wanted, quote=quote, reference=f"STORM-{number}", by=None,
                           now=clock.now(), repeat=True)


def wait_until_sent(count):
    """Every order has left the queue once, or four minutes have passed."""
    deadline = time.monotonic() + 240 + count / 2
    while Order.objects.filter(status__in=("queued", "sending")).exists():
        assert time.monotonic() < deadline, Counter(Order.objects.values_list("status", flat=True))
        time.sleep(0.2)


def settle_what_is_left():
    """The clocks run ahead until every outcome is known."""
    now = clock.now()
    for _ in range(120):
        if not Order.objects.exclude(status="completed").exists():
            return
        now += timedelta(seconds=20)
        sweep_at(now)
