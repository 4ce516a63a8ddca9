"""The supplier's own receipt: its address is set on a live order, the latest wish last, and never after the end."""

import json
from datetime import timedelta

import pytest

from orders import receipts, sweep
from orders.models import Event, Order, ReceiptAddress

from .shop import number, run_until, sweep_at
from .test_races import at_once

State = ReceiptAddress.State
SET = "setTopupNotificationEmail"


def test_address_is_told_to_the_supplier(live, lab, now):
    receipts.ask(order=live, email=" buyer@example.org ", by=None, now=now)

    sweep.run_due(now=now)

    assert ReceiptAddress.objects.get().state == State.KEPT
    assert sent_to(lab) == ["buyer@example.org"]
    assert Event.objects.filter(order=live, text__contains="address asked for").exists()


def sent_to(lab):
    return [json.loads(heard.body)["email"] for heard in lab.calls("octopus_cards", SET)]


def test_address_is_changed_while_the_order_lives(live, lab, now):
    for email in ("first@example.org", "second@example.org"):
        receipts.ask(order=live, email=email, by=None, now=now)
        receipts.carry_out(order_id=live.pk, now=now)

    assert sent_to(lab) == ["first@example.org", "second@example.org"]
    assert ReceiptAddress.objects.get().email == "second@example.org"


@pytest.mark.parametrize("email", ["", "nobody", "a@b", f"{'a' * 250}@example.org"])
def test_what_is_no_address_is_refused(live, email, now):
    with pytest.raises(receipts.Refusal):
        receipts.ask(order=live, email=email, by=None, now=now)
    assert not ReceiptAddress.objects.exists()


def test_ended_order_takes_no_address(live, lab, now):
    lab.books["octopus_cards"].settle(number(live), "completed")
    order = run_until(live, now + timedelta(minutes=1))

    with pytest.raises(receipts.Refusal, match="ended"):
        receipts.ask(order=order, email="buyer@example.org", by=None, now=now)


def test_order_that_ended_meanwhile_is_told_as_refused(live, lab, now):
    receipts.ask(order=live, email="buyer@example.org", by=None, now=now)
    lab.books["octopus_cards"].settle(number(live), "completed")

    receipts.carry_out(order_id=live.pk, now=now)

    assert ReceiptAddress.objects.get().state == State.REFUSED
    assert ReceiptAddress.objects.get().detail


@pytest.mark.parametrize("api", ["giftapi", "plexy_gate"])
def test_suppliers_without_such_receipts_offer_none(make_attempt, api):
    order = make_attempt("accepted").order
    Order.objects.filter(pk=order.pk).update(supplier_order_id="1")
    order.refresh_from_db()
    order.supplier.api = api

    assert receipts.standing(order) is None


def test_silent_supplier_is_asked_again_and_then_told_as_such(live, lab, now):
    lab.fail("octopus_cards", SET, "error", times=None)
    receipts.ask(order=live, email="buyer@example.org", by=None, now=now)

    for _ in range(receipts.TRIES):
        sweep_at(now)
        now += timedelta(minutes=3)

    address = ReceiptAddress.objects.get()
    assert (address.state, address.due_at) == (State.REFUSED, None)
    assert "did not answer" in address.detail


def test_wish_that_came_while_another_was_told_stays_due(live, lab, now, monkeypatch):
    receipts.ask(order=live, email="first@example.org", by=None, now=now)
    address = receipts._claim(live.pk, now)
    receipts.ask(order=live, email="second@example.org", by=None, now=now)

    assert not receipts.carry_out(order_id=live.pk, now=now)
    receipts._finish(address, State.KEPT, "", now)
    receipts.carry_out(order_id=live.pk, now=now)

    assert sent_to(lab) == ["second@example.org"]
    assert ReceiptAddress.objects.get().state == State.KEPT


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_the_supplier_once(live, lab, now):
    receipts.ask(order=live, email="buyer@example.org", by=None, now=now)

    at_once(2, lambda _: receipts.carry_out(order_id=live.pk, now=now))

    assert len(sent_to(lab)) == 1
