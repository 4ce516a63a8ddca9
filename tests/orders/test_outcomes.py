"""What the supplier does to a purchase, and what becomes of the order. The lab's books are the truth."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import OrmQ

from catalog import calls, gateway
from catalog.models import Call, Supplier
from funding import refreshing
from funding.models import Reservation
from orders import sending
from orders.models import Order, Unit

from .shop import attempt_of, bought, confirmed, fail, operation, run_until, sweep_at

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
# Octopus repeats a voucher's price for five minutes, and its orders tell face value and discount, not the charge.
TOLD_AT_ONCE = pytest.mark.parametrize("sku", ["plexy", "giftapi"], indirect=True)


def test_bought_code_is_delivered_sealed(sku, books, now):
    order = run_until(confirmed(sku, now), now)

    assert order.status == "completed"
    assert bought(books, order) == 1
    assert Unit.objects.filter(attempt__order=order).count() == 1
    assert Reservation.objects.get(attempt_ref=attempt_of(order).ref).state == "settled"


def test_slow_order_is_tracked_until_it_is_done(sku, books, now):
    books.pace(seconds=0, reads=2)

    order = run_until(confirmed(sku, now), now)

    assert order.status == "completed"
    assert bought(books, order) == 1


@pytest.mark.parametrize(("fault", "options"), [
    pytest.param("error", {"status": 500}, marks=pytest.mark.fault("F17")),
    pytest.param("error", {"status": 502, "html": True}, marks=pytest.mark.fault("F17")),
    pytest.param("close", {}, marks=pytest.mark.fault("F06")),
    pytest.param("truncated", {}, marks=pytest.mark.fault("F10")),
    pytest.param("html", {}, marks=pytest.mark.fault("F11")),
    pytest.param("empty", {}, marks=pytest.mark.fault("F10")),
    pytest.param("malformed", {"what": "nan"}, marks=pytest.mark.fault("F14")),
    pytest.param("malformed", {"what": "deep"}, marks=pytest.mark.fault("F14")),
    pytest.param("bomb", {}, marks=pytest.mark.fault("F15")),
])
def test_broken_answer_to_a_real_purchase_is_resolved_to_one_charge(sku, lab, books, now, fault, options):
    fail(lab, sku, fault, when="after", **options)
    order = confirmed(sku, now)

    assert run_until(order, now, stop=["unknown"]).status == "unknown"
    told = Call.objects.get(ref=attempt_of(order).ref, is_read=False)
    assert (calls.read_bodies(told)[1] is None) == (fault in ("close", "bomb"))  # what came is kept as it came
    assert told.outcome == "unanswered" or fault in ("truncated", "empty", "malformed")
    order = run_until(order, now)

    assert order.status == "completed"
    assert bought(books, order) == 1
    assert len(books.charges(attempt_of(order).ref)) == 1


@pytest.mark.parametrize("fault", ["error", "reset", "close"])
@pytest.mark.fault("F18")
def test_purchase_that_never_happened_is_bought_once_in_the_end(sku, lab, books, now, fault):
    fail(lab, sku, fault, when="before")
    order = confirmed(sku, now)

    assert run_until(order, now, stop=["unknown"]).status == "unknown"
    order = run_until(order, now, hours=3)

    assert order.status == "completed"
    assert bought(books, order) == 1


def test_unknown_order_keeps_its_money_set_aside(sku, lab, now):
    fail(lab, sku, "close", when="after")

    order = run_until(confirmed(sku, now), now, stop=["unknown"])

    assert Reservation.objects.get(attempt_ref=attempt_of(order).ref).state == "open"


@pytest.mark.fault("F22")
def test_refused_key_pauses_the_supplier_and_parks_all_its_orders(sku, lab, books, now):
    orders = [confirmed(sku, now) for _ in range(3)]
    lab.heard.clear()
    lab.fail(sku.supplier.api, "*", "revoked")

    for minutes in (0, 1, 16):
        sweep_at(now + timedelta(minutes=minutes))

    assert {(order.status, order.parked_reason) for order in Order.objects.all()} == {("parked", "config")}
    assert Supplier.objects.get(pk=sku.supplier_id).is_paused
    assert len(lab.calls(sku.supplier.api, operation("createOrder", sku))) == 1
    assert (books.purchases(), len(orders)) == ([], 3)


@pytest.mark.parametrize("stop", [{"paused_at": NOON, "paused_reason": "key"}, {"is_active": False}], ids=["paused", "off"])
@pytest.mark.fault("F22", "F73")
def test_supplier_stopped_during_the_last_look_gets_no_order(sku, books, now, monkeypatch, stop):
    """Another worker's 401 may arrive between our look at the price and our claim."""
    order = confirmed(sku, now)

    def room_after_the_stop():
        Supplier.objects.filter(pk=sku.supplier_id).update(**stop)
        return True

    monkeypatch.setattr(sending.spool, "has_room", room_after_the_stop)
    sending.send(attempt_id=attempt_of(order).pk, now=now)

    assert bought(books, order) == 0
    assert (attempt_of(order).state, attempt_of(order).send_count) == ("queued", 0)


