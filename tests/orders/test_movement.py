"""A balance that fell although no order explains it: what Plexy Gate shows in place of charges."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.models import Supplier
from funding import refreshing
from funding.models import Books, Entry, Reading, Reservation
from orders import evidence, movement
from orders.models import Attempt, UnmatchedPurchase

from .shop import attempt_of, confirmed, fail, operation, run_until, sweep_at

MINUTE = timedelta(minutes=1)


@pytest.fixture
def lost(make_attempt, noon):
    return make_attempt("unknown", at=noon, fence_at=noon + timedelta(minutes=61))


@pytest.fixture
def read(account, noon):
    """A factory: `read(-5, "100")` is a reading five minutes before noon."""

    def make(minutes, balance, overdraft=0):
        return Reading.objects.create(account=account, fetch_started_at=noon + minutes * MINUTE, balance=Decimal(balance),
                                      overdraft_limit=overdraft, available=Decimal(balance) + overdraft)

    return make


@pytest.fixture
def other(make_attempt, noon):
    """A factory of purchases of 7.00: when they were sent and when they were known to be charged, in minutes from noon."""

    def make(sent, settled, outcome="completed", changed=None):
        sent_at, settled_at = noon + sent * MINUTE, noon + settled * MINUTE
        attempt = make_attempt("accepted", at=sent_at, total="7.00", outcome=outcome)
        changed_at = settled_at if changed is None else noon + changed * MINUTE
        Attempt.objects.filter(pk=attempt.pk).update(total=Decimal(7), changed_at=changed_at)
        Reservation.objects.create(
            account=attempt.supplier.accounts.get(), attempt_ref=attempt.ref, amount=7, state="settled",
            created_at=sent_at, settled_at=settled_at)
        return attempt

    return make


def fall(lost, noon):
    return movement.unexplained_fall(lost, since=noon + 62 * MINUTE, now=noon + 120 * MINUTE)


def test_balance_that_stood_still_shows_no_purchase(lost, read, noon):
    read(-5, 100)
    read(70, 100)

    assert fall(lost, noon) == 0


def test_fall_that_nothing_explains_is_told(lost, read, noon):
    read(-5, 100)
    read(70, "94.80")

    assert fall(lost, noon) == Decimal("5.20")


def test_higher_overdraft_hides_no_purchase(lost, read, noon):
    read(-5, 100)
    read(70, "94.80", overdraft=50)

    assert fall(lost, noon) == Decimal("5.20")


def test_other_purchases_explain_their_own_charge_only(lost, read, other, noon):
    read(-5, 100)
    other(10, 11)
    other(20, 21, outcome="failed")  # its charge may have come back
    read(70, "87.80")

    assert fall(lost, noon) == Decimal("5.20")


def test_deposit_hides_no_purchase(lost, read, account, noon):
    read(-5, 100)
    Entry.objects.create(
        supplier=account.supplier, account=account, kind="deposit", supplier_key="d1", word="posted", status="posted",
        amount=50, currency="USD", occurred_at=noon, posted_at=noon + 30 * MINUTE, first_seen_at=noon + 31 * MINUTE)
    read(70, "144.80")

    assert fall(lost, noon) == Decimal("5.20")


def test_money_that_came_back_hides_no_purchase(lost, read, other, noon):
    other(-20, -19, outcome="failed", changed=10)
    read(-5, 100)
    read(70, "101.80")

    assert fall(lost, noon) == Decimal("5.20")


def test_purchase_past_purser_that_is_known_explains_its_charge(lost, read, account, noon):
    read(-5, 100)
    UnmatchedPurchase.objects.create(
        supplier=account.supplier, supplier_order_id="by-hand", total=3, currency="USD", ordered_at=noon + 5 * MINUTE,
        first_seen_at=noon + 30 * MINUTE)
    read(70, 97)

    assert fall(lost, noon) == 0


def test_reading_while_something_else_was_bought_is_not_compared(lost, read, other, noon):
    read(-15, 100)
    other(-6, -4)
    read(-5, 50)
    read(70, 93)
    other(79, 81)
    read(80, 20)

    assert fall(lost, noon) == 0


def test_reading_while_another_purchase_was_unknown_is_not_compared(lost, read, make_attempt, noon):
    make_attempt("unknown", at=noon - 10 * MINUTE, fence_at=noon + 90 * MINUTE)
    read(-5, 100)
    read(70, 100)

    assert fall(lost, noon) is None


@pytest.mark.parametrize("when", [(-0.1, 70), (-5, 61), (70, 80)])
def test_reading_that_may_show_the_purchase_or_not_is_not_compared(lost, read, noon, when):
    for minutes in when:
        read(minutes, 100)

    assert fall(lost, noon) is None


@pytest.mark.parametrize(("left", "proposal"), [("94.80", "bought"), ("100", "absent")])
def test_fall_decides_what_a_person_may_say(lost, read, noon, left, proposal):
    Supplier.objects.update(api="plexy_gate")
    read(-5, 100)
    read(70, left)
    Attempt.objects.filter(pk=lost.pk).update(absent_seen_at=noon + 65 * MINUTE)
    Books.objects.create(supplier=lost.supplier, read_at=noon + 70 * MINUTE)
    lost = Attempt.objects.get(pk=lost.pk)

    found = evidence.of(lost, now=noon + 120 * MINUTE)

    assert (found.proposal, found.may_be_absent) == (proposal, proposal == "absent")


# The resolver


@pytest.fixture
def unseen(sku, lab, now):
    """An order at Plexy Gate of which its lists show nothing; `bought` is what the supplier did with it."""

    def make(bought):
        refreshing.refresh(supplier=sku.supplier, now=now + 15 * MINUTE)  # long after the account's first deposit
        fail(lab, sku, "close", when="after" if bought else "before")
        lab.fail("plexy_gate", operation("listOrders", sku), "lookup_lag", times=None, seconds=10**6)
        order = confirmed(sku, now + 20 * MINUTE)
        sweep_at(now + 20 * MINUTE)
        attempt = attempt_of(order)
        # Nobody could look until the key had lapsed, so the same request cannot be repeated as a question.
        Attempt.objects.filter(pk=attempt.pk).update(due_at=attempt.fence_at + MINUTE)
        return order, attempt.fence_at + MINUTE

    return make


@pytest.mark.parametrize("sku", ["plexy"], indirect=True)
def test_purchase_that_only_the_balance_shows_is_not_bought_again(unseen, books):
    order, later = unseen(bought=True)

    order = run_until(order, later, hours=3)

    assert (order.status, order.needs_review, attempt_of(order).send_count) == ("unknown", True, 1)
    assert len(books.purchases()) == 1


@pytest.mark.parametrize("sku", ["plexy"], indirect=True)
def test_absence_that_the_balance_bears_out_asks_whether_it_is_still_wanted(unseen, books):
    order, later = unseen(bought=False)

    order = run_until(order, later, hours=3, stop=["parked"])

    assert (order.status, order.parked_reason) == ("parked", "age")
    assert books.purchases() == []
