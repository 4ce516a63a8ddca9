"""A supplier that goes on repeating "balance too low" for our key after money came: a new key, once it is proven safe."""

from datetime import timedelta
from urllib.request import Request, urlopen

import pytest

from catalog.suppliers.types import ProductKind
from funding import refreshing
from funding.models import Reservation
from orders import renewing
from orders.models import Attempt, Observation, Order
from orders.sending import open_body

from .shop import confirmed, mirror, run_until, sweep_at

pytestmark = pytest.mark.fault("F26")


@pytest.fixture
def books(lab):
    lab.books["plexy_gate"].deposit("USD", "100.00")
    lab.books["plexy_gate"].pace(seconds=0, reads=0)
    return lab.books["plexy_gate"]


@pytest.fixture
def refused_order(plexy, lab, books, now):
    """Confirmed while there was money, refused because it was gone; the supplier keeps that answer for our key."""
    sku = mirror(plexy, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                 and price.price < 30 and price.currency == "USD", now)
    lab.fail("plexy_gate", "createOrder", "freeze_refusal", times=None)
    order = confirmed(sku, now)
    books.set_balance("USD", 0)
    order = run_until(order, now, stop=["parked"])
    assert order.parked_reason == "funds"
    return order


def after_deposit(order, books, now):
    books.deposit("USD", "100.00")
    later = now + timedelta(minutes=10)
    refreshing.refresh(supplier=order.supplier, now=later)
    return later


def attempts(order):
    return list(Attempt.objects.filter(order=order).order_by("n"))


def test_repeated_refusal_ends_in_one_purchase_under_a_new_key(refused_order, lab, books, now):
    later = after_deposit(refused_order, books, now)

    order = run_until(refused_order, later + timedelta(seconds=1))

    old, new = attempts(order)
    assert (order.status, old.state, new.state, new.n) == ("completed", "proven_absent", "accepted", 2)
    assert (books.purchases(old.ref), len(books.purchases(new.ref)), len(books.purchases())) == ([], 1, 1)
    assert Observation.objects.filter(attempt=old, outcome="proven_absent").exists()
    assert Reservation.objects.get(attempt_ref=old.ref).state == "released"
    assert Reservation.objects.get(attempt_ref=new.ref).state == "settled"


def test_key_is_tried_twice_a_minute_apart_before_it_is_given_up(refused_order, books, now):
    later = after_deposit(refused_order, books, now)
    for seconds in (1, 10, 30, 59):
        sweep_at(later + timedelta(seconds=seconds))

    (attempt,) = attempts(refused_order)
    assert (attempt.state, attempt.send_count) == ("queued", 2)
    assert Reservation.objects.get(attempt_ref=attempt.ref).state == "open"

    order = run_until(refused_order, later + timedelta(seconds=65), stop=["unknown"])
    assert (order.status, attempts(order)[0].send_count) == ("unknown", 3)


def test_order_that_is_found_after_all_is_not_bought_again(refused_order, lab, books, now):
    later = after_deposit(refused_order, books, now)
    order = run_until(refused_order, later + timedelta(seconds=1), stop=["unknown"])
    (attempt,) = attempts(order)
    buy_there(lab, attempt)

    order = run_until(order, later + timedelta(minutes=3))

    assert (order.status, len(attempts(order)), len(books.purchases())) == ("completed", 1, 1)


def buy_there(lab, attempt):
    """The supplier executes the request behind our back, under the key whose refusal it repeats."""
    lab.clear("plexy_gate")
    lab.desks["plexy_gate"]._frozen.clear()
    told = lab.credentials["plexy_gate"]
    request = Request(
        f"{lab.url}/plexy_gate/agent/{told['agent_id']}/orders", data=open_body(attempt), method="POST", headers={
            "authorization": told["api_key"], "idempotency-key": attempt.ref, "content-type": "application/json"})
    with urlopen(request) as answer:
        assert answer.status == 201


def test_send_that_was_once_not_answered_keeps_the_fence(refused_order, books, now):
    later = after_deposit(refused_order, books, now)
    order = run_until(refused_order, later + timedelta(seconds=1), stop=["unknown"])
    Attempt.objects.filter(order=order).update(send_count=4)  # of one of them no answer is known

    order = run_until(order, later + timedelta(minutes=3), hours=0.3)

    assert (order.status, len(attempts(order))) == ("unknown", 1)


def test_two_workers_renew_once(refused_order, books, now):
    later = after_deposit(refused_order, books, now)
    order = run_until(refused_order, later + timedelta(seconds=1), stop=["unknown"])
    attempt = attempts(order)[0]

    first = renewing.renew(attempt=attempt, now=later)
    second = renewing.renew(attempt=attempt, now=later)

    assert (first.n, second) == (2, None)
    assert Order.objects.get(pk=order.pk).status == "queued"


def test_missing_money_parks_as_ever(refused_order, lab, books, now):
    """Refused again while the supplier's own balance shows too little: that is no stored answer."""
    books.set_balance("USD", 1)
    later = now + timedelta(minutes=10)
    refreshing.refresh(supplier=refused_order.supplier, now=later)

    order = run_until(refused_order, later, hours=0.1)

    assert (order.status, len(attempts(order)), attempts(order)[0].send_count) == ("parked", 1, 1)
