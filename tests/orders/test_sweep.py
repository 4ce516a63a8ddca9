"""What is due is found in our own rows; one bad row does not stop the rest."""

import uuid
from datetime import timedelta

import pytest

from catalog import connecting
from catalog.models import Call
from orders import phones, resolving, reviewing, sweep
from orders.models import Attempt, Event, Order, PhoneSearch


@pytest.fixture
def broken(monkeypatch):
    """Sending breaks for one attempt, and is noted for the others."""
    sent, bad = [], set()

    def act(*, attempt_id, now):
        if attempt_id in bad:
            raise ZeroDivisionError
        sent.append(attempt_id)
        Attempt.objects.filter(pk=attempt_id).update(due_at=now + timedelta(days=1))

    monkeypatch.setitem(sweep.ACTS, "queued", ("send", act))
    return bad, sent


def test_expired_lease_becomes_unknown(make_attempt, noon):
    attempt = make_attempt("sending", lease_until=noon)

    sweep.run_due(now=noon)

    assert Order.objects.get(pk=attempt.order_id).status == "unknown"
    assert "stopped before" in Event.objects.filter(order=attempt.order).earliest("id").text


def test_supplier_that_is_slow_to_answer_questions_holds_up_no_order(broken, make_attempt, supplier, noon, monkeypatch):
    attempt, passed_s, asked = make_attempt("queued", at=noon), [0], []
    for _ in range(3):
        PhoneSearch.objects.create(supplier=supplier, number="+447700900123", asked_at=noon - timedelta(seconds=30))

    def answer_slowly(*, search):
        asked.append(search.pk)
        passed_s[0] += 10
        return True

    monkeypatch.setattr(sweep.Watch, "elapsed_s", lambda watch: passed_s[0])
    monkeypatch.setattr(phones, "carry_out", answer_slowly)
    done = sweep.run_due(now=noon)

    assert (done["phone"], len(asked), broken[1]) == (1, 1, [attempt.pk])


def test_sweep_that_has_to_stop_asks_no_supplier(supplier, noon):
    PhoneSearch.objects.create(supplier=supplier, number="+447700900123", asked_at=noon - timedelta(seconds=30))

    assert sweep.run_due(now=noon, until=lambda: True)["phone"] == 0


def test_running_lease_is_left_alone(make_attempt, noon):
    attempt = make_attempt("sending", lease_until=noon + timedelta(seconds=1))

    assert resolving.expired(now=noon) == []
    assert not resolving.expire(attempt_id=attempt.pk, now=noon)
    assert Attempt.objects.get(pk=attempt.pk).state == "sending"


@pytest.mark.parametrize(("ended_s_ago", "status"), [(29, "sending"), (30, "unknown")])
def test_recorded_answer_that_nobody_acted_on_is_taken_up_before_the_lease_ends(make_attempt, noon, ended_s_ago, status):
    attempt = make_attempt("sending", at=noon - timedelta(seconds=40), lease_until=noon + timedelta(seconds=50))
    Call.objects.create(
        supplier=attempt.supplier, key=uuid.uuid4(), operation="createOrder", method="POST", route="/orders",
        ref=attempt.ref, is_read=False, started_at=noon - timedelta(seconds=ended_s_ago + 2), duration_ms=2000,
        outcome="answered", status=201)

    sweep.run_due(now=noon)

    assert Order.objects.get(pk=attempt.order_id).status == status


@pytest.mark.fault("F62")
def test_poison_row_is_quarantined_and_the_others_run(make_attempt, broken, noon):
    bad, sent = broken
    poison, healthy = make_attempt("queued"), make_attempt("queued")
    bad.add(poison.pk)

    for _ in range(sweep.CRASHES_BEFORE_QUARANTINE + 2):
        sweep.run_due(now=noon)

    assert sent == [healthy.pk]
    assert Attempt.objects.get(pk=poison.pk).crash_count == sweep.CRASHES_BEFORE_QUARANTINE
    assert Order.objects.get(pk=poison.order_id).needs_review


def test_quarantined_row_is_tried_again_after_its_review(make_attempt, broken, staff, noon):
    bad, sent = broken
    poison = make_attempt("queued")
    bad.add(poison.pk)
    for _ in range(sweep.CRASHES_BEFORE_QUARANTINE):
        sweep.run_due(now=noon)

    bad.clear()
    reviewing.settle(order=poison.order, by=staff("lead"), note="Fixed the data", now=noon)
    sweep.run_due(now=noon)

    assert sent == [poison.pk]


def test_what_is_not_due_is_left(make_attempt, broken, noon):
    make_attempt("queued", due_at=noon + timedelta(seconds=1))

    assert sweep.run_due(now=noon)["send"] == 0


@pytest.mark.fault("F73")
def test_nothing_is_sent_to_a_paused_supplier(make_attempt, broken, supplier, noon):
    make_attempt("queued")
    connecting.pause(supplier=supplier, reason="Key refused", by=None, now=noon)

    sweep.run_due(now=noon)

    assert broken[1] == []


def test_review_ends_with_a_note(make_attempt, staff, noon):
    order = make_attempt("accepted").order
    Order.objects.filter(pk=order.pk).update(needs_review=True)

    with pytest.raises(reviewing.NoNote):
        reviewing.settle(order=order, by=staff("lead"), note=" ", now=noon)
    reviewing.settle(order=order, by=staff("lead"), note="Supplier confirmed", now=noon)

    assert not Order.objects.get(pk=order.pk).needs_review
    assert Event.objects.get(order=order, kind="note").text == "Reviewed: Supplier confirmed"


def test_one_broken_stage_does_not_stop_the_others(make_attempt, broken, monkeypatch, noon):
    def fails(**_):
        raise ZeroDivisionError

    make_attempt("sending", lease_until=noon)
    monkeypatch.setattr(resolving, "expire", fails)
    fails.__name__ = "expire"
    healthy = make_attempt("queued")

    sweep.run_due(now=noon)

    assert broken[1] == [healthy.pk]
