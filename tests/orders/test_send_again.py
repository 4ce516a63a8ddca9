"""A person has the same request sent again, at a supplier that refuses a second order under one reference."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django_q.models import OrmQ

from catalog.models import Supplier
from funding import refreshing
from funding.models import Account, Books, Reservation
from orders import evidence, pace, verdicts
from orders.models import Attempt, Event, Notice, Observation

from .shop import attempt_of, bought, confirmed, fail, operation, run_until
from .test_races import at_once

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)
at_octopus = pytest.mark.parametrize("sku", ["octopus"], indirect=True)


@pytest.fixture
def lead(staff):
    return staff("lead")


@pytest.fixture
def later(now):
    return now + timedelta(minutes=30)


@pytest.fixture
def stuck(sku, wire, now, later):
    """The request is held up on its way; whole searches found nothing, and by now it is too old to go again by itself."""
    order = confirmed(sku, now)
    wire.hold(said=rb"^POST \S*/orders[ ?]")
    order = run_until(order, now, stop=["unknown"])
    Attempt.objects.filter(order=order).update(queued_at=now - pace.MAX_WAIT)
    run_until(order, now, hours=0.2)
    with time_machine.travel(later, tick=True):
        refreshing.refresh(supplier=sku.supplier, now=later)
    return attempt_of(order)


def purchases(lab, sku):
    return lab.calls(sku.supplier.api, operation("createOrder", sku))


def sent_again(attempt, by, later):
    verdicts.send_again(attempt=attempt, by=by, now=later)
    return run_until(attempt.order, later, hours=0.1, stop=["unknown"])


@pytest.fixture
def missing(make_attempt, noon):
    """The same as rows alone, with no supplier behind them."""
    attempt = make_attempt("unknown", at=noon, fence_at=noon + timedelta(minutes=2),
                           absent_seen_at=noon + timedelta(minutes=4))
    Supplier.objects.update(api="octopus_cards")
    Books.objects.create(supplier=attempt.supplier, read_at=noon + timedelta(minutes=9))
    return Attempt.objects.get(pk=attempt.pk)


@at_octopus
def test_order_that_never_arrived_is_bought_once_now(stuck, sku, books, lab, lead, later):
    assert evidence.of(stuck, now=later).may_be_sent

    order = sent_again(stuck, lead, later)

    attempt = attempt_of(order)
    assert (order.status, bought(books, order), len(purchases(lab, sku))) == ("completed", 1, 1)
    assert (attempt.ref, attempt.send_count, attempt.n) == (stuck.ref, 2, 1)
    assert Event.objects.get(order=order, text__startswith="Still wanted").by == lead


def test_worker_is_woken_for_it_and_the_money_stays_set_aside(missing, lead, noon):
    verdicts.send_again(attempt=missing, by=lead, now=noon + HOUR)

    missing.refresh_from_db()
    assert (missing.state, missing.looks_first, OrmQ.objects.count()) == ("queued", True, 1)
    assert Reservation.objects.get(attempt_ref=missing.ref).state == "open"


@at_octopus
def test_copy_that_arrived_meanwhile_is_found_before_anything_is_sent(stuck, wire, sku, books, lab, lead, later):
    assert len(wire.land()) == 1

    order = sent_again(stuck, lead, later)

    assert (order.status, bought(books, order), len(purchases(lab, sku))) == ("completed", 1, 1)
    assert attempt_of(order).send_count == 1


@at_octopus
def test_copy_that_arrives_at_that_moment_is_found_by_the_refusal(stuck, sku, books, lab, lead, later):
    fail(lab, sku, "error", when="after", status=400, body={"error": {
        "name": "BadRequestError", "code": "BAD_REQUEST", "message": "Duplicate client_reference"}})

    verdicts.send_again(attempt=stuck, by=lead, now=later)
    order = run_until(stuck.order, later, hours=0.1)

    assert (order.status, bought(books, order)) == ("completed", 1)


@at_octopus
def test_copy_that_arrives_later_buys_nothing_more(stuck, wire, books, lead, later):
    order = sent_again(stuck, lead, later)

    assert len(wire.land()) == 1

    order = run_until(order, later + timedelta(minutes=5))
    assert (order.status, bought(books, order), len(books.charges())) == ("completed", 1, 1)


@at_octopus
def test_dearer_order_is_not_sent_and_stays_unknown_with_its_money(stuck, sku, books, lab, lead, later):
    for good in books.products["voucher/311"].skus:
        books.set_price(good, sku.price * 2)

    order = sent_again(stuck, lead, later)

    assert (order.status, len(purchases(lab, sku))) == ("unknown", 0)
    assert "The price went up" in order.reason
    assert Reservation.objects.get(attempt_ref=stuck.ref).state == "open"


@at_octopus
def test_answer_that_is_lost_again_leaves_it_unknown_and_it_is_bought_once(stuck, sku, books, lab, lead, later):
    fail(lab, sku, "close", when="after")

    assert sent_again(stuck, lead, later).status == "unknown"
    order = run_until(stuck.order, later + timedelta(minutes=1))

    assert (order.status, bought(books, order)) == ("completed", 1)


def fresh(attempt, later):
    Attempt.objects.filter(pk=attempt.pk).update(queued_at=later - pace.MAX_WAIT / 2)


def unsearched(attempt, later):
    Attempt.objects.filter(pk=attempt.pk).update(absent_seen_at=None)


def searched_once(attempt, later):
    Attempt.objects.filter(pk=attempt.pk).update(absent_seen_at=later - pace.SECOND_LOOK_AFTER / 2)


def fenced(attempt, later):
    Attempt.objects.filter(pk=attempt.pk).update(fence_at=later + timedelta(minutes=1))


def asked(attempt, later):
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=later + timedelta(minutes=1))


def named(attempt, later):
    Attempt.objects.filter(pk=attempt.pk).update(named_order_id="voucher:17")


def told(attempt, later):
    Observation.objects.create(attempt=attempt, at=later, source="find", outcome="pending", rank=10, applied=False)


def noticed(attempt, later):
    Notice.objects.create(
        supplier=attempt.supplier, event_key="e1", body_digest="0" * 64, sealed_body="", kind="order",
        event="order.delivered", ref=attempt.ref, received_at=later, last_received_at=later, due_at=later)


def unread(attempt, later):
    Books.objects.update(read_at=attempt.absent_seen_at - timedelta(minutes=1))


def paused(attempt, later):
    Supplier.objects.update(paused_at=later)


def switched_off(attempt, later):
    Supplier.objects.update(is_active=False)


def overspent(attempt, later):
    Account.objects.filter(currency=attempt.currency).update(available=Decimal(0))


REFUSALS = [
    (fresh, "by itself"), (unsearched, "No whole search"), (searched_once, "less than a minute ago"),
    (fenced, "delayed copy"),
    (asked, "being asked right now"), (named, "named an order"), (told, "has spoken"), (noticed, "sent a notice"),
    (unread, "have not been read"), (paused, "Resume it first"), (switched_off, "Resume it first"),
    (overspent, "Deposit first"),
]


@pytest.mark.parametrize(("happens", "why"), REFUSALS, ids=[happens.__name__ for happens, _ in REFUSALS])
def test_what_must_not_go_again_is_refused(missing, lead, noon, happens, why):
    happens(missing, noon + HOUR)  # after the page was drawn that the press comes from

    with pytest.raises(verdicts.Excluded, match=why):
        verdicts.send_again(attempt=missing, by=lead, now=noon + HOUR)

    assert Attempt.objects.get(pk=missing.pk).state == "unknown"


@pytest.mark.parametrize(("state", "why"), [("accepted", "known meanwhile"), ("queued", "being sent again already")])
def test_order_that_is_not_unknown_is_refused(make_attempt, lead, noon, state, why):
    with pytest.raises(verdicts.Excluded, match=why):
        verdicts.send_again(attempt=make_attempt(state), by=lead, now=noon + HOUR)


@pytest.mark.pg
@at_octopus
def test_two_people_at_once_send_it_once(stuck, sku, books, lab, lead, staff, later):
    people = [lead, staff("operations")]

    def press(number):
        try:
            verdicts.send_again(attempt=stuck, by=people[number], now=later)
        except verdicts.Excluded as why:
            return str(why)
        return "sent"

    assert sorted(at_once(2, press)) == ["It is being sent again already.", "sent"]
    order = run_until(stuck.order, later)
    assert (order.status, bought(books, order), len(purchases(lab, sku))) == ("completed", 1, 1)


@pytest.mark.pg
def test_of_two_people_who_decide_otherwise_one_is_told(missing, lead, staff, noon):
    other = staff("operations")
    acts = [lambda: verdicts.send_again(attempt=missing, by=lead, now=noon + HOUR),
            lambda: verdicts.declare_absent(attempt=missing, note="Not wanted", by=other, now=noon + HOUR)]

    def press(number):
        try:
            acts[number]()
        except verdicts.Excluded:
            return "refused"
        return "done"

    assert sorted(at_once(2, press)) == ["done", "refused"]
    held = Reservation.objects.get(attempt_ref=missing.ref).state
    assert (Attempt.objects.get(pk=missing.pk).state, held) in (("queued", "open"), ("proven_absent", "released"))
