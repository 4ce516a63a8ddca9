"""What machines do to orders in the field: a database killed under load, a worker told to stop while it sends, a supplier
that answers nothing beside one that is well.
"""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from catalog import clock
from catalog.models import Supplier
from catalog.suppliers.types import ProductKind
from orders.models import Attempt, Order
from tests import postgres
from tests.lab_fixtures import connected
from tests.orders.shop import bought, confirmed, mirror, run_until

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60


def until(happened):
    """Wait for it, a minute at most."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def cheap_voucher(supplier, lab, now):
    books = lab.books[supplier.api]
    for currency in list(books.balances):
        books.deposit(currency, "5000.00")
    return mirror(supplier, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                  and price.price < 15 and price.currency == "USD" and (price.stock is None or price.stock > 500), now)


@pytest.fixture
def durable_server():
    """A PostgreSQL of the test's own that keeps what it has committed; the test's connection leads there."""
    server = postgres.Server.start(fsync="on", synchronous_commit="on")
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(NAME="postgres", PORT=server.url.rpartition(":")[2].partition("/")[0])
    call_command("migrate", verbosity=0)
    yield server
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(before)
    server.stop()


@pytest.mark.pg
@pytest.mark.fault("F60")
def test_database_killed_under_load_loses_no_order(durable_server, lab, start_worker, monkeypatch):
    now = clock.now()
    supplier = connected("giftapi", "giftapi", lab)
    sku = cheap_voucher(supplier, lab, now)
    orders = [confirmed(sku, now) for _ in range(20)]
    books = lab.books["giftapi"]
    monkeypatch.setenv("DATABASE_URL", durable_server.url)
    worker = start_worker("run_worker")
    until(lambda: len(books.purchases()) >= 3)

    durable_server.kill_and_start_again()
    connection.close()
    survivors, done = Order.objects.count(), len(books.purchases())
    until(lambda: len(books.purchases()) > done)  # the workers found their way back by themselves
    worker.kill()

    assert survivors == len(orders)
    ended = [run_until(order, clock.now(), hours=3) for order in orders]
    assert {order.status for order in ended} == {"completed"}
    assert {bought(books, order) for order in ended} == {1}


@pytest.mark.fault("F63")
def test_worker_told_to_stop_while_it_sends_buys_once(giftapi, lab, now, start_worker):
    sku, books = cheap_voucher(giftapi, lab, now), lab.books["giftapi"]
    order = confirmed(sku, now)
    lab.fail("giftapi", "createOrder", "late", seconds=20)
    worker = start_worker()

    until(books.purchases)
    os.killpg(worker.process.pid, signal.SIGTERM)
    worker.process.wait(PATIENCE_S)
    order = run_until(order, clock.now(), hours=3)

    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.pg
@pytest.mark.fault("F77")
def test_supplier_that_answers_nothing_does_not_hold_up_the_other(plexy, giftapi, lab, start_worker):
    now = clock.now()
    silent, well = cheap_voucher(plexy, lab, now), cheap_voucher(giftapi, lab, now)
    stuck = [confirmed(silent, now) for _ in range(8)]
    orders = [confirmed(well, now) for _ in range(8)]
    lab.fail("plexy_gate", "*", "silence", times=None, when="before", seconds=60)

    start_worker("run_due", "--every", "1")
    until(lambda: len(lab.books["giftapi"].purchases()) == len(orders))

    # Nothing at the silent one has given up yet: the others did not wait for it, and no more than four did.
    states = list(Attempt.objects.filter(order__in=stuck).values_list("state", flat=True))
    assert set(states) == {"sending", "queued"}
    assert states.count("sending") == 4
    assert not Supplier.objects.filter(paused_at__isnull=False).exists()
    assert timedelta(0) < clock.now() - now


@pytest.mark.fault("F61")
def test_worker_that_froze_while_it_sent_changes_nothing_when_it_wakes(giftapi, lab, start_worker):
    now = clock.now()
    sku, books = cheap_voucher(giftapi, lab, now), lab.books["giftapi"]
    order = confirmed(sku, now)
    lab.fail("giftapi", "createOrder", "late", seconds=3)
    worker = start_worker("run_due")
    until(books.purchases)
    os.killpg(worker.process.pid, signal.SIGSTOP)

    found = run_until(order, now + timedelta(minutes=3), hours=1)
    os.killpg(worker.process.pid, signal.SIGCONT)
    worker.process.wait(PATIENCE_S)

    order.refresh_from_db()
    assert (found.status, order.status, bought(books, order)) == ("completed", "completed", 1)
    assert order.attempts.get().units.count() == order.quantity
    assert len(lab.calls("giftapi", "createOrder")) == 1
