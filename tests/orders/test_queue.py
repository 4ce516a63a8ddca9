"""Whose turn it is when money comes, how many go at once, and what a deposit would let go."""

from datetime import timedelta
from decimal import Decimal

import pytest

from funding import reserving
from funding.models import Account
from orders import demand, parking
from orders.models import Attempt, Event, Order

from .test_parking import deposit, release_funded, status
from .test_races import at_once

LATER = timedelta(minutes=5)


@pytest.fixture
def lead(staff):
    return staff("lead")


@pytest.fixture
def parked(make_attempt, account, noon):
    """Twelve orders of 5.20 each, a second apart, and nothing to pay them with."""
    Account.objects.filter(pk=account.pk).update(available=Decimal(1))
    return [make_attempt("parked", at=noon + timedelta(seconds=n)) for n in range(12)]


def accepted(attempt):
    Attempt.objects.filter(pk=attempt.pk).update(
        state="accepted", supplier_order_id=f"there-{attempt.pk}", first_sent_at=attempt.created_at,
        last_sent_at=attempt.created_at, due_at=attempt.created_at, parked_reason="", parked_at=None)


def test_rest_goes_together_once_the_first_was_accepted_up_to_a_cap(parked, account, noon):
    deposit(account, 100, noon + LATER)
    assert release_funded(noon + LATER) == 1
    accepted(parked[0])

    assert release_funded(noon + LATER) == parking.RELEASED_AT_ONCE

    assert [status(attempt) for attempt in parked[1:]] == ["queued"] * 10 + ["parked"]


def test_rest_goes_only_as_far_as_the_money(parked, account, noon):
    deposit(account, 30, noon + LATER)
    release_funded(noon + LATER)
    accepted(parked[0])

    release_funded(noon + LATER)

    assert [status(attempt) for attempt in parked].count("queued") == 5  # the accepted row was not folded
    assert reserving.spendable(Account.objects.get()) >= 0


def test_first_of_a_later_day_goes_alone_again(parked, account, noon):
    deposit(account, 100, noon + LATER)
    release_funded(noon + LATER)
    accepted(parked[0])

    assert release_funded(noon + timedelta(hours=1)) == 1


def test_order_that_was_put_first_goes_first(parked, account, lead, noon):
    parking.prioritise(order=parked[7].order, priority=1, by=lead, now=noon)
    deposit(account, 100, noon + LATER)

    release_funded(noon + LATER)

    assert (status(parked[7]), status(parked[0])) == ("queued", "parked")
    assert Event.objects.filter(order=parked[7].order, by=lead, text="Turn: First").exists()


def test_order_that_was_put_last_waits_for_the_others(parked, account, lead, noon):
    parking.prioritise(order=parked[0].order, priority=-1, by=lead, now=noon)
    deposit(account, 100, noon + LATER)

    release_funded(noon + LATER)

    assert (status(parked[0]), status(parked[1])) == ("parked", "queued")


def test_turn_of_what_is_not_parked_is_refused(make_attempt, lead, noon):
    attempt = make_attempt("queued")

    with pytest.raises(parking.NotParked):
        parking.prioritise(order=attempt.order, priority=1, by=lead, now=noon)

    assert Order.objects.get().priority == 0


def test_forecast_lets_go_in_turn_and_stops_at_what_does_not_fit(make_attempt, account, noon):
    Account.objects.filter(pk=account.pk).update(available=Decimal(5))
    make_attempt("parked", at=noon, total="20")
    make_attempt("parked", at=noon + timedelta(seconds=1), total="50")
    make_attempt("parked", at=noon + timedelta(seconds=2), total="1")

    [told] = demand.with_orders(now=noon, account=account.pk, deposit=Decimal(40))

    assert (told.count, told.need, told.short) == (3, Decimal(71), Decimal(66))
    assert [one.goes for one in told.waiting] == [True, False, False]
    assert (told.forecast.orders, told.forecast.spent, told.forecast.left) == (1, Decimal(20), Decimal(25))


def test_forecast_leaves_out_what_waits_for_a_person(make_attempt, account, noon):
    make_attempt("parked", at=noon)
    dear = make_attempt("parked", at=noon)
    Attempt.objects.filter(pk=dear.pk).update(parked_reason="price", parked_total=Decimal(6))

    [told] = demand.with_orders(now=noon + timedelta(hours=25), account=account.pk, deposit=Decimal(500))
    assert told.forecast.orders == 0

    [told] = demand.with_orders(now=noon, account=account.pk, deposit=Decimal(500))
    assert sorted((one.goes, one.need) for one in told.waiting) == [(False, Decimal(6)), (True, Decimal("5.20"))]


def test_forecast_is_what_the_release_does(parked, account, noon):
    [told] = demand.with_orders(now=noon + LATER, account=account.pk, deposit=Decimal(30))
    deposit(account, 31, noon + LATER)

    released = []
    while release_funded(noon + LATER):
        for attempt in Attempt.objects.filter(state="queued"):
            released.append(attempt.order_id)
            accepted(attempt)
            reserving.settle(attempt_ref=attempt.ref, amount=attempt.agreed_total, now=noon + LATER)

    assert set(released) == {one.order.pk for one in told.waiting if one.goes}
    assert told.forecast.orders == len(released) == 5


def test_orders_that_wait_for_approval_stand_elsewhere(make_attempt, account, noon):
    attempt = make_attempt("parked")
    Attempt.objects.filter(pk=attempt.pk).update(parked_reason="approval")

    assert demand.with_orders(now=noon) == []


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_release_no_more_than_there_is(parked, account, noon):
    deposit(account, 31, noon + LATER)
    accepted(parked[0])
    Attempt.objects.filter(pk=parked[0].pk).update(released_at=noon + LATER)

    at_once(4, lambda _: release_funded(noon + LATER))

    assert Attempt.objects.filter(state="queued").count() == 5
    assert reserving.spendable(Account.objects.get()) == Decimal("5.00")
