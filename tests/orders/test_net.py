"""One sweep finds everything that is open, whatever became of the queue: each status in turn, and what has no due time."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from funding.models import Account
from monitoring import order_causes
from orders import adopting, chunking, sweep, tracking
from orders.models import (
    Attempt,
    Esim,
    Notice,
    Order,
    PhoneSearch,
    Quote,
    ReceiptAddress,
    Shortfall,
    Transaction,
    UnmatchedPurchase,
)
from orders.models.attempt import DEAD, ENDS, State
from orders.models.parking import ParkReason

# What the sweep does about a purchase in each state; what is parked for another reason than money waits for a person.
STEPS = {
    State.QUEUED: "send", State.SENDING: "lease", State.UNKNOWN: "resolve", State.PARKED: "release",
    State.ACCEPTED: "track", **dict.fromkeys(DEAD)}
OPEN_OUTCOMES = ("unknown", "pending", "partial")


def swept(now):
    """What one sweep did, without what came to nothing."""
    return {kind for kind, count in sweep.run_due(now=now).items() if count}


@pytest.fixture
def money(account, noon):
    Account.objects.update(read_at=noon + timedelta(minutes=1))


@pytest.mark.fault("F65")
@pytest.mark.parametrize("state", State.values)
def test_purchase_in_any_state_is_found_without_the_queue(make_attempt, money, noon, state):
    make_attempt(state)

    found = swept(noon + timedelta(minutes=2))

    assert found >= {STEPS[state]} if STEPS[state] else not found


@pytest.mark.parametrize("reason", sorted(set(ParkReason) - {ParkReason.FUNDS}))
def test_what_is_parked_for_a_person_is_told_to_one(make_attempt, noon, reason):
    attempt = make_attempt("parked")
    Order.objects.filter(pk=attempt.order_id).update(parked_reason=reason)

    assert [*order_causes.parked(noon), *order_causes.approvals(noon)]


@pytest.mark.parametrize("outcome", OPEN_OUTCOMES)
def test_accepted_order_is_read_however_far_it_is(make_attempt, noon, outcome):
    make_attempt("accepted", outcome=outcome)

    assert swept(noon) == {"track"}


@pytest.mark.parametrize(("state", "columns"), [
    ("queued", {}), ("unknown", {}), *(("accepted", {"outcome": outcome}) for outcome in OPEN_OUTCOMES)])
def test_database_refuses_an_open_purchase_without_a_next_step(make_attempt, noon, state, columns):
    attempt = make_attempt(state, **columns)

    with pytest.raises(IntegrityError, match="attempt_due_while_open"), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(due_at=None)


@pytest.mark.parametrize("outcome", ENDS)
def test_what_has_ended_needs_none(make_attempt, noon, outcome):
    assert make_attempt("accepted", outcome=outcome, due_at=None).due_at is None


def test_part_of_an_order_is_read_on_for_as_long_as_the_rest_is_open(make_attempt, noon):
    attempt = make_attempt("accepted", outcome="partial")

    tracking.refresh(attempt_id=attempt.pk, now=noon + timedelta(days=30))

    assert Attempt.objects.get(pk=attempt.pk).due_at > noon + timedelta(days=30)


def second_part(make_attempt, first):
    """A part that waits for its turn behind `first`."""
    part = make_attempt("queued")
    Attempt.objects.filter(pk=part.pk).update(order=first.order_id, chunk=1, due_at=None)
    return part


@pytest.mark.parametrize("first", ["accepted", "rejected", "proven_absent", "withdrawn"])
def test_forgotten_part_whose_turn_has_come_is_sent(make_attempt, noon, first):
    second_part(make_attempt, make_attempt(first))

    assert swept(noon) >= {"turn", "send"}


@pytest.mark.parametrize("first", ["queued", "sending", "unknown", "parked"])
def test_part_whose_turn_has_not_come_goes_on_waiting(make_attempt, noon, first):
    part = second_part(make_attempt, make_attempt(first))

    assert chunking.wake(now=noon) == 0
    assert Attempt.objects.get(pk=part.pk).due_at is None


@pytest.fixture
def waiting(make_attempt, supplier, voucher, noon):
    """Factories of rows that wait for something else than a purchase, by the step that the sweep takes for them."""
    def order():
        return make_attempt("accepted", due_at=noon + timedelta(days=1)).order

    return {
        "quote": lambda: Quote.objects.create(sku=voucher, quantity=1, request_digest="0" * 64, asked_at=noon),
        "phone": lambda: PhoneSearch.objects.create(supplier=supplier, number="+447700900123", asked_at=noon),
        "adopt": lambda: UnmatchedPurchase.objects.create(
            supplier=supplier, supplier_order_id="there-1", first_seen_at=noon, state="adopting", decided_at=noon),
        "notice": lambda: Notice.objects.create(
            supplier=supplier, event_key="1", body_digest="0" * 64, sealed_body="", kind="other", event="odd",
            received_at=noon, last_received_at=noon, due_at=noon),
        "receipt": lambda: ReceiptAddress.objects.create(
            order=order(), email="buyer@example.org", due_at=noon, asked_at=noon),
        "check": lambda: Transaction.objects.create(
            supplier=supplier, digest="0" * 64, sealed_token="", player_id="1", site_id="1", game_id="reef", currency="USD",
            amount="1", round_id="r", transaction_id=str(uuid.uuid4()), action="debit", wanted_at=noon, due_at=noon,
            created_at=noon, changed_at=noon),
        "refund": lambda: Shortfall.objects.create(
            attempt=order().attempts.get(), owed=1, since=noon, due_at=noon),
        "esim": lambda: Esim.objects.create(supplier=supplier, iccid="8944110068000000001", due_at=noon, created_at=noon),
    }


@pytest.mark.parametrize("kind", ["quote", "phone", "adopt", "notice", "receipt", "check", "esim", "refund"])
def test_whatever_else_waits_is_found_without_the_queue(waiting, noon, kind):
    waiting[kind]()

    assert swept(noon + timedelta(minutes=1)) == {kind}


def test_purchase_that_a_worker_is_just_taking_over_is_left_to_it(waiting, noon):
    waiting["adopt"]()

    assert adopting.lost(now=noon + timedelta(seconds=1)) == []


def test_every_step_of_the_sweep_is_shown_here(waiting):
    shown = {*filter(None, STEPS.values()), *waiting, "turn"}

    assert set(sweep.KINDS) - shown == {"spool", "crashed"}
