"""A second person decides about what goes beyond a spend limit, at a price of now."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from funding import refreshing
from funding.models import Account
from orders import approving, parking, sending
from orders.models import Attempt, Event, Order, Quote, SpendLimit

from .shop import confirmed, fail, quoted, run_until
from .test_chunks import parts
from .test_races import at_once
from .test_spend_limits import approved, price_of


@pytest.fixture
def books(lab):
    return lab.books["giftapi"]


@pytest.fixture
def sku(sku_of_two):
    return sku_of_two


def test_second_person_sends_it_on_its_way_at_the_price_of_now(sku, limit_of_two, buyer, finance, books, now):
    order = confirmed(sku, now, by=buyer, quantity=3)
    books.set_price(sku.supplier_ref, sku.price + 1)
    later = now + timedelta(hours=3)
    refreshing.read_balances(supplier=sku.supplier, now=later)

    order = approved(order, finance, later)

    assert (order.status, order.approved_by) == ("queued", finance)
    assert order.agreed_total == (sku.price + 1) * 3
    assert Event.objects.get(order=order, kind="approved").by == finance
    assert run_until(order, later).status == "completed"


def test_requester_cannot_approve(sku, limit_of_two, staff, now):
    lead = staff("lead")
    order = confirmed(sku, now, by=lead, quantity=3)

    with pytest.raises(approving.OwnRequest):
        approved(order, lead, now)
    with pytest.raises(approving.OwnRequest):
        approving.decline(order=order, by=lead, reason="No", now=now)

    assert Order.objects.get(pk=order.pk).parked_reason == "approval"


def test_database_refuses_an_approval_by_the_requester(sku, buyer, now):
    order = confirmed(sku, now, by=buyer)

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(approved_by=buyer, approved_at=now)


def test_person_without_the_permission_cannot_approve(sku, limit_of_two, buyer, staff, now):
    order = confirmed(sku, now, by=buyer, quantity=3)

    with pytest.raises(PermissionDenied):
        approved(order, staff("support"), now)


def test_approval_expires_with_its_price(sku, limit_of_two, buyer, finance, now):
    order = confirmed(sku, now, by=buyer, quantity=3)
    quote = price_of(order, finance, now)

    with pytest.raises(approving.PriceExpired):
        approving.approve(order=order, quote=quote, by=finance, now=quote.expires_at)

    assert Order.objects.get(pk=order.pk).approved_by is None


def test_price_that_somebody_else_looked_at_approves_nothing(sku, limit_of_two, buyer, finance, staff, now):
    order = confirmed(sku, now, by=buyer, quantity=3)

    with pytest.raises(approving.PriceExpired):
        approving.approve(order=order, quote=price_of(order, staff("lead"), now), by=finance, now=now)


def test_price_of_another_quantity_approves_nothing(sku, limit_of_two, buyer, finance, now):
    order = confirmed(sku, now, by=buyer, quantity=3)
    _, other = quoted(sku, now, quantity=1, by=finance)

    with pytest.raises(approving.PriceExpired):
        approving.approve(order=order, quote=other, by=finance, now=now)


def test_approval_waits_for_money(sku, limit_of_two, buyer, finance, books, now):
    order = confirmed(sku, now, by=buyer, quantity=3)
    Account.objects.update(available=Decimal(1))
    quote = Quote.objects.get(pk=price_of(order, finance, now).pk)
    Account.objects.update(available=Decimal(1))

    with pytest.raises(parking.StillShort):
        approving.approve(order=order, quote=quote, by=finance, now=now)

    assert Order.objects.get(pk=order.pk).parked_reason == "approval"


def test_declined_order_is_cancelled_with_the_reason(sku, limit_of_two, buyer, finance, now):
    order = confirmed(sku, now, by=buyer, quantity=3)

    with pytest.raises(approving.NoReason):
        approving.decline(order=order, by=finance, reason=" ", now=now)
    approving.decline(order=order, by=finance, reason="Not this week", now=now)

    order.refresh_from_db()
    assert (order.status, "Not this week" in order.reason) == ("cancelled", True)
    with pytest.raises(approving.NotWaiting):
        approved(order, finance, now)


def test_part_of_an_approved_order_keeps_its_own_price(sku, limit_of_two, buyer, finance, now):
    order = approved(confirmed(sku, now, by=buyer, quantity=5), finance, now)

    assert [attempt.agreed_total for attempt in parts(order)] == [sku.price * 2, sku.price * 2, sku.price]
    assert [attempt.due_at is not None for attempt in parts(order)] == [True, False, False]


@pytest.fixture
def half_waiting(sku, limit_of_two, buyer, finance, lab, books, now):
    """Of three parts the first was bought; the price of the others went up, and one of them was unknown meanwhile."""
    order = approved(confirmed(sku, now, by=buyer, quantity=5), finance, now)
    first, second, third = parts(order)
    sending.send(attempt_id=first.pk, now=now)
    fail(lab, sku, "close", when="before")
    sending.send(attempt_id=second.pk, now=now + timedelta(seconds=1))
    books.set_price(sku.supplier_ref, sku.price + 1)
    later = now + timedelta(minutes=2)
    with time_machine.travel(later, tick=True):
        sending.send(attempt_id=third.pk, now=later)
    order.refresh_from_db()
    with pytest.raises(parking.NeedsApproval):
        parking.release(order=order, by=finance, now=later, total=order.parked_total)
    order = run_until(order, later, stop=["parked"])
    absent_at = parts(order)[1].changed_at
    with time_machine.travel(absent_at, tick=True):
        sending.send(attempt_id=second.pk, now=absent_at)
    return Order.objects.get(pk=order.pk)


def test_one_decision_frees_all_parts_whatever_each_waits_for(half_waiting, finance, books, now):
    assert [one.parked_reason for one in parts(half_waiting)] == ["", "price", "approval"]
    assert list(approving.waiting()) == [half_waiting]
    later = now + timedelta(hours=1)

    order = approved(half_waiting, finance, later)

    assert [one.parked_reason for one in parts(order)] == ["", "", ""]
    assert run_until(order, later).status == "completed"
    assert len(books.purchases()) == 3


def test_all_parts_that_wait_are_declined_together(half_waiting, finance, books, now):
    approving.decline(order=half_waiting, by=finance, reason="Too dear", now=now + timedelta(hours=1))

    assert [one.state for one in parts(half_waiting)] == ["accepted", "withdrawn", "withdrawn"]
    assert len(books.purchases()) == 1


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_send_one_order(sku, buyer, finance, now):
    SpendLimit.objects.create(currency="USD", per_day=0)
    order = confirmed(sku, now, by=buyer)
    quote = price_of(order, finance, now)

    def approve(_):
        try:
            approving.approve(order=order, quote=quote, by=finance, now=now)
        except approving.NotWaiting:
            return "too late"
        return "approved"

    assert sorted(at_once(2, approve)) == ["approved", "too late"]
    assert Attempt.objects.get(order=order).state == "queued"
