"""Several people and workers at once, on real row locks."""

import contextlib
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from catalog.suppliers.traits import DeskTraits
from catalog.suppliers.types import ProductKind
from funding import refreshing, reserving
from funding.models import Account, Reservation
from orders import placing, sending, sweep
from orders.models import Attempt, Order

from .shop import confirmed, mirror, quoted

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]

FILLED = {"email": "buyer@example.org", "digits": "12345678", "phone": "+447700900123", "text": "reefwalker"}


@pytest.fixture
def voucher(giftapi, lab, now):
    lab.books["giftapi"].pace(seconds=0, reads=0)
    lab.books["giftapi"].deposit("USD", "5000.00")
    return mirror(giftapi, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                  and price.price < 10 and price.currency == "USD" and (price.stock or 0) > 1000, now)


def at_once(count, act):
    """The results of `count` threads that start `act` together."""
    gate = threading.Barrier(count)

    def run(number):
        gate.wait()
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_twenty_people_on_the_last_money_never_overspend(voucher, lab, now, record_property):
    """While workers buy what the first of them ordered."""
    refreshing.read_balances(supplier=voucher.supplier, now=now)
    wanted, quote = quoted(voucher, now)
    Account.objects.update(available=quote.total * 7 + Decimal("0.01"))
    before, began = deadlocks(), time.monotonic()

    def act(number):
        if number >= 20:
            return [sweep.run_due(now=now)["crashed"] for _ in range(5)]
        return placing.confirm(token=uuid.uuid4(), sku=voucher, terms=wanted, quote=quote, reference="", by=None, now=now,
                               repeat=True)

    *orders, one, other = at_once(22, act)
    sweep.run_due(now=now)
    took, locked = time.monotonic() - began, deadlocks() - before

    taken = Reservation.objects.exclude(state="released").aggregate(taken=Sum("amount"))["taken"]
    bought = len(lab.books["giftapi"].purchases())
    record_property("hot account", (
        f"20 people and 2 workers at money for 7: {bought} bought, {taken} of {quote.total * 7 + Decimal('0.01')} taken, "
        f"{locked} deadlocks, {took:.1f} s"))
    assert sorted(order.status for order in orders) == ["parked"] * 13 + ["queued"] * 7
    assert Counter(Order.objects.values_list("status", flat=True)) == {"parked": 13, "completed": 7}
    assert (taken, bought) == (quote.total * 7, 7)
    assert reserving.spendable(Account.objects.get()) == Decimal("0.01")
    assert (locked, sum(one + other)) == (0, 0)


def deadlocks():
    """How many the database has broken up so far; what a connection counted is told when it ends."""
    connection.close()
    with connection.cursor() as cursor:
        others = 1
        while others:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                           "AND backend_type = 'client backend' AND pid <> pg_backend_pid()")
            (others,) = cursor.fetchone()
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.fault("F69")
def test_one_form_sent_twenty_times_at_once_is_one_order(voucher, now):
    refreshing.read_balances(supplier=voucher.supplier, now=now)
    wanted, quote = quoted(voucher, now)
    token = uuid.uuid4()

    orders = at_once(20, lambda _: placing.confirm(
        token=token, sku=voucher, terms=wanted, quote=quote, reference="INV-1", by=None, now=now))

    assert len({order.pk for order in orders}) == 1
    assert (Order.objects.count(), Attempt.objects.count(), Reservation.objects.count()) == (1, 1, 1)


def test_twenty_people_for_the_same_recipient_place_one_order(plexy, lab, now):
    """Nobody was shown the other's order, so nobody can have meant a second one."""
    lab.books["plexy_gate"].deposit("USD", "5000.00")
    top_up = mirror(plexy, lambda product, price: product.kind == ProductKind.TOP_UP and price.currency == "USD", now)
    refreshing.read_balances(supplier=plexy, now=now)
    fields = {field["name"]: FILLED[field["kind"]] for field in top_up.product.fields}
    wanted, quote = quoted(top_up, now, amount=top_up.min_amount, fields=fields)

    def place(_):
        try:
            return placing.confirm(
                token=uuid.uuid4(), sku=top_up, terms=wanted, quote=quote, reference="", by=None, now=now)
        except placing.LooksRepeated as repeated:
            return repeated.order

    orders = at_once(20, place)

    assert len({order.pk for order in orders}) == 1
    assert (Order.objects.count(), Attempt.objects.count(), Reservation.objects.count()) == (1, 1, 1)


def test_ten_workers_with_the_same_task_send_once(voucher, lab, now):
    attempt = Attempt.objects.get(order=confirmed(voucher, now))

    at_once(10, lambda _: sending.send(attempt_id=attempt.pk, now=now))

    assert len(lab.books["giftapi"].purchases(attempt.ref)) == 1
    assert Attempt.objects.get(pk=attempt.pk).send_count == 1


@pytest.mark.fault("F77")
def test_claims_in_two_currencies_at_once_stay_below_the_cap_of_their_supplier(make_attempt, voucher, now, monkeypatch):
    attempts = [make_attempt("withdrawn", at=now) for _ in range(2)]
    for attempt, currency in zip(attempts, ("USD", "EUR"), strict=True):
        Account.objects.create(supplier=voucher.supplier, currency=currency, balance=9, available=9, read_at=now)
        Attempt.objects.filter(pk=attempt.pk).update(currency=currency, state="queued", due_at=now)
    both_have_counted, count = threading.Barrier(2), sending._others_in_flight

    def counted_together(attempt):
        others = count(attempt)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_counted.wait(timeout=0.5)
        return others

    monkeypatch.setattr(sending, "_others_in_flight", counted_together)
    monkeypatch.setattr(sending, "IN_FLIGHT_PER_SUPPLIER", 1)

    at_once(2, lambda number: sending._claim(Attempt.objects.get(pk=attempts[number].pk), DeskTraits(), now))

    assert Attempt.objects.filter(state="sending").count() == 1
    waiting = Attempt.objects.get(state="queued")
    assert waiting.due_at == now + timedelta(seconds=1)


@pytest.mark.fault("F66")
def test_four_sweeps_at_once_buy_every_order_exactly_once_while_answers_break(voucher, lab, now):
    orders = [confirmed(voucher, now) for _ in range(16)]
    for fault in ("close", "error", "truncated"):
        lab.fail("giftapi", "createOrder", fault, when="after")

    for step in range(8):
        at_once(4, lambda _, step=step: sweep.run_due(now=now + timedelta(seconds=30 * step), threads=2))

    books = lab.books["giftapi"]
    assert {len(books.purchases(ref)) for ref in Attempt.objects.values_list("ref", flat=True)} == {1}
    assert set(Order.objects.values_list("status", flat=True)) == {"completed"}
    assert len(books.charges()) == len(orders)
