"""Money that does not come back in time: told once, an alert while it lasts, ended by the money or by a person."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.models import Supplier
from catalog.suppliers.types import Outcome
from monitoring import order_causes
from orders import refunding
from orders.models import Event, Order, Shortfall

from .refunds import standing, swept, tell

DAY = timedelta(days=1, minutes=1)


@pytest.mark.fault("F37")
@pytest.mark.parametrize(("came", "says"), [(None, "its books show nothing"), ("9.00", "its books show 9.00 USD")])
def test_refund_that_is_missing_after_a_day_is_for_a_person_once(short, book, noon, came, says):
    if came:
        book(came, order_id="there-1")
    for minutes in (1, 60 * 23):
        swept(noon + timedelta(minutes=minutes))
    assert not Order.objects.get(pk=short.order_id).needs_review

    for hours in (0, 1, 30):
        swept(noon + DAY + timedelta(hours=hours))

    order = Order.objects.get(pk=short.order_id)
    assert (order.needs_review, order.is_final) == (True, False)
    assert [says in event.text for event in Event.objects.filter(order=order, kind="review")] == [True]
    assert [cause.title for cause in order_causes.refunds(noon)] == [
        f"1 refund of quiet late: {Decimal(10) - Decimal(came or 0):.2f} USD"]


def test_refund_that_comes_late_ends_the_alert(short, book, noon):
    swept(noon + DAY)
    book("10.00", order_id="there-1", at=noon + DAY)

    swept(noon + DAY + timedelta(minutes=1))

    assert standing(short) == ("returned", 10, 10)
    assert list(order_causes.refunds(noon)) == []


def test_books_that_show_no_refunds_leave_it_to_a_person_after_a_day(supplier, make_attempt, noon):
    Supplier.objects.filter(pk=supplier.pk).update(api="plexy_gate")
    attempt = tell(make_attempt("accepted"), noon, Outcome.FAILED)

    swept(noon + timedelta(hours=2))
    assert not Order.objects.get(pk=attempt.order_id).needs_review
    swept(noon + DAY)

    assert Order.objects.get(pk=attempt.order_id).needs_review
    assert Shortfall.objects.get().due_at is None


def test_person_ends_the_wait_with_a_note(short, staff, noon):
    lead = staff("lead")
    with pytest.raises(refunding.NotLate):
        refunding.settle(order=short.order, by=lead, note="Came by wire", now=noon)
    swept(noon + DAY)
    with pytest.raises(refunding.NoNote):
        refunding.settle(order=short.order, by=lead, note=" ", now=noon)

    refunding.settle(order=short.order, by=lead, note="Came by wire", now=noon + DAY)

    shortfall, order = Shortfall.objects.get(), Order.objects.get(pk=short.order_id)
    assert (shortfall.state, shortfall.by, shortfall.note) == ("settled", lead, "Came by wire")
    assert order.is_final
    assert list(order_causes.refunds(noon)) == []


def test_money_that_comes_after_that_is_told(short, book, staff, noon):
    swept(noon + DAY)
    refunding.settle(order=short.order, by=staff("lead"), note="Given up", now=noon + DAY)
    book("10.00", order_id="there-1", at=noon + DAY)

    swept(noon + DAY + timedelta(minutes=1))

    assert standing(short) == ("settled", 10, 10)
    assert "after all" in Event.objects.filter(order=short.order).latest("pk").text
