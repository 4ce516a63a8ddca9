"""What one person may spend in a day, and the second person who decides about more."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from funding import refreshing
from funding.models import Reservation
from orders import approving, observing, parking, placing, quoting, sending, spending
from orders.models import Attempt, Order, Quote, SpendLimit

from .shop import confirmed, quoted, run_until
from .test_chunks import parts, states
from .test_races import at_once


@pytest.fixture
def books(lab):
    return lab.books["giftapi"]


@pytest.fixture
def sku(sku_of_two):
    return sku_of_two


def price_of(order, by, now):
    """What the approver looks at."""
    quote = approving.ask_price(order=order, by=by, now=now)
    with time_machine.travel(now, tick=True):
        return fetched(quote, now)


def fetched(quote, now):
    return quoting.fetch(quote=Quote.objects.select_related("sku__product", "sku__supplier").get(pk=quote.pk), now=now)


def approved(order, by, now):
    approving.approve(order=order, quote=price_of(order, by, now), by=by, now=now)
    return Order.objects.get(pk=order.pk)


def test_order_within_the_limit_goes_out(sku, limit_of_two, buyer, now):
    assert confirmed(sku, now, by=buyer, quantity=2).status == "queued"


def test_bought_part_of_an_order_whose_rest_waits_for_approval_is_spent(sku, buyer, staff, books, now):
    SpendLimit.objects.create(currency="USD", per_day=sku.price * 5)
    order = confirmed(sku, now, by=buyer, quantity=5)
    first, second, _ = parts(order)
    sending.send(attempt_id=first.pk, now=now)
    books.set_price(sku.supplier_ref, sku.price + 1)
    later = now + timedelta(minutes=2)
    with time_machine.travel(later, tick=True):
        sending.send(attempt_id=second.pk, now=later)
    order.refresh_from_db()

    with pytest.raises(parking.NeedsApproval):
        parking.release(order=order, by=staff("lead"), now=later, total=order.parked_total)

    assert spending.allowance(user=buyer, currency="USD", now=later).spent == sku.price * 2


def test_order_beyond_the_limit_waits_and_sets_no_money_aside(sku, limit_of_two, buyer, books, now):
    order = confirmed(sku, now, by=buyer, quantity=3)

    assert (order.status, order.parked_reason) == ("parked", "approval")
    assert "Beyond the limit" in order.reason
    assert not Reservation.objects.exists()
    assert run_until(order, now, hours=0.1).status == "parked"
    assert books.purchases() == []


def test_orders_of_one_day_add_up(sku, limit_of_two, buyer, now):
    confirmed(sku, now, by=buyer)
    confirmed(sku, now, by=buyer)

    assert confirmed(sku, now, by=buyer).parked_reason == "approval"


def test_next_day_begins_anew(sku, limit_of_two, buyer, now):
    confirmed(sku, now, by=buyer, quantity=2)
    Order.objects.update(created_at=now - timedelta(days=1))

    assert confirmed(sku, now, by=buyer, quantity=2).status == "queued"


def test_one_persons_spending_is_not_anothers(sku, limit_of_two, buyer, staff, now):
    confirmed(sku, now, by=buyer, quantity=2)

    assert confirmed(sku, now, by=staff("operations"), quantity=2).status == "queued"


def test_own_limit_comes_before_everybodys(sku, limit_of_two, buyer, now):
    SpendLimit.objects.create(user=buyer, currency="USD", per_day=sku.price * 3)

    assert confirmed(sku, now, by=buyer, quantity=3).status == "queued"


@pytest.mark.parametrize("ends", ["failed", "cancelled"])
def test_what_was_not_bought_does_not_count(sku, limit_of_two, buyer, now, ends):
    confirmed(sku, now, by=buyer, quantity=2)
    Order.objects.update(status=ends, finished_at=now)

    assert confirmed(sku, now, by=buyer, quantity=2).status == "queued"


def test_limit_of_another_currency_and_commands_are_not_held_up(sku, buyer, now):
    SpendLimit.objects.create(currency="EUR", per_day=0)
    assert confirmed(sku, now, by=buyer).status == "queued"

    SpendLimit.objects.create(currency="USD", per_day=0)
    assert confirmed(sku, now, by=None).status == "queued"


def test_approved_order_is_not_counted_against_its_requester(sku, limit_of_two, buyer, finance, now):
    approved(confirmed(sku, now, by=buyer, quantity=3), finance, now)

    assert confirmed(sku, now, by=buyer, quantity=2).status == "queued"


def test_release_by_hand_is_no_way_around(sku, limit_of_two, buyer, now):
    order = confirmed(sku, now, by=buyer, quantity=3)

    with pytest.raises(parking.NeedsApproval):
        parking.release(order=order, by=buyer, now=now)

    assert states(order) == ["parked", "parked"]


def test_money_does_not_release_what_waits_for_approval(sku, limit_of_two, buyer, books, now):
    order = confirmed(sku, now, by=buyer, quantity=3)
    books.deposit("USD", "500.00")
    later = now + timedelta(minutes=5)
    refreshing.refresh(supplier=sku.supplier, now=later)

    assert run_until(order, later, hours=0.1).status == "parked"


@pytest.mark.parametrize("is_approved", [True, False])
def test_higher_price_that_goes_beyond_needs_approval_before_it_is_released(
        sku, limit_of_two, buyer, finance, books, now, is_approved):
    order = confirmed(sku, now, by=buyer, quantity=3 if is_approved else 2)
    if is_approved:
        approved(order, finance, now)
    books.set_price(sku.supplier_ref, sku.price + 1)
    later = now + timedelta(minutes=3)
    order = run_until(order, later, stop=["parked"])
    assert order.parked_reason == "price"

    with pytest.raises(parking.NeedsApproval):
        parking.release(order=order, by=buyer, now=later, total=order.parked_total)

    order.refresh_from_db()
    assert (order.parked_reason, order.approved_by) == ("approval", None)
    assert approved(order, finance, later).agreed_total == (sku.price + 1) * order.quantity


@pytest.mark.parametrize("share", [Decimal("0.5"), Decimal(1)])  # of what is left of the day: all of it may be spent
def test_higher_price_within_the_limit_is_released_by_hand(sku, limit_of_two, buyer, books, now, share):
    order = confirmed(sku, now, by=buyer, quantity=1)
    books.set_price(sku.supplier_ref, sku.price * (1 + share))
    later = now + timedelta(minutes=3)
    order = run_until(order, later, stop=["parked"])

    parking.release(order=order, by=buyer, now=later, total=order.parked_total)

    assert Order.objects.get(pk=order.pk).status == "queued"


def dearer(order, total, days=0):
    """`order`, of one part, parked at a price of `total`."""
    with transaction.atomic():
        parking.park(attempt=observing.lock(order.attempts.get().pk), reason="price", text="The price went up",
                     now=order.created_at, new_total=total)
    Order.objects.filter(pk=order.pk).update(created_at=order.created_at - timedelta(days=days))
    return Order.objects.get(pk=order.pk)


def released(order, by, now):
    try:
        parking.release(order=order, by=by, now=now, total=order.parked_total)
    except parking.NeedsApproval:
        return "needs approval"
    return "released"


@pytest.mark.parametrize(("days", "what"), [(0, "released"), (1, "needs approval")])
def test_price_that_rose_after_the_day_of_the_order_needs_a_second_person(sku, limit_of_two, buyer, now, days, what):
    """On the day of the release it would count nowhere, however small it is."""
    order = confirmed(sku, now, by=buyer)
    order = dearer(order, sku.price + 1, days)

    assert released(order, buyer, now) == what

    assert spending.allowance(user=buyer, currency="USD", now=now).spent == (0 if days else sku.price + 1)


def test_price_that_rose_overnight_is_no_matter_where_nothing_is_limited(sku, buyer, now):
    order = dearer(confirmed(sku, now, by=buyer), sku.price + 1, days=1)

    assert released(order, buyer, now) == "released"


def test_many_small_rises_of_other_days_spend_nothing_alone(sku, buyer, finance, now):
    SpendLimit.objects.create(currency="USD", per_day=sku.price)
    orders = [dearer(confirmed(sku, now, by=buyer), sku.price * 2, days) for days in (1, 2, 3)]

    assert [released(order, buyer, now) for order in orders] == ["needs approval"] * 3
    assert approved(orders[0], finance, now).approved_by == finance


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_two_rises_at_once_never_go_beyond_the_limit(sku, buyer, now):
    SpendLimit.objects.create(currency="USD", per_day=sku.price * 3)
    orders = [dearer(confirmed(sku, now, by=buyer), sku.price * 2) for _ in range(2)]

    assert sorted(at_once(2, lambda number: released(orders[number], buyer, now))) == ["needs approval", "released"]


@pytest.mark.parametrize("columns", [{"per_day": Decimal(-1)}, {"currency": "USD"}])
def test_limit_that_must_not_be_is_refused_by_the_database(limit_of_two, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        SpendLimit.objects.create(**{"currency": "CHF", "per_day": Decimal(1), **columns})


def test_what_is_left_is_told(sku, limit_of_two, buyer, now):
    confirmed(sku, now, by=buyer)

    allowed = spending.allowance(user=buyer, currency="USD", now=now)
    assert (allowed.limit, allowed.spent, allowed.left) == (sku.price * 2, sku.price, sku.price)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_ten_orders_at_once_never_go_beyond_the_limit(sku, buyer, now):
    SpendLimit.objects.create(currency="USD", per_day=sku.price * 4)
    refreshing.read_balances(supplier=sku.supplier, now=now)
    wanted, quote = quoted(sku, now)

    orders = at_once(10, lambda _: placing.confirm(
        token=uuid.uuid4(), sku=sku, terms=wanted, quote=quote, reference="", by=buyer, now=now, repeat=True))

    assert sorted(order.status for order in orders) == ["parked"] * 6 + ["queued"] * 4


@pytest.mark.parametrize(("state", "is_test", "parked_reason", "spent"), [
    ("accepted", False, "", "5.20"), ("accepted", True, "", "0"), ("parked", False, "funds", "5.20"),
    ("parked", False, "approval", "0"), ("rejected", False, "", "0"),
])
def test_day_counts_what_was_placed_in_earnest_and_waits_for_nobody(
        make_attempt, buyer, noon, state, is_test, parked_reason, spent):
    SpendLimit.objects.create(currency="USD", per_day=10)
    make_attempt(state, at=noon)
    Attempt.objects.update(parked_reason=parked_reason)
    Order.objects.update(placed_by=buyer, is_test=is_test, parked_reason=parked_reason)

    assert spending.allowance(user=buyer, currency="USD", now=noon).spent == Decimal(spent)
