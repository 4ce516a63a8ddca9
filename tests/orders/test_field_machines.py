"""What machines do to orders in the field: a database killed under load, a worker told to stop while it sends, a supplier
that answers nothing beside one that is well.
"""

import os
import signal
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from catalog import calls, clock
from catalog.models import Call, Supplier
from catalog.suppliers.types import ProductKind
from monitoring import order_causes, running, workers
from monitoring.machinery import LOOP
from monitoring.models import Heartbeat
from orders import sweep
from orders.models import Attempt, Order
from tests import crash, postgres, proxy
from tests.lab_fixtures import connected
from tests.orders.shop import bought, confirmed, fail, mirror, run_until, sweep_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg]
PATIENCE_S = 180


def until(happened):
    """Wait for it, three minutes at most: a busy machine starts a cluster slowly."""
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
def keeping_server():
    """A PostgreSQL of the test's own that keeps what it has committed, short of a power cut; the test is connected there."""
    server = postgres.Server.start(synchronous_commit="on")
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(NAME="postgres", PORT=server.url.rpartition(":")[2].partition("/")[0])
    call_command("migrate", verbosity=0)
    yield server
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(before)
    server.stop()


@pytest.fixture
def looked_after(monkeypatch):
    """A factory: a child of the runner's at work at the test's database, and the runner, in a hurry, that looks after it."""
    begun = []

    def begin(child, *command):
        monkeypatch.setattr(running, "PATIENCE_S", 0)
        monkeypatch.setattr(running, "WATCH_EVERY_S", 0.1)
        child.command = [sys.executable, str(crash.ROOT / "manage.py"), *command]
        child.environment = {"DATABASE_URL": crash.database_url(), "VAR_DIR": str(settings.VAR_DIR)}
        runner = running.Runner([child], grace_s=0.5)
        begun.append((runner, threading.Thread(target=runner.run)))
        begun[-1][1].start()
        return child

    yield begin
    for runner, thread in begun:
        runner.is_stopping = True
        thread.join()


@pytest.mark.fault("F60")
def test_database_killed_under_load_loses_no_order(keeping_server, lab, start_worker, monkeypatch):
    now = clock.now()
    supplier = connected("giftapi", "giftapi", lab)
    sku = cheap_voucher(supplier, lab, now)
    orders = [confirmed(sku, now) for _ in range(20)]
    books = lab.books["giftapi"]
    monkeypatch.setenv("DATABASE_URL", keeping_server.url)
    worker = start_worker("run_worker")
    until(lambda: len(books.purchases()) >= 3)

    keeping_server.kill_and_start_again()
    connection.close()
    back_at, began = clock.now(), time.monotonic()
    survivors = Order.objects.count()
    until(Heartbeat.objects.filter(name=LOOP, at__gt=back_at).exists)
    waited_s = time.monotonic() - began
    worker.kill()

    assert survivors == len(orders)
    assert waited_s < 10  # the workers found their way back by themselves
    ended = [run_until(order, clock.now(), hours=3) for order in orders]
    assert {order.status for order in ended} == {"completed"}
    assert {bought(books, order) for order in ended} == {1}


@pytest.mark.fault("F57")
def test_answer_that_no_database_would_take_waits_on_the_disk(sku, lab, books, now, start_worker, monkeypatch, settings):
    """The worker's database goes away while the supplier answers; then nothing but the disk knows the answer."""
    order, attempt = confirmed(sku, now), Attempt.objects.get()
    between = proxy.Proxy(int(connection.settings_dict["PORT"]))
    monkeypatch.setenv("DATABASE_URL", f"postgres://postgres@127.0.0.1:{between.port}/any")
    fail(lab, sku, "late", seconds=1)
    worker = start_worker("run_due")
    until(books.purchases)

    between.stop()
    until(lambda: list((settings.VAR_DIR / "spool").glob("*.call")))
    worker.kill()
    assert (Attempt.objects.get().state, Call.objects.filter(ref=attempt.ref).exists()) == ("sending", False)
    lab.fail(sku.supplier.api, "*", "error", times=None)  # from now on nobody can be asked
    sweep_at(Attempt.objects.get().lease_until)

    assert calls.read_bodies(Call.objects.get(ref=attempt.ref, is_read=False))[1]
    assert Attempt.objects.get().state == "accepted"
    lab.clear()
    order = run_until(order, clock.now() + timedelta(minutes=5))
    assert (order.status, bought(books, order), attempt.units.count()) == ("completed", 1, 1)


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


