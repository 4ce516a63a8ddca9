"""Following accepted orders: what their reads answer, and when a person is asked."""

from datetime import timedelta

import pytest

from catalog import gateway
from catalog.suppliers.errors import Missing, Unanswered
from catalog.suppliers.types import Outcome, Placement
from orders import tracking
from orders.models import Attempt, Order

UNKNOWN = Missing("There is no such order.", operation="getOrder")
SILENT = Unanswered("No answer within 30 seconds.", operation="getOrder")


@pytest.fixture
def answers(monkeypatch):
    """What the next reads of an order bring, in turn: an error, or None for the order as it was."""
    queue = []

    class Desk:
        def fetch(self, order_id):
            answer = queue.pop(0)
            if answer:
                raise answer
            return Placement(order_id=order_id, ref="", outcome=Outcome.PENDING, word="processing")

    monkeypatch.setattr(gateway, "connect", lambda supplier, **_: Desk())
    return queue


def read(attempt, answers, noon, *said):
    """Read the attempt once for each of `said`, whenever it is due; the order afterwards."""
    answers.extend(said)
    for hours in range(len(said)):
        Attempt.objects.filter(pk=attempt.pk).update(due_at=noon)
        tracking.refresh(attempt_id=attempt.pk, now=noon + timedelta(hours=hours))
    return Order.objects.get(pk=attempt.order_id)


def test_order_that_is_said_to_be_missing_three_times_in_a_row_is_for_a_person(make_attempt, answers, noon):
    attempt = make_attempt("accepted")

    assert not read(attempt, answers, noon, UNKNOWN, UNKNOWN).needs_review
    order = read(attempt, answers, noon, UNKNOWN)

    assert (order.status, order.needs_review) == ("accepted", True)


def test_silence_does_not_count_as_missing(make_attempt, answers, noon):
    attempt = make_attempt("accepted")

    assert not read(attempt, answers, noon, SILENT, SILENT, SILENT, UNKNOWN, SILENT, UNKNOWN).needs_review
    assert read(attempt, answers, noon, UNKNOWN).needs_review


def test_order_that_is_there_again_starts_the_count_anew(make_attempt, answers, noon):
    attempt = make_attempt("accepted", poll_count=50)

    order = read(attempt, answers, noon, UNKNOWN, UNKNOWN, None, UNKNOWN, UNKNOWN)

    assert not order.needs_review
    assert Attempt.objects.get(pk=attempt.pk).missing_count == 2
