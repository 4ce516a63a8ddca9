"""A database that is an older copy is noticed without anybody saying so."""

import uuid
from datetime import timedelta

import pytest

from catalog import clock, gateway
from monitoring import rounds
from monitoring.models import Alert, Heartbeat
from orders import asking, restoring, sending
from orders.models import Attempt

from .shop import attempt_of, bought, confirmed, operation, run_until, sweep_at

pytestmark = pytest.mark.fault("F80")


@pytest.fixture
def an_older_copy(settings):
    """This machine has seen a call that the database does not know."""
    (settings.VAR_DIR / restoring.LAST_CALL).write_text(str(uuid.uuid4()))


def test_older_copy_sends_nothing_before_the_next_round(sku, lab, now, an_older_copy):
    order = confirmed(sku, now)

    sending.send(attempt_id=attempt_of(order).pk, now=now)

    assert attempt_of(order).state == "queued"
    assert lab.calls(sku.supplier.api, operation("createOrder", sku)) == []


def test_round_doubts_an_older_copy_and_goes_on_from_it(sku, books, now, an_older_copy):
    order = confirmed(sku, now)

    rounds.run_due(now=now, kinds=())

    assert attempt_of(order).looks_first
    assert not restoring.is_older_copy()
    order = run_until(order, now + timedelta(minutes=11))
    assert (order.status, bought(books, order)) == ("completed", 1)


def test_round_compares_an_older_copy_with_the_suppliers_at_once_and_tells_people(sku, now, an_older_copy):
    last = Heartbeat.objects.create(name=f"match:{sku.supplier_id}", at=now - timedelta(hours=1))

    rounds.run_due(now=now)

    assert Heartbeat.objects.get(name=last.name).at == now
    assert Alert.objects.open().filter(key="restored").exists()


def test_database_that_went_on_is_no_older_copy(sku, books, now):
    order = confirmed(sku, now)
    rounds.run_due(now=now, kinds=())

    order = run_until(order, now)

    assert restoring.notice(now=now) is False
    assert (order.status, bought(books, order)) == ("completed", 1)
    assert not Attempt.objects.filter(looks_first=True).exists()
    assert not Alert.objects.filter(key="restored").exists()


@pytest.mark.parametrize("text", ["", "half a k"])
def test_file_that_a_power_cut_spoiled_says_nothing(db, settings, now, text):
    (settings.VAR_DIR / restoring.LAST_CALL).write_text(text)

    assert restoring.notice(now=now) is False


def test_database_without_any_call_is_older_once(db, an_older_copy, now):
    assert [restoring.notice(now=now), restoring.notice(now=now)] == [True, False]


@pytest.mark.parametrize("sku", ["giftapi"], indirect=True)
def test_other_order_under_our_reference_is_asked_about_ever_more_rarely(sku, books, now):
    order = confirmed(sku, now)
    attempt, client = attempt_of(order), gateway.connect(sku.supplier)
    client.place(asking.request_of(attempt), sending.open_body(attempt), signed_at=clock.now())
    Attempt.objects.filter(pk=attempt.pk).update(looks_first=True, quantity=2)

    for seconds in range(0, 60, 5):
        sweep_at(now + timedelta(seconds=seconds))

    attempt.refresh_from_db()
    order.refresh_from_db()
    assert (attempt.state, order.needs_review, bought(books, order)) == ("queued", True, 1)
    assert attempt.due_at > now
    assert attempt.observations.count() < 8