@pytest.mark.fault("F63")
@pytest.mark.parametrize("where", ["while it waits for the answer", "while it writes the answer down"])
def test_task_that_ran_out_of_its_time_buys_once(giftapi, lab, now, start_worker, where):
    """The queue ends a task by SIGALRM, wherever it is."""
    sku, books = cheap_voucher(giftapi, lab, now), lab.books["giftapi"]
    order = confirmed(sku, now)
    OrmQ.objects.all().delete()
    async_task("orders.tasks.send", order.attempts.get().pk, timeout=5)
    is_writing = where == "while it writes the answer down"
    lab.fail("giftapi", "createOrder", "late", seconds=0.5 if is_writing else 20)
    cluster = start_worker("qcluster")
    until(books.purchases)

    with transaction.atomic():
        if is_writing:
            Order.objects.select_for_update().get()
        until(lambda: [task for task in Task.objects.filter(success=False) if "exceeded maximum timeout" in task.result])
        assert Attempt.objects.get().state == "sending"
    cluster.kill()
    outcome = Call.objects.get(is_read=False, ref=order.attempts.get().ref).outcome
    assert outcome == ("answered" if is_writing else "interrupted")
    order = run_until(order, clock.now(), hours=3)

    assert (order.status, bought(books, order), len(lab.calls("giftapi", "createOrder"))) == ("completed", 1, 1)
    assert order.attempts.get().units.count() == 1


@pytest.mark.fault("F62")
def test_order_at_which_workers_die_is_left_to_a_person_and_the_others_run(giftapi, lab, now, start_worker):
    """A worker that is killed cannot say so: that it began is written before."""
    sku, books = cheap_voucher(giftapi, lab, now), lab.books["giftapi"]
    poison = confirmed(sku, now)
    start_worker(crash_at="before_claim").wait_for_crash()
    assert poison.attempts.get().crash_count == 1
    poison.attempts.update(crash_count=sweep.CRASHES_BEFORE_QUARANTINE - 1)
    start_worker(crash_at="before_claim").wait_for_crash()

    order = run_until(confirmed(sku, now), now)

    poison.refresh_from_db()
    assert (order.status, bought(books, order)) == ("completed", 1)
    assert (poison.status, poison.needs_review, bought(books, poison)) == ("queued", True, 0)
    assert [cause.key for cause in order_causes.review(now)]


@pytest.mark.fault("F65")
def test_queue_signed_with_another_key_holds_up_neither_the_cluster_nor_the_order(
        giftapi, lab, now, start_worker, monkeypatch):
    sku, books = cheap_voucher(giftapi, lab, now), lab.books["giftapi"]
    order = confirmed(sku, now)  # with a task that is signed by the old key
    monkeypatch.setattr(Conf, "SECRET_KEY", "another-key-" + "1" * 60)
    monkeypatch.setenv("SECRET_KEY", Conf.SECRET_KEY)
    cluster = start_worker("qcluster")
    until(lambda: not OrmQ.objects.exists())
    assert books.purchases() == []

    later = confirmed(sku, now)
    assert OrmQ.objects.count() == 1
    cluster.kill_when(lambda: bought(books, later))  # it goes on with what comes after
    for one in (order, later):
        one = run_until(one, clock.now())
        assert (one.status, bought(books, one)) == ("completed", 1)


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


@pytest.mark.fault("F61")
def test_frozen_loop_is_started_again_and_goes_on(giftapi, lab, looked_after, monkeypatch):
    """The runner's own loop, frozen while it sends: another takes its place without anybody's doing."""
    now = clock.now()
    sku, books = cheap_voucher(giftapi, lab, now), lab.books["giftapi"]
    lab.fail("giftapi", "createOrder", "late", seconds=3)
    first = confirmed(sku, now)
    loop = looked_after(workers.children()[-1], "run_due", "--every", "1")
    until(books.purchases)

    frozen, hangs = loop.process.pid, loop.is_silent
    os.killpg(frozen, signal.SIGSTOP)
    monkeypatch.setattr(running, "HANGS_AFTER_S", 0.5)
    loop.is_silent = lambda: loop.process.pid == frozen and hangs()  # another one may take longer to start
    until(lambda: loop.process.pid != frozen)
    later = confirmed(sku, clock.now())
    until(lambda: bought(books, later))

    ended = [run_until(order, clock.now() + timedelta(minutes=3), hours=1) for order in (first, later)]
    assert [order.status for order in ended] == ["completed"] * 2
    assert [bought(books, order) for order in ended] == [1, 1]
