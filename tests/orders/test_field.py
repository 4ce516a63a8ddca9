"""What suppliers do to an order in the field: late, lagging, flooded, half delivered, taken back, unlike their health."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction

from catalog import connecting, gateway, spool
from catalog.clock import Watch
from catalog.models import CircuitState, Sku, Supplier
from catalog.suppliers.giftapi import client as giftapi_client
from catalog.suppliers.octopus_cards import client as octopus_client
from catalog.suppliers.plexy_gate import client as plexy_client
from monitoring import probing
from orders import sending
from orders.models import Attempt, Order
from tests.orders.shop import attempt_of, bought, confirmed, fail, number, operation, run_until, sweep_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg]


@pytest.mark.fault("F08")
def test_reply_after_the_deadline_is_one_charge(sku, lab, books, now, monkeypatch):
    for client in (plexy_client, giftapi_client):
        monkeypatch.setattr(client, "PURCHASE_S", 0.3)
    monkeypatch.setitem(octopus_client.PURCHASE_S, "voucher", 0.3)
    fail(lab, sku, "late", when="after", seconds=1)

    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    assert order.status == "unknown"
    order = run_until(order, now)

    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.fault("F20")
def test_storm_of_too_many_requests_loses_no_order(sku, lab, books, now):
    lab.heard.clear()
    orders = [confirmed(sku, now) for _ in range(3)]
    before = len(lab.calls(sku.supplier.api))
    lab.fail(sku.supplier.api, "*", "rate_limit", times=None, retry_after=20)

    for minute in range(5):
        sweep_at(now + timedelta(minutes=minute))
    stormy = len(lab.calls(sku.supplier.api)) - before
    lab.clear(sku.supplier.api)
    ended = [run_until(order, now + timedelta(minutes=6)) for order in orders]

    assert stormy < 40  # three orders in five minutes; a retry loop would make thousands
    assert {order.status for order in ended} == {"completed"}
    assert [bought(books, order) for order in ended] == [1, 1, 1]


@pytest.mark.fault("F29")
def test_purchase_that_lookups_do_not_see_yet_is_not_bought_again(sku, lab, books, now):
    fail(lab, sku, "close", when="after")
    lab.fail(sku.supplier.api, "*", "lookup_lag", seconds=90)

    order = run_until(confirmed(sku, now), now, hours=2)

    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.fault("F33")
def test_nothing_is_repeated_once_the_key_may_have_lapsed(sku, lab, books, now):
    fail(lab, sku, "close", when="after")
    order = confirmed(sku, now)
    sweep_at(now)
    lab.fail(sku.supplier.api, "*", "error", times=None, when="before", status=503)
    for minute in range(5, 75, 5):
        sweep_at(now + timedelta(minutes=minute))
    lab.clear(sku.supplier.api)
    lab.heard.clear()

    order = run_until(order, now + timedelta(minutes=75), hours=3)

    assert (order.status, bought(books, order)) == ("completed", 1)
    assert lab.calls(sku.supplier.api, operation("createOrder", sku)) == []


@pytest.mark.fault("F35")
def test_order_that_stays_open_for_thirty_hours_is_still_read(sku, lab, books, now):
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now), now, stop=["accepted"])

    for hours in (1, 6, 12, 24, 30):
        read = len(lab.calls(sku.supplier.api, operation("getOrder", sku)))
        sweep_at(now + timedelta(hours=hours))
        assert len(lab.calls(sku.supplier.api, operation("getOrder", sku))) == read + 1
        assert Order.objects.get().status == "accepted"
    books.settle(number(order), "completed")
    order = run_until(order, now + timedelta(hours=30), hours=2)

    assert order.status == "completed"


@pytest.mark.fault("F37")
def test_part_that_stays_a_part_for_a_day_is_reviewed(sku, lab, books, now):
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now), now, stop=["accepted"])
    books.settle(number(order), "partially_completed", delivered=0, refund=False)
    partial = gateway.connect(sku.supplier).fetch(order.supplier_order_id).outcome == "partial"

    for hours in (1, 12, 24, 26, 28):
        sweep_at(now + timedelta(hours=hours))

    order.refresh_from_db()
    assert partial == (order.status == "partially_completed")
    assert order.needs_review


@pytest.mark.fault("F40")
def test_reversal_after_three_days_keeps_the_codes_and_asks_a_person(sku, lab, books, now):
    order = run_until(confirmed(sku, now), now)
    units = attempt_of(order).units.count()
    books.settle(number(order), "failed", reason="Charge-back")

    for day in (1, 2, 3):
        sweep_at(now + timedelta(days=day))

    order.refresh_from_db()
    assert (order.status, order.needs_review) == ("completed", True)
    assert attempt_of(order).units.count() == units > 0
    assert attempt_of(order).observations.exclude(conflict="").count() >= 1


@pytest.mark.fault("F58")
def test_nothing_is_sent_without_room_for_the_answer(sku, books, now, monkeypatch):
    order = confirmed(sku, now)
    monkeypatch.setattr(spool, "FREE_BYTES", 2**62)

    sweep_at(now)
    assert Order.objects.get(pk=order.pk).status == "queued"
    assert "No disk space" in order.events.latest("id").text
    assert books.purchases() == []

    monkeypatch.undo()
    assert run_until(order, now + timedelta(minutes=2)).status == "completed"


@pytest.mark.fault("F58")
def test_nothing_is_repeated_without_room_for_the_answer(sku, lab, books, now, monkeypatch):
    fail(lab, sku, "close", when="before")
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    monkeypatch.setattr(spool, "FREE_BYTES", 2**62)

    sweep_at(now + timedelta(minutes=1))

    assert attempt_of(order).poll_count == 1
    assert (attempt_of(order).send_count, books.purchases()) == (1, [])


@pytest.mark.parametrize("sku", ["plexy"], indirect=True)  # the only one that is asked by repeating the request
def test_nothing_is_repeated_at_a_supplier_that_is_paused_while_its_price_is_read(sku, lab, books, now, monkeypatch):
    fail(lab, sku, "close", when="before")
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    price_stands = sending.price_stands

    def pause_meanwhile(attempt, at):
        connecting.pause(supplier=sku.supplier, reason="Something is odd", by=None, now=at)
        return price_stands(attempt, at)

    monkeypatch.setattr(sending, "price_stands", pause_meanwhile)
    sweep_at(now + timedelta(minutes=1))

    assert (attempt_of(order).send_count, books.purchases()) == (1, [])


@pytest.mark.fault("F59")
def test_lock_that_is_held_too_long_stops_neither_the_others_nor_the_order_for_good(sku, books, now):
    order, other_order = confirmed(sku, now), confirmed(sku, now)
    held, let_go = threading.Event(), threading.Event()
    attempt_id = attempt_of(order).pk

    def hold():
        with transaction.atomic():
            Attempt.objects.select_for_update().get(pk=attempt_id)
            held.set()
            let_go.wait(10)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        sweep_at(now)
        assert Order.objects.get(pk=order.pk).status == "queued"
        assert bought(books, other_order) == 1
    finally:
        let_go.set()
        other.join()
        connection.close()

    order = run_until(order, now + timedelta(minutes=1))

    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.fault("F73")
@pytest.mark.parametrize("stop", ["paused", "switched off"])
def test_order_on_its_way_keeps_its_price_and_is_read_while_the_supplier_is_stopped(sku, lab, books, now, staff, stop):
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now), now, stop=["accepted"])
    waiting = confirmed(sku, now)
    agreed = order.agreed_total

    Sku.objects.filter(pk=sku.pk).update(price=agreed * 5)
    if stop == "paused":
        connecting.pause(supplier=sku.supplier, reason="Moving keys", by=staff("lead"), now=now)
    else:
        Supplier.objects.update(is_active=False)
    gateway.keep_credentials(Supplier.objects.get(pk=sku.supplier_id), lab.credentials[sku.supplier.api])
    books.settle(number(order), "completed")
    order = run_until(order, now + timedelta(minutes=1))

    assert (order.status, order.agreed_total, attempt_of(order).units.count()) == ("completed", agreed, 1)
    assert Order.objects.get(pk=waiting.pk).status == "queued"
    assert bought(books, waiting) == 0


@pytest.mark.fault("F76")
def test_orders_that_fail_open_the_circuit_however_healthy_the_supplier_says_it_is(sku, lab, books, now):
    for _ in range(6):
        confirmed(sku, now)
    lab.fail(sku.supplier.api, operation("getOrder", sku), "error", times=None)
    lab.fail(sku.supplier.api, operation("listOrders", sku), "error", times=None)
    lab.fail(sku.supplier.api, operation("createOrder", sku), "error", times=None, when="before")

    assert probing.probe(supplier=sku.supplier, now=now).healthy
    sweep_at(now)
    sweep_at(now + timedelta(seconds=5))

    assert CircuitState.objects.get(supplier=sku.supplier).state == "open"
    assert not Order.objects.filter(status="failed").exists()


@pytest.mark.parametrize("sku", ["plexy"], indirect=True)
@pytest.mark.parametrize(("missing", "status", "purchases"), [(Decimal("0.01"), "parked", 0), (Decimal(0), "completed", 1)])
def test_balance_that_fell_since_the_order_was_placed_decides_once_more(sku, lab, books, now, missing, status, purchases):
    order = confirmed(sku, now)
    books.set_balance("USD", order.agreed_total - missing)
    lab.heard.clear()

    order = run_until(order, now + timedelta(seconds=61), stop=["parked"])

    assert (order.status, len(lab.calls(sku.supplier.api, operation("createOrder", sku)))) == (status, purchases)
    assert order.parked_reason == ("funds" if missing else "")


@pytest.mark.parametrize("sku", ["giftapi"], indirect=True)
@pytest.mark.parametrize(("held_s", "purchases"), [(30, 1), (30.1, 0)])
def test_claim_that_was_held_too_long_is_not_used(sku, lab, now, monkeypatch, held_s, purchases):
    order = confirmed(sku, now)
    lab.heard.clear()
    monkeypatch.setattr(Watch, "elapsed_s", lambda watch: held_s)

    sending.send(attempt_id=attempt_of(order).pk, now=now)

    assert len(lab.calls(sku.supplier.api, "createOrder")) == purchases
    assert attempt_of(order).send_count == 1
