"""Parked orders buy nothing; they go on when money came or a person says so, and can be cancelled only while unsent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.models import Call, Supplier
from funding import refreshing
from funding.models import Account, Reservation
from orders import parking
from orders.models import Attempt, Order
from orders.models.attempt import CRASHES_BEFORE_QUARANTINE
from orders.models.parking import ParkReason

from .shop import confirmed, fail, sweep_at
from .test_chunks import first_sent, states

LATER = timedelta(minutes=5)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def lead(staff):
    return staff("lead")


@pytest.fixture
def spent_account(account):
    Account.objects.filter(pk=account.pk).update(available=Decimal(1))
    return account


def deposit(account, amount, at):
    Account.objects.filter(pk=account.pk).update(available=Decimal(amount), read_at=at)


def release_funded(now):
    return sum(
        parking.release_funded(supplier_id=supplier_id, currency=currency, now=now)
        for supplier_id, currency in parking.accounts_waiting())


def stopped(attempt, **columns):
    for rows in (Attempt.objects.filter(pk=attempt.pk), Order.objects.filter(pk=attempt.order_id)):
        rows.update(**columns)


def status(attempt):
    return Order.objects.get(pk=attempt.order_id).status


def test_money_releases_the_oldest_order_first(make_attempt, spent_account, noon):
    first, second = make_attempt("parked", at=noon), make_attempt("parked", at=noon + timedelta(seconds=1))
    deposit(spent_account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 1

    assert (status(first), status(second)) == ("queued", "parked")
    assert Reservation.objects.get(attempt_ref=first.ref).state == "open"


def test_parts_that_wait_for_their_first_one_hold_up_nobody_else(make_attempt, spent_account, noon):
    first = make_attempt("unknown", at=noon, total="0.50")
    for chunk in range(1, 51):
        behind = make_attempt("parked", at=noon)
        Attempt.objects.filter(pk=behind.pk).update(order=first.order, chunk=chunk)
    other = make_attempt("parked", at=noon + timedelta(seconds=1))
    deposit(spent_account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 1

    assert status(other) == "queued"


def test_next_order_waits_until_the_released_one_is_accepted(make_attempt, spent_account, noon):
    first, second = make_attempt("parked", at=noon), make_attempt("parked", at=noon + timedelta(seconds=1))
    deposit(spent_account, 100, noon + LATER)
    release_funded(noon + LATER)

    assert release_funded(noon + LATER) == 0

    Attempt.objects.filter(pk=first.pk).update(state="accepted", supplier_order_id="there-1", first_sent_at=noon)
    release_funded(noon + LATER)
    assert status(second) == "queued"


def test_released_one_that_became_unknown_shows_nothing(make_attempt, spent_account, noon):
    first, second = make_attempt("parked", at=noon), make_attempt("parked", at=noon + timedelta(seconds=1))
    deposit(spent_account, 100, noon + LATER)
    release_funded(noon + LATER)
    Attempt.objects.filter(pk=first.pk).update(
        state="unknown", unknown_since=noon + LATER, send_count=1, first_sent_at=noon, last_sent_at=noon)

    assert release_funded(noon + LATER) == 0
    assert release_funded(noon + LATER + parking.SHOWN_FOR) == 1

    assert status(second) == "queued"


def test_nothing_is_released_while_the_money_is_short(make_attempt, spent_account, noon):
    attempt = make_attempt("parked", at=noon)
    deposit(spent_account, "5.19", noon + LATER)

    assert release_funded(noon + LATER) == 0
    assert status(attempt) == "parked"


def test_small_late_order_does_not_overtake_a_large_early_one(make_attempt, spent_account, noon):
    make_attempt("parked", at=noon, total="50")
    small = make_attempt("parked", at=noon + timedelta(seconds=1), total="5")
    deposit(spent_account, 10, noon + LATER)

    release_funded(noon + LATER)

    assert status(small) == "parked"


def test_reading_from_before_the_parking_releases_nothing(make_attempt, account, noon):
    attempt = make_attempt("parked", at=noon + LATER)

    release_funded(noon + LATER)

    assert status(attempt) == "parked"


def test_reading_of_the_very_moment_of_parking_releases_nothing(make_attempt, account, noon):
    make_attempt("parked", at=noon + LATER, parked_spendable=Decimal(1))
    deposit(account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 0


@pytest.mark.parametrize("stopped_by", [{"paused_at": LONG_AGO}, {"is_active": False}])
def test_money_releases_nothing_at_a_supplier_that_takes_no_orders(make_attempt, spent_account, noon, stopped_by):
    make_attempt("parked", at=noon)
    Supplier.objects.update(**stopped_by)
    deposit(spent_account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 0


def test_deposit_that_just_covers_it_is_enough(make_attempt, spent_account, noon):
    attempt = make_attempt("parked", at=noon)
    deposit(spent_account, attempt.agreed_total, noon + LATER)

    assert release_funded(noon + LATER) == 1


def test_order_the_supplier_refused_waits_for_more_than_it_saw_then(make_attempt, account, noon):
    attempt = make_attempt("parked", at=noon, parked_spendable=Decimal(100))
    deposit(account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 0

    deposit(account, 130, noon + LATER)
    assert release_funded(noon + LATER) == 1
    assert status(attempt) == "queued"


def test_order_parked_for_a_day_waits_for_a_person(make_attempt, account, lead, noon):
    attempt = make_attempt("parked", at=noon)
    tomorrow = noon + timedelta(hours=25)
    deposit(account, 100, tomorrow)

    assert release_funded(tomorrow) == 0

    parking.release(order=attempt.order, by=lead, now=tomorrow)
    assert status(attempt) == "queued"


def test_order_parked_for_another_reason_is_not_released_by_money(make_attempt, account, noon):
    attempt = make_attempt("parked", at=noon)
    stopped(attempt, parked_reason=ParkReason.PRICE)
    deposit(account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 0


def test_release_by_hand_agrees_to_the_price_that_stopped_it(make_attempt, account, lead, noon):
    attempt = make_attempt("parked", at=noon)
    stopped(attempt, parked_reason=ParkReason.PRICE, parked_total=Decimal("6.00"))

    with pytest.raises(parking.PriceMoved, match=r"6\.00 USD"):
        parking.release(order=attempt.order, by=lead, now=noon + LATER, total=Decimal("5.90"))
    parking.release(order=attempt.order, by=lead, now=noon + LATER, total=Decimal("6.00"))

    order = Order.objects.get(pk=attempt.order_id)
    assert (order.status, order.agreed_total, order.parked_total) == ("queued", Decimal("6.00"), None)
    assert Reservation.objects.get(attempt_ref=attempt.ref).amount == Decimal("6.00")


def test_release_by_hand_is_refused_while_money_is_short(make_attempt, spent_account, lead, noon):
    attempt = make_attempt("parked", at=noon)

    with pytest.raises(parking.StillShort, match=r"5\.20 USD needed, 1\.00 USD spendable"):
        parking.release(order=attempt.order, by=lead, now=noon + LATER)

    assert status(attempt) == "parked"


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "accepted"])
def test_release_of_what_is_not_parked_is_refused(make_attempt, lead, noon, state):
    attempt = make_attempt(state)

    with pytest.raises(parking.NotParked):
        parking.release(order=attempt.order, by=lead, now=noon)

    assert status(attempt) == state


@pytest.mark.parametrize("state", ["queued", "parked"])
def test_unsent_order_can_be_cancelled_and_gives_its_money_back(make_attempt, lead, noon, state):
    attempt = make_attempt(state)

    parking.withdraw(order=attempt.order, by=lead, now=noon)

    assert status(attempt) == "cancelled"
    assert not Reservation.objects.filter(state="open").exists()


@pytest.mark.parametrize("state", ["sending", "unknown", "accepted"])
@pytest.mark.fault("F71")
def test_order_that_may_have_been_bought_cannot_be_cancelled_here(make_attempt, lead, noon, state):
    attempt = make_attempt(state)

    with pytest.raises(parking.CannotWithdraw):
        parking.withdraw(order=attempt.order, by=lead, now=noon)

    assert status(attempt) == state


def test_parts_that_wait_behind_an_unknown_one_hold_up_no_other_order(make_attempt, account, noon):
    """They were released together, and only the first of them is on its way."""
    first = make_attempt("unknown", at=noon, released_at=noon)
    for chunk in (1, 2):
        behind = make_attempt("queued", at=noon, released_at=noon)
        Attempt.objects.filter(pk=behind.pk).update(order=first.order_id, chunk=chunk, due_at=None)
    make_attempt("parked", at=noon)
    deposit(account, 1000, noon + parking.SHOWN_FOR)

    assert release_funded(noon + LATER) == 0
    assert release_funded(noon + parking.SHOWN_FOR) == 1


def test_order_that_was_left_to_a_person_holds_up_no_other_one(make_attempt, account, noon):
    make_attempt("queued", at=noon, released_at=noon, crash_count=CRASHES_BEFORE_QUARANTINE)
    make_attempt("parked", at=noon)
    deposit(account, 100, noon + LATER)

    assert release_funded(noon + LATER) == 1


@pytest.mark.fault("F25")
def test_parts_that_are_refused_for_want_of_money_send_nothing_before_money_comes(sku_of_two, lab, now):
    """Our reading covers them all, and the supplier goes on saying that it does not."""
    fail(lab, sku_of_two, "insufficient_funds", times=None)
    order = first_sent(confirmed(sku_of_two, now, quantity=7), now)
    for minute in range(1, 6):
        later = now + timedelta(minutes=minute)
        refreshing.read_balances(supplier=sku_of_two.supplier, now=later)
        sweep_at(later + timedelta(seconds=1))

    assert states(order) == ["parked"] * 4
    assert Call.objects.filter(is_read=False).count() == 1

    lab.clear("giftapi")
    lab.books["giftapi"].deposit("USD", "1.00")
    later = now + timedelta(minutes=7)
    refreshing.read_balances(supplier=sku_of_two.supplier, now=later)
    for seconds in (1, 20):
        sweep_at(later + timedelta(seconds=seconds))
    assert Order.objects.get(pk=order.pk).status == "completed"