@pytest.mark.fault("F23")
def test_firewall_page_is_not_a_refusal(sku, lab, books, now):
    fail(lab, sku, "waf")

    order = run_until(confirmed(sku, now), now, stop=["unknown"])

    assert order.status == "unknown"
    assert run_until(order, now, hours=3).status == "completed"
    assert bought(books, order) == 1


@pytest.mark.fault("F25")
def test_too_little_money_there_parks_until_a_deposit(sku, lab, books, now):
    fail(lab, sku, "insufficient_funds")
    order = run_until(confirmed(sku, now), now, stop=["parked"])
    assert (order.status, order.parked_reason) == ("parked", "funds")
    assert run_until(order, now, hours=0.05).status == "parked"
    assert len(sends(lab, sku)) == 1

    later = now + timedelta(minutes=10)
    books.deposit("USD", "50.00")
    refreshing.refresh(supplier=sku.supplier, now=later)
    order = run_until(order, later + timedelta(seconds=1))

    assert order.status == "completed"
    assert bought(books, order) == 1
    first, second = sends(lab, sku)
    assert (first.body, first.headers.get("idempotency-key")) == (second.body, second.headers.get("idempotency-key"))


def sends(lab, sku):
    return lab.calls(sku.supplier.api, operation("createOrder", sku))


def test_supplier_that_could_not_deliver_fails_the_order_with_its_reason(sku, lab, books, now):
    fail(lab, sku, "finish", status="failed", reason="Vendor refused the account")

    order = run_until(confirmed(sku, now), now)

    assert order.status == "failed"
    assert bought(books, order) == 1


def test_unknown_status_word_keeps_the_order_open(sku, lab, now):
    fail(lab, sku, "status_word", word="reviewing")

    order = run_until(confirmed(sku, now), now, hours=0.001)

    assert order.status in ("accepted", "completed")
    assert order.needs_review


@pytest.mark.fault("F38")
def test_finished_order_told_as_open_again_stays_finished(sku, lab, books, now):
    order = run_until(confirmed(sku, now), now)
    lab.fail(sku.supplier.api, operation("getOrder", sku), "regression")

    order = run_until(order, now + timedelta(days=2), hours=0.001)

    assert order.status == "completed"


@pytest.mark.fault("F44")
def test_price_that_went_up_after_confirming_parks_without_buying(sku, lab, books, now):
    order = confirmed(sku, now)
    for ref, good in list(books.goods.items()):  # Octopus knows a voucher by its place in the product
        if ref == sku.supplier_ref or ref.startswith(sku.product.supplier_ref.replace(":", "/") + "/"):
            books.set_price(ref, good.price * 3)

    order = run_until(order, now + timedelta(minutes=6), stop=["parked"])  # Octopus repeats a price for five

    assert (order.status, order.parked_reason) == ("parked", "price")
    assert order.parked_total > order.agreed_total
    assert not Reservation.objects.filter(state="open").exists()
    assert (books.purchases(), sends(lab, sku)) == ([], [])


