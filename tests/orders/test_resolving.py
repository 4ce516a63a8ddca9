"""Nothing is bought again until it is proven that nothing was bought."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError

from catalog import clock, connecting, gateway
from catalog.clock import Watch
from catalog.models import Call, Supplier
from catalog.suppliers.errors import Duplicate, Invalid, Misread, NotSent, Unanswered, Unauthorised
from catalog.suppliers.types import ProductKind
from funding.models import Reservation
from orders import asking, concluding, observing, parking, resolving, reviewing, sending
from orders.models import Attempt, Observation, Order

from .shop import attempt_of, bought, confirmed, fail, mirror, operation, run_until, sweep_at


@pytest.mark.fault("F32")
def test_nothing_is_sent_again_before_a_delayed_copy_can_no_longer_be_accepted(sku, lab, books, now):
    fail(lab, sku, "close", when="before")
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    Attempt.objects.filter(order=order).update(first_sent_at=now - timedelta(hours=2))  # past any window for replays
    fence_at = attempt_of(order).fence_at

    window_s = int((fence_at - now).total_seconds())
    for seconds in range(5, window_s, window_s // 8):
        Attempt.objects.filter(order=order).update(due_at=now)
        sweep_at(now + timedelta(seconds=seconds))

    assert attempt_of(order).send_count == 1
    order = run_until(order, fence_at + timedelta(seconds=5), hours=1, stop=["parked"])
    assert (attempt_of(order).send_count, bought(books, order)) in [(1, 0), (2, 1)]


def test_absence_that_took_long_to_prove_asks_a_person_before_buying(giftapi_order, lab, lead, now):
    order, books = giftapi_order
    lab.fail("giftapi", "createOrder", "error", times=None, when="before")

    order = run_until(order, now, hours=3, stop=["parked"])

    assert (order.status, order.parked_reason) == ("parked", "age")
    assert attempt_of(order).send_count <= 3
    lab.clear("giftapi")
    later = order.changed_at + timedelta(hours=1)
    parking.release(order=order, by=lead, now=later)
    assert run_until(order, later).status == "completed"
    assert bought(books, order) == 1


@pytest.fixture
def lead(staff):
    return staff("lead")


def test_one_empty_search_proves_nothing(sku, lab, books, now):
    fail(lab, sku, "close", when="after")
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    Attempt.objects.filter(order=order).update(first_sent_at=now - timedelta(hours=2))
    late = attempt_of(order).fence_at + timedelta(seconds=5)
    lab.fail(sku.supplier.api, operation("listOrders", sku), "lookup_lag", seconds=(late - now).total_seconds() + 30)

    Attempt.objects.filter(order=order).update(due_at=now)
    sweep_at(late)
    assert attempt_of(order).state == "unknown"
    order = run_until(order, late + timedelta(seconds=61))

    assert order.status == "completed"
    assert (attempt_of(order).send_count, bought(books, order)) == (1, 1)


def test_review_of_a_lasting_unknown_is_not_undone_by_the_next_look(giftapi_order, lab, lead, now):
    order, _ = giftapi_order
    lab.fail("giftapi", "createOrder", "close", when="before")
    sending.send(attempt_id=attempt_of(order).pk, now=now)
    lab.fail("giftapi", "listOrders", "error", times=None)
    for minutes in (31, 120):
        Attempt.objects.filter(order=order).update(due_at=now)
        sweep_at(now + timedelta(minutes=minutes))
        order.refresh_from_db()
        if minutes == 31:
            assert order.needs_review
            reviewing.settle(order=order, by=lead, note="Asked their support.", now=now + timedelta(minutes=40))

    assert (order.status, order.needs_review) == ("unknown", False)


@pytest.mark.fault("F27")
def test_order_that_exists_there_already_is_looked_up(giftapi_order, lab, now):
    """As after a restored backup: here it looks unsent, there it was bought."""
    order, books = giftapi_order
    sending.send(attempt_id=attempt_of(order).pk, now=now)
    Attempt.objects.filter(order=order).update(
        state="queued", outcome="unknown", supplier_order_id=None, due_at=now, lease_until=None)
    Order.objects.filter(pk=order.pk).update(status="queued", finished_at=None)

    sending.send(attempt_id=attempt_of(order).pk, now=now)
    assert Order.objects.get(pk=order.pk).status == "unknown"
    order = run_until(order, now)

    assert order.status == "completed"
    assert bought(books, order) == 1


@pytest.fixture
def giftapi_order(giftapi, lab, now):
    books = lab.books["giftapi"]
    books.deposit("USD", "1000.00")
    books.pace(seconds=0, reads=0)
    sku = mirror(giftapi, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                 and price.price < 30 and price.currency == "USD", now)
    return confirmed(sku, now), books


def test_charge_in_the_books_that_turns_out_to_be_ours_is_adopted(giftapi_order, lab, now):
    """The search never shows the order, the books do."""
    order, books = giftapi_order
    lab.fail("giftapi", "createOrder", "close", when="after")
    lab.fail("giftapi", "listOrders", "lookup_lag", seconds=3600)
    sending.send(attempt_id=attempt_of(order).pk, now=now)

    order = run_until(order, now, hours=2)

    assert order.status == "completed"
    assert (attempt_of(order).send_count, bought(books, order)) == (1, 1)


def test_lookups_that_fail_after_a_first_empty_one_come_ever_slower(giftapi_order, lab, now):
    order, _ = giftapi_order
    lab.fail("giftapi", "createOrder", "close", when="before")
    sending.send(attempt_id=attempt_of(order).pk, now=now)
    late = now + timedelta(minutes=10)
    Attempt.objects.filter(order=order).update(absent_seen_at=late - timedelta(minutes=2), due_at=late)
    lab.fail("giftapi", "listOrders", "error", times=None)

    sweep_at(late)

    assert attempt_of(order).due_at > late + timedelta(seconds=4)


def test_two_orders_found_under_one_reference_stop_buying_there_once(giftapi_order, lab, now):
    order, books = giftapi_order
    lab.fail("giftapi", "createOrder", "allow_duplicates", times=None)
    lab.fail("giftapi", "createOrder", "close", times=None, when="after")
    attempt, client = attempt_of(order), gateway.connect(order.supplier)
    for _ in range(2):
        with pytest.raises(Unanswered):
            client.place(asking.request_of(attempt), sending.open_body(attempt), signed_at=clock.now())
    lab.clear("giftapi")
    Attempt.objects.filter(order=order).update(
        state="unknown", unknown_since=now, first_sent_at=now, last_sent_at=now, send_count=1, due_at=now)
    assert bought(books, order) == 2

    sweep_at(now + timedelta(minutes=1))
    assert Supplier.objects.get(pk=order.supplier_id).is_paused
    connecting.resume(supplier=order.supplier, reason="Asked them", by=None, now=now)
    Attempt.objects.filter(order=order).update(due_at=now)
    sweep_at(now + timedelta(minutes=2))

    assert not Supplier.objects.get(pk=order.supplier_id).is_paused


@pytest.mark.parametrize(("earlier", "state", "money"), [
    (None, "rejected", "released"), (NotSent("Refused connection"), "rejected", "released"),
    (Unanswered("Late"), "unknown", "open"), (Unanswered("A web page", status=403), "unknown", "open"),
    (Misread("Half of it", status=201), "unknown", "open"), (Duplicate("Known", status=409), "unknown", "open"),
])
def test_refusal_ends_an_order_only_when_no_earlier_copy_may_have_arrived(make_attempt, noon, earlier, state, money):
    """The second copy may be refused because the first one was taken, in words that we do not know for that."""
    attempt = make_attempt("sending", at=noon)
    if earlier is not None:
        concluding.conclude(attempt=attempt, error=earlier, source="place", claimed=Watch(noon))
        Attempt.objects.filter(pk=attempt.pk).update(state="sending", send_count=2, lease_until=noon)

    concluding.conclude(attempt=attempt, error=Invalid("This order is not possible"), source="place", claimed=Watch(noon))

    attempt.refresh_from_db()
    assert (attempt.state, Reservation.objects.get(attempt_ref=attempt.ref).state) == (state, money)
    assert Observation.objects.filter(attempt=attempt).count() == (state == "rejected")


def test_refusal_that_comes_after_its_sender_was_given_up_ends_the_order(make_attempt, noon):
    attempt = make_attempt("unknown", at=noon)

    concluding.conclude(attempt=attempt, error=Invalid("This order is not possible"), source="place", claimed=Watch(noon))

    assert Attempt.objects.get(pk=attempt.pk).state == "rejected"


def test_word_of_the_supplier_outlives_a_deadlock(make_attempt, noon, monkeypatch):
    attempt, lock, tries = make_attempt("sending", at=noon), observing.lock, []

    def is_thrown_out_once(pk):
        tries.append(pk)
        if len(tries) == 1:
            raise OperationalError("deadlock detected")
        return lock(pk)

    monkeypatch.setattr(observing, "lock", is_thrown_out_once)

    concluding.conclude(attempt=attempt, error=Invalid("This order is not possible"), source="place", claimed=Watch(noon))

    assert (Attempt.objects.get(pk=attempt.pk).state, len(tries)) == ("rejected", 2)


@pytest.mark.parametrize("error", [Invalid("No"), NotSent("Refused connection"), Unanswered("Late"), Unauthorised("Key")])
def test_word_of_a_sender_that_was_overtaken_changes_nothing(make_attempt, noon, error):
    attempt = make_attempt("sending", at=noon, lease_epoch=1)
    Attempt.objects.filter(pk=attempt.pk).update(lease_epoch=2)

    concluding.conclude(attempt=attempt, error=error, source="place", claimed=Watch(noon))

    attempt.refresh_from_db()
    assert (attempt.state, Reservation.objects.get(attempt_ref=attempt.ref).state) == ("sending", "open")
    assert not Supplier.objects.get().is_paused


@pytest.mark.parametrize(("status", "is_silent"), [(201, True), (422, True), (401, False)])
def test_sender_that_may_go_on_with_a_new_token_is_not_given_up_before_its_lease_ends(
        make_attempt, noon, status, is_silent):
    attempt = make_attempt("sending", at=noon, lease_until=noon + timedelta(seconds=135))
    Call.objects.create(
        supplier=attempt.supplier, key=uuid.uuid4(), operation="createEsimOrder", method="POST", route="/esim/orders",
        ref=attempt.ref, is_read=False, started_at=noon, duration_ms=1, status=status, outcome="answered")

    assert resolving.expire(attempt_id=attempt.pk, now=noon + timedelta(seconds=60)) is is_silent
    assert resolving.expire(attempt_id=attempt.pk, now=noon + timedelta(seconds=135)) is not is_silent
