"""States move by one table, conditionally, with an event each; the database refuses what must never be."""

import pytest
from django.db import IntegrityError, transaction

from orders import lifecycle
from orders.models import Attempt, Event, Order
from orders.models.attempt import State


def test_move_changes_attempt_and_order_and_tells_why(make_attempt, noon):
    attempt = make_attempt("sending")

    with transaction.atomic():
        lifecycle.move(attempt=attempt, to=State.UNKNOWN, now=noon, text="No answer", lease_until=None, due_at=noon)

    order = Order.objects.get(pk=attempt.order_id)
    assert (attempt.state, order.status) == ("unknown", "unknown")
    assert Event.objects.get(order=order).text == "No answer"


@pytest.mark.parametrize(("state", "to"), [
    ("rejected", State.QUEUED), ("proven_absent", State.SENDING), ("withdrawn", State.QUEUED),
    ("accepted", State.QUEUED), ("accepted", State.REJECTED), ("sending", State.WITHDRAWN), ("unknown", State.WITHDRAWN),
])
def test_move_outside_the_table_is_refused(make_attempt, noon, state, to):
    attempt = make_attempt(state)

    with pytest.raises(lifecycle.NotAllowed), transaction.atomic():
        lifecycle.move(attempt=attempt, to=to, now=noon, text="?")

    assert Attempt.objects.get(pk=attempt.pk).state == state


def test_move_of_a_row_that_somebody_moved_first_is_refused(make_attempt, noon):
    attempt = make_attempt("sending")
    Attempt.objects.filter(pk=attempt.pk).update(lease_epoch=7)

    with pytest.raises(lifecycle.Overtaken), transaction.atomic():
        lifecycle.move(attempt=attempt, to=State.UNKNOWN, now=noon, text="late", lease_until=None)

    assert not Event.objects.exists()


def test_one_chunk_has_one_live_attempt(make_attempt, noon):
    attempt = make_attempt("unknown")
    attempt.pk, attempt.ref, attempt.n = None, "another", 2

    with pytest.raises(IntegrityError), transaction.atomic():
        attempt.save(force_insert=True)


def test_a_new_attempt_may_follow_a_dead_one(make_attempt, noon):
    attempt = make_attempt("rejected", due_at=noon)
    attempt.pk, attempt.ref, attempt.n, attempt.state = None, "another", 2, State.QUEUED

    attempt.save(force_insert=True)

    assert Attempt.objects.count() == 2


def test_two_attempts_never_share_a_supplier_order(make_attempt):
    make_attempt("accepted", supplier_order_id="there-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_attempt("accepted", supplier_order_id="there-1")


@pytest.mark.parametrize("columns", [
    {"status": "parked"}, {"status": "completed"}, {"status": "nonsense"}, {"quantity": 0}, {"agreed_total": -1},
])
def test_impossible_orders_are_refused_by_the_database(make_attempt, columns):
    order_id = make_attempt("queued").order_id

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order_id).update(**columns)


@pytest.mark.parametrize("columns", [
    {"state": "sending", "lease_until": None}, {"state": "accepted", "supplier_order_id": None}, {"send_count": 1},
])
def test_impossible_attempts_are_refused_by_the_database(make_attempt, columns):
    attempt = make_attempt("queued")

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(**columns)


@pytest.mark.parametrize(("chunks", "status"), [
    ([("accepted", "completed"), ("unknown", "unknown")], "unknown"),
    ([("accepted", "completed"), ("parked", "unknown")], "parked"),
    ([("accepted", "completed"), ("accepted", "pending")], "accepted"),
    ([("accepted", "completed"), ("accepted", "completed")], "completed"),
    ([("accepted", "completed"), ("rejected", "unknown")], "partially_completed"),
    ([("accepted", "failed"), ("rejected", "unknown")], "failed"),
    ([("withdrawn", "unknown"), ("withdrawn", "unknown")], "cancelled"),
])
def test_order_shows_its_worst_open_chunk_else_its_best_closed(chunks, status):
    attempts = [Attempt(state=state, outcome=outcome) for state, outcome in chunks]

    assert lifecycle.status_of(attempts) == status


def test_a_review_is_flagged_once_per_reason(make_attempt, noon):
    order_id = make_attempt("accepted").order_id

    for _ in range(3):
        lifecycle.flag(order_id=order_id, text="Charged more than agreed", now=noon)

    assert Order.objects.get(pk=order_id).needs_review
    assert Event.objects.filter(order_id=order_id).count() == 1