def test_order_that_waited_too_long_asks_a_person(sku, books, now):
    order = confirmed(sku, now)

    order = run_until(order, now + timedelta(minutes=16), stop=["parked"])

    assert (order.status, order.parked_reason) == ("parked", "age")
    assert books.purchases() == []


@pytest.mark.fault("F42")
@TOLD_AT_ONCE
def test_charge_above_the_agreed_total_is_accepted_and_reviewed(sku, lab, books, now):
    fail(lab, sku, "charge_above", by="20.00")

    order = run_until(confirmed(sku, now), now)

    assert (order.status, order.needs_review) == ("completed", True)
    assert order.charged_total > order.agreed_total


@pytest.mark.fault("F52")
def test_worker_that_never_spoke_to_the_supplier_signs_by_the_clock_others_saw(sku, lab, books, now, monkeypatch):
    lab.fail(sku.supplier.api, "*", "clock_skew", seconds=600)
    order = confirmed(sku, now)  # asks for balance and price, and so is told the time
    monkeypatch.delattr(gateway._kept, "clients")  # as in a new thread or process

    order = run_until(order, now)

    assert order.status == "completed"
    assert bought(books, order) == 1


@pytest.mark.parametrize("sku", ["giftapi"], indirect=True)
@pytest.mark.fault("F13")
def test_answer_without_our_reference_proves_no_purchase(sku, lab, books, now):
    """Neither when it comes, nor when it is read again from the call log."""
    fail(lab, sku, "echo", ref="")
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    lab.fail(sku.supplier.api, "*", "error", times=None)

    sweep_at(attempt_of(order).due_at)

    assert attempt_of(order).state == "unknown"
    lab.clear(sku.supplier.api)
    order = run_until(order, now, hours=3)
    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.parametrize("other", [{"ref": "somebody-elses"}, {"sku": "another"}, {"quantity": 7}],
                         ids=lambda other: next(iter(other)))
@pytest.mark.fault("F13")
def test_answer_about_another_order_is_never_attached(sku, lab, books, now, other):
    lab.fail(sku.supplier.api, operation("createOrder", sku), "echo", **other)

    order = run_until(confirmed(sku, now), now, stop=["unknown"])

    assert (order.status, order.needs_review) == ("unknown", True)
    assert not Unit.objects.exists()
    order = run_until(order, now, hours=3)
    assert (order.status, order.needs_review, bought(books, order)) == ("completed", True, 1)


def test_purchase_bodies_in_the_call_log_are_sealed(sku, books, now):
    order = run_until(confirmed(sku, now), now)

    code = next(iter(books.codes(attempt_of(order).ref)))
    calls = Call.objects.filter(ref=attempt_of(order).ref, is_read=False)
    stored = " ".join(f"{call.sealed_request} {call.sealed_response} {call.detail}" for call in calls)
    assert calls.exists()
    assert all(str(value) not in stored for value in code.values() if len(str(value)) > 6)


@pytest.mark.fault("F28")
def test_lookup_that_fails_for_hours_leaves_the_order_unknown_and_reviewed(sku, lab, books, now):
    fail(lab, sku, "close", times=None, when="after")
    lab.fail(sku.supplier.api, operation("listOrders", sku), "error", times=None)
    order = run_until(confirmed(sku, now), now, stop=["unknown"])

    order = run_until(order, now, hours=6)

    assert (order.status, order.needs_review) == ("unknown", True)
    assert Reservation.objects.get(attempt_ref=attempt_of(order).ref).state == "open"


@pytest.mark.fault("F65")
def test_lost_queue_loses_no_order(sku, books, now):
    order = confirmed(sku, now)
    OrmQ.objects.all().delete()

    assert run_until(order, now).status == "completed"
    assert bought(books, order) == 1


@pytest.mark.fault("F65")
def test_task_delivered_twice_sends_once(sku, books, now):
    order = confirmed(sku, now)

    for _ in range(3):
        sending.send(attempt_id=attempt_of(order).pk, now=now)

    assert Order.objects.get(pk=order.pk).status == "completed"
    assert bought(books, order) == 1
