"""An order that was sent once, and of which a copy may still arrive, is neither parked nor cancelled: its money stays."""

from datetime import timedelta

import pytest

from catalog import gateway
from funding.models import Reservation
from orders import pace, parking, resolving
from orders.models import Attempt

from .shop import attempt_of, confirmed, sweep_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def called_absent(sku, now):
    """An order that was sent, unknown and not found: it is about to be sent again."""
    order = confirmed(sku, now)
    Attempt.objects.filter(order=order).update(
        unknown_since=now, send_count=1, first_sent_at=now, last_sent_at=now, fence_at=now)
    return order


def held(order):
    return Reservation.objects.get(attempt_ref=attempt_of(order).ref).state


def test_order_too_old_to_go_again_is_parked_only_where_no_copy_can_arrive(sku, called_absent, now):
    sweep_at(now + timedelta(minutes=16))

    attempt = attempt_of(called_absent)
    if gateway.traits(sku.supplier).refuses_repeats:
        assert (attempt.state, held(called_absent)) == ("unknown", "open")
        assert attempt.due_at is not None
    else:
        assert (attempt.state, attempt.parked_reason, held(called_absent)) == ("parked", "age", "released")


def test_order_is_cancelled_only_where_no_copy_can_arrive(sku, called_absent, staff, now):
    def withdraw():
        parking.withdraw(order=called_absent, by=staff("operations"), now=now)

    if gateway.traits(sku.supplier).refuses_repeats:
        with pytest.raises(parking.CannotWithdraw):
            withdraw()
        assert (attempt_of(called_absent).state, held(called_absent)) == ("queued", "open")
    else:
        withdraw()
        assert (attempt_of(called_absent).state, held(called_absent)) == ("withdrawn", "released")


def test_old_order_that_is_not_found_is_not_queued_again_where_a_copy_may_arrive(sku, called_absent, now):
    late = now + pace.MAX_WAIT + timedelta(minutes=5)
    Attempt.objects.filter(order=called_absent).update(
        state="unknown", due_at=late, absent_seen_at=late - timedelta(minutes=2))

    resolving.resolve(attempt_id=attempt_of(called_absent).pk, now=late)

    is_queued = attempt_of(called_absent).state == "queued"
    assert not (is_queued and gateway.traits(sku.supplier).refuses_repeats)
    assert held(called_absent) == "open"
