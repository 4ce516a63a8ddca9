"""Real worker processes: killed with SIGKILL in the middle of a purchase, and several at once.

The supplier's own books say what was really bought.
"""

from datetime import timedelta

import pytest

from catalog import clock
from funding.models import Reservation
from orders.models import Order, Unit
from orders.models.order import Status

from .shop import confirmed, fail, number, operation, sweep_at

pytestmark = pytest.mark.django_db(transaction=True)

STEP = timedelta(seconds=30)
LONGEST = timedelta(minutes=30)
POINTS = ("before_claim", "in_claim", "before_send", "before_record", "before_apply", "in_apply")
# All of them on PostgreSQL; SQLite dies in the same ways at one supplier.
DEATHS = [pytest.param(name, point, marks=[] if name == "giftapi" else pytest.mark.pg)
          for name in ("plexy", "giftapi", "octopus") for point in POINTS]


@pytest.fixture
def order(sku, lab):
    """One voucher, confirmed and not sent yet. GiftAPI promises nothing about our reference, so it may come twice there."""
    if sku.supplier.api == "giftapi":
        lab.fail("giftapi", "createOrder", "allow_duplicates")
    return confirmed(sku, clock.now())


@pytest.mark.parametrize(("sku", "point"), DEATHS, indirect=["sku"])
@pytest.mark.fault("F61")
def test_killed_worker_buys_once(order, point, lab, start_worker):
    start_worker(crash_at=point).wait_for_crash()
    attempt = order.attempts.get()
    assert attempt.state == ("queued" if "claim" in point else "sending")

    sweep_at(attempt.lease_until or clock.now())
    assert order.attempts.get().state not in ("queued", "sending")
    recover(order)

    assert_bought_once(order, lab)


@pytest.mark.fault("F61")
def test_worker_killed_while_it_waits_for_the_answer_buys_once(order, lab, start_worker):
    books = lab.books[order.supplier.api]
    fail(lab, order.sku, "late", seconds=20)

    start_worker().kill_when(books.purchases)
    recover(order)

    assert_bought_once(order, lab)


@pytest.mark.fault("F61")
def test_worker_killed_after_it_read_an_order_reads_it_again(order, lab, start_worker):
    fail(lab, order.sku, "hold")
    sweep_at(clock.now())
    lab.books[order.supplier.api].settle(number(Order.objects.get(pk=order.pk)), "completed")
    order.attempts.update(due_at=clock.now())

    start_worker(crash_at="after_read").wait_for_crash()
    recover(order)

    assert_bought_once(order, lab)


@pytest.mark.parametrize("sku", ["plexy"], indirect=True)
@pytest.mark.fault("F61")
def test_worker_killed_again_while_it_finds_out_buys_once(order, lab, start_worker):
    """Plexy Gate answers a repeated request with the same order, so finding out repeats it: a second place to die."""
    for point in ("before_send", "before_record", "before_apply"):
        start_worker(crash_at=point).wait_for_crash()
        order.attempts.update(lease_until=clock.now(), due_at=clock.now())

    recover(order)

    assert_bought_once(order, lab)
    assert len({call.body for call in lab.calls("plexy_gate", "createOrder")}) == 1


@pytest.mark.parametrize("sku", ["giftapi"], indirect=True)
@pytest.mark.fault("F61")
def test_cluster_whose_process_is_killed_buys_once(order, lab, start_worker):
    books = lab.books[order.supplier.api]
    cluster = start_worker("qcluster", crash_at="before_record")

    cluster.kill_when(books.purchases)
    recover(order)

    assert_bought_once(order, lab)


@pytest.mark.parametrize("sku", ["giftapi"], indirect=True)
def test_cluster_does_what_was_queued(order, start_worker):
    cluster = start_worker("qcluster")

    cluster.kill_when(lambda: Order.objects.get(pk=order.pk).status in (Status.ACCEPTED, Status.COMPLETED))

    assert order.attempts.get().send_count == 1


@pytest.mark.fault("F66")
def test_workers_at_once_send_once(order, lab, start_worker):
    workers = [start_worker("run_due") for _ in range(3)]

    for worker in workers:
        worker.wait_for_end()

    assert len(lab.calls(order.supplier.api, operation("createOrder", order.sku))) == 1


def recover(order):
    """Let the clock of our rows run on, sweeping, until the order is final."""
    now, end = clock.now(), clock.now() + LONGEST
    while now < end and not Order.objects.get(pk=order.pk).is_final:
        now += STEP
        sweep_at(now)


def assert_bought_once(order, lab):
    order.refresh_from_db()
    attempt = order.attempts.get()
    books = lab.books[order.supplier.api]
    assert order.status == Status.COMPLETED, [event.text for event in order.events.order_by("pk")]
    assert len(books.purchases()) == len(books.purchases(attempt.ref)) == 1
    assert len(books.charges()) == 1
    assert Unit.objects.filter(attempt=attempt).count() == order.quantity
    assert Reservation.objects.get(attempt_ref=attempt.ref).settled_at is not None
