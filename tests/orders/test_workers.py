"""Real worker processes: killed with SIGKILL in the middle of a purchase, and several at once.

The supplier's own books say what was really bought.
"""

import uuid
from datetime import timedelta

import pytest

from catalog import clock, sync
from catalog.models import Sku
from funding import refreshing
from funding.models import Reservation
from orders import placing, quoting, terms
from orders.models import Order, Unit
from orders.models.order import Status

from .shop import sweep_at

pytestmark = pytest.mark.django_db(transaction=True)

PLACE = "createOrder"
STEP = timedelta(seconds=30)
LONGEST = timedelta(minutes=30)


@pytest.fixture(params=["plexy", "giftapi"])
def supplier(request):
    """Each supplier in turn, with its catalog mirrored and its balances read."""
    supplier, now = request.getfixturevalue(request.param), clock.now()
    sync.sync(supplier=supplier, started_by="test", now=now)
    refreshing.refresh(supplier=supplier, now=now)
    return supplier


@pytest.fixture
def order(supplier, lab):
    """One voucher, confirmed and not sent yet. GiftAPI promises nothing about our reference, so it may come twice there."""
    if supplier.api == "giftapi":
        lab.fail("giftapi", PLACE, "allow_duplicates")
    sku = Sku.objects.filter(
        supplier=supplier, denomination="fixed", currency="USD", product__kind="voucher", product__fields=[],
        gone_at=None).order_by("price", "pk").first()
    wanted = terms.check(sku=sku, quantity=1, amount=None, fields={})
    quote = quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=None, now=clock.now()), now=clock.now())
    return placing.confirm(
        token=uuid.uuid4(), sku=sku, terms=wanted, quote=quote, reference="", by=None, now=clock.now())


@pytest.mark.parametrize("point", ["before_send", "before_record", "before_apply"])
@pytest.mark.fault("F61")
def test_killed_worker_buys_once(order, point, lab, start_worker):
    start_worker(crash_at=point).wait_for_crash()

    recover(order)

    assert_bought_once(order, lab)


@pytest.mark.fault("F61")
def test_worker_killed_while_it_waits_for_the_answer_buys_once(order, supplier, lab, start_worker):
    books = lab.books[supplier.api]
    lab.fail(supplier.api, PLACE, "late", seconds=20)

    start_worker().kill_when(books.purchases)
    recover(order)

    assert_bought_once(order, lab)


@pytest.mark.parametrize("supplier", ["plexy"], indirect=True)
@pytest.mark.fault("F61")
def test_worker_killed_again_while_it_finds_out_buys_once(order, lab, start_worker):
    """Plexy Gate answers a repeated request with the same order, so finding out repeats it: a second place to die."""
    for point in ("before_send", "before_record", "before_apply"):
        start_worker(crash_at=point).wait_for_crash()
        order.attempts.update(lease_until=clock.now(), due_at=clock.now())

    recover(order)

    assert_bought_once(order, lab)
    assert len({call.body for call in lab.calls("plexy_gate", PLACE)}) == 1


@pytest.mark.fault("F61")
def test_cluster_whose_process_is_killed_buys_once(order, supplier, lab, start_worker):
    books = lab.books[supplier.api]
    cluster = start_worker("qcluster", crash_at="before_record")

    cluster.kill_when(books.purchases)
    recover(order)

    assert_bought_once(order, lab)


def test_cluster_does_what_was_queued(order, start_worker):
    cluster = start_worker("qcluster")

    cluster.kill_when(lambda: Order.objects.get(pk=order.pk).status in (Status.ACCEPTED, Status.COMPLETED))

    assert order.attempts.get().send_count == 1


@pytest.mark.fault("F66")
def test_workers_at_once_send_once(order, supplier, lab, start_worker):
    workers = [start_worker("run_due") for _ in range(3)]

    for worker in workers:
        worker.wait_for_end()

    assert len(lab.calls(supplier.api, PLACE)) == 1


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
