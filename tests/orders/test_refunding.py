"""Money that suppliers give back for what they did not deliver: found in their books, bound to its order, or asked about."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.types import Outcome
from funding import refreshing
from funding.models import Entry
from orders import refunding, repayment, spending
from orders.models import Attempt, Event, Order, Refund, Shortfall, SpendLimit

from .refunds import standing, swept, tell
from .shop import attempt_of, confirmed, fail, number, run_until, sweep_at
from .test_races import at_once


def test_price_of_what_is_missing_is_owed(short):
    assert standing(short) == ("awaited", 10, 0)


def test_refund_that_names_the_order_is_bound_and_ends_it(short, book, noon):
    row = book("10.00", order_id="there-1")

    swept(noon + timedelta(minutes=1))

    order = Order.objects.get(pk=short.order_id)
    assert standing(short) == ("returned", 10, 10)
    assert Refund.objects.get(entry=row).is_named
    assert (order.status, order.is_final, order.needs_review) == ("partially_completed", True, False)
    assert "10.00 USD back" in Event.objects.filter(order=order).latest("pk").text


def test_refund_in_two_rows_is_added_up(short, book, noon):
    book("4.00", order_id="there-1")
    swept(noon + timedelta(minutes=1))
    assert standing(short) == ("awaited", 10, 4)

    book("6.00", order_id="there-1")
    swept(noon + timedelta(minutes=2))

    assert standing(short) == ("returned", 10, 10)


@pytest.mark.parametrize("columns", [
    {"status": "pending"}, {"currency": "EUR"}, {"kind": "deposit"}, {"order_id": "there-2"}])
def test_row_that_is_not_this_refund_is_not_taken_for_it(short, book, noon, columns):
    book("10.00", **{"order_id": "there-1", **columns})

    swept(noon + timedelta(minutes=1))

    assert standing(short) == ("awaited", 10, 0)


def test_more_than_was_owed_is_for_a_person(short, book, noon):
    book("20.00", order_id="there-1")

    swept(noon + timedelta(minutes=1))

    assert standing(short)[0] == "differs"
    assert Order.objects.get(pk=short.order_id).needs_review


@pytest.mark.fault("F40")
def test_refund_of_a_delivered_order_is_for_a_person_although_no_status_says_so(make_attempt, book, noon):
    attempt = tell(make_attempt("accepted", supplier_order_id="there-1"), noon, Outcome.COMPLETED, codes=["TEST-CODE-0001"])
    assert not Shortfall.objects.exists()

    book("5.20", order_id="there-1", at=noon + timedelta(days=20))
    swept(noon + timedelta(days=20))

    order = Order.objects.get(pk=attempt.order_id)
    assert (order.status, order.needs_review) == ("completed", True)
    assert standing(attempt) == ("differs", 0, Decimal("5.20"))


def test_refund_of_an_order_that_is_open_here_has_it_read_at_once(make_attempt, book, staff, noon):
    attempt = make_attempt("accepted", supplier_order_id="there-1", due_at=noon + timedelta(hours=1))
    book("5.20", order_id="there-1")

    refunding.bind(entry_id=Entry.objects.get().pk, attempt_id=attempt.pk, now=noon + timedelta(minutes=1))

    assert Attempt.objects.get(pk=attempt.pk).due_at == noon + timedelta(minutes=1)
    (told,) = repayment.of(attempt.order, attempt.order.attempts.all(), by=staff("support"))
    assert "5.20 USD back. The order is being read" in told.text
    assert not Order.objects.get(pk=attempt.order_id).needs_review

    tell(attempt, noon + timedelta(minutes=1), Outcome.FAILED)
    refunding.look(pk=Shortfall.objects.get().pk, now=noon + timedelta(minutes=10))
    assert standing(attempt) == ("returned", Decimal("5.20"), Decimal("5.20"))
    assert not Order.objects.get(pk=attempt.order_id).needs_review


def test_refund_of_an_order_that_stays_open_for_a_day_is_for_a_person(make_attempt, book, noon):
    attempt = make_attempt("accepted", supplier_order_id="there-1")
    book("5.20", order_id="there-1")
    refunding.bind(entry_id=Entry.objects.get().pk, attempt_id=attempt.pk, now=noon)

    refunding.look(pk=Shortfall.objects.get().pk, now=noon + timedelta(days=1))

    assert standing(attempt) == ("differs", 0, Decimal("5.20"))
    assert Order.objects.get(pk=attempt.order_id).needs_review


def test_rest_that_comes_after_all_and_is_charged_again_leaves_nothing_owed(short, book, noon):
    book("-20.00", order_id="there-1")
    book("10.00", order_id="there-1")
    swept(noon + timedelta(minutes=1))

    tell(short, noon, Outcome.COMPLETED, codes=[f"TEST-CODE-000{n}" for n in range(1, 5)])
    book("-10.00", order_id="there-1")
    swept(noon + timedelta(minutes=5))

    order = Order.objects.get(pk=short.order_id)
    assert standing(short) == ("returned", 0, 0)
    assert (order.status, order.needs_review) == ("completed", False)


@pytest.mark.fault("F39")
def test_codes_of_an_order_that_was_called_failed_are_owed_for_no_more(make_attempt, noon):
    attempt = tell(make_attempt("accepted", supplier_order_id="there-1"), noon, Outcome.FAILED)

    tell(attempt, noon, Outcome.COMPLETED, codes=["TEST-CODE-0001"], ref=attempt.ref)
    swept(noon + timedelta(minutes=1))

    assert standing(attempt) == ("returned", 0, 0)
    assert Order.objects.get(pk=attempt.order_id).needs_review


def test_money_given_back_to_strangers_is_asked_about_once_for_all_rows(account, book, noon, django_assert_num_queries):
    for n in range(20):
        book("1.00", order_id=f"stranger-{n}")

    with django_assert_num_queries(2):
        assert refunding.unbound(now=noon) == []


def test_failed_order_gets_all_of_it_back(make_attempt, book, noon):
    attempt = tell(make_attempt("accepted", supplier_order_id="there-1"), noon, Outcome.FAILED)
    book("5.20", order_id="there-1")

    swept(noon + timedelta(minutes=1))

    assert standing(attempt) == ("returned", Decimal("5.20"), Decimal("5.20"))
    assert not Order.objects.get(pk=attempt.order_id).needs_review


def test_nothing_is_owed_for_a_test_order(make_attempt, noon):
    attempt = make_attempt("accepted")
    Order.objects.update(is_test=True)

    tell(attempt, noon, Outcome.FAILED)

    assert not Shortfall.objects.exists()


@pytest.fixture
def octopus_books(supplier):
    """Books in which refunds name no order."""
    Supplier.objects.filter(pk=supplier.pk).update(api="octopus_cards")


@pytest.fixture
def two_failed(octopus_books, make_attempt, noon):
    return [tell(make_attempt("accepted", supplier_order_id=f"topup:{number}"), noon + timedelta(seconds=number),
                 Outcome.FAILED) for number in (1, 2)]


def test_refund_without_a_name_is_found_by_its_amount_and_counts_once(two_failed, book, noon):
    row = book("5.20", remark="USD Wallet credited by amount 5.20 - refund")

    swept(noon + timedelta(minutes=10))

    assert [standing(attempt)[0] for attempt in two_failed] == ["returned", "awaited"]
    assert not Refund.objects.get(entry=row).is_named


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_two_workers_that_see_one_refund_for_two_orders_count_it_once(two_failed, book, noon):
    book("5.20", remark="refund")
    waiting = refunding.due(now=noon + timedelta(minutes=10))

    at_once(2, lambda number: refunding.look(pk=waiting[number], now=noon + timedelta(minutes=10)))

    assert Refund.objects.count() == 1
    assert sorted(standing(attempt)[0] for attempt in two_failed) == ["awaited", "returned"]


@pytest.mark.parametrize(("amount", "remark", "minutes"), [
    ("5.20", "USD Wallet credited by amount 5.20 - wire transfer", 0), ("5.21", "refund", 0), ("5.20", "refund", -20)])
def test_row_without_a_name_that_does_not_fit_is_left(two_failed, book, noon, amount, remark, minutes):
    book(amount, remark=remark, at=noon + timedelta(minutes=minutes))

    swept(noon + timedelta(minutes=10))

    assert not Refund.objects.exists()


def test_what_came_back_may_be_spent_again(short, book, buyer, noon):
    SpendLimit.objects.create(currency="USD", per_day=100)
    Order.objects.update(placed_by=buyer)
    book("10.00", order_id="there-1")

    before = spending.allowance(user=buyer, currency="USD", now=noon).left
    swept(noon + timedelta(minutes=1))

    assert (before, spending.allowance(user=buyer, currency="USD", now=noon).left) == (80, 90)


def test_row_of_the_books_is_never_counted_twice_and_never_let_go(short, book, noon):
    row = book("10.00", order_id="there-1")
    assert refunding.bind(entry_id=row.pk, attempt_id=short.pk, now=noon)
    assert not refunding.bind(entry_id=row.pk, attempt_id=short.pk, now=noon)

    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.create(shortfall=Shortfall.objects.get(), entry=row, is_named=False, bound_at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.all().delete()


@pytest.mark.fault("F37")
def test_refund_at_each_supplier_is_found_in_its_books(sku, lab, books, now):
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now), now, stop=["accepted"])
    books.settle(number(order), "failed")
    order = run_until(order, now, hours=2)
    shows = gateway.traits(sku.supplier).books_show_orders
    assert order.status == "failed"

    refreshing.refresh(supplier=sku.supplier, now=now)
    sweep_at(now + timedelta(hours=3))

    assert Shortfall.objects.get(attempt=attempt_of(order)).state == ("returned" if shows else "awaited")
    assert Attempt.objects.get(pk=attempt_of(order).pk).due_at is not None
