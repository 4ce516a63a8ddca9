"""What the network between Purser and a supplier does to a purchase: each supplier behind a real TCP proxy that breaks it.

What was passed on was bought, and is found; what was not passed on is bought once, in the end. The lab's books say.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from catalog.models import Call
from catalog.suppliers import registry
from catalog.suppliers.giftapi import client as giftapi_client
from catalog.suppliers.octopus_cards import client as octopus_client
from catalog.suppliers.plexy_gate import client as plexy_client
from funding.models import Reservation
from orders.models import Attempt, Event, Order
from tests import frames, proxy
from tests.orders.shop import attempt_of, bought, confirmed, operation, run_until, sweep_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg]
BUY = rb"^POST \S*/orders[ ?]"


@pytest.fixture
def hasty(monkeypatch):
    """A purchase is given up after half a second; finding out has its usual time."""
    for client in (plexy_client, giftapi_client):
        monkeypatch.setattr(client, "PURCHASE_S", 0.5)
    monkeypatch.setitem(octopus_client.PURCHASE_S, "voucher", 0.5)
    return monkeypatch


def sends(lab, sku):
    return lab.calls(sku.supplier.api, operation("createOrder", sku))


def sent_into(wire, harm, sku, now):
    """An order whose purchase meets `harm`, after the sweep that sent it."""
    order = confirmed(sku, now)
    wire.harm(harm, said=BUY)
    sweep_at(now)
    assert wire.struck == 1
    return Order.objects.get(pk=order.pk)


def assert_held(order):
    """Unknown, its money set aside, and a person can read why."""
    attempt = attempt_of(order)
    assert (order.status, attempt.send_count) == ("unknown", 1)
    assert Reservation.objects.get(attempt_ref=attempt.ref).state == "open"
    assert "Outcome unknown" in Event.objects.filter(order=order).latest("id").text
    assert Call.objects.get(ref=attempt.ref, is_read=False).outcome == "unanswered"


@pytest.mark.parametrize("harm", [
    pytest.param(proxy.swallow(), id="ends", marks=pytest.mark.fault("F06")),
    pytest.param(proxy.reset(), id="reset", marks=pytest.mark.fault("F05")),
    pytest.param(proxy.half_close(), id="half_closed", marks=pytest.mark.fault("F06")),
    pytest.param(proxy.cut(12), id="cut_in_the_first_line", marks=pytest.mark.fault("F10")),
    pytest.param(proxy.cut(-2), id="cut_before_the_end", marks=pytest.mark.fault("F10")),
    pytest.param(proxy.clog(), id="clogged", marks=pytest.mark.fault("F08")),
    pytest.param(proxy.delay(1), id="too_late", marks=pytest.mark.fault("F08")),
    pytest.param(proxy.trickle(0.05), id="byte_by_byte", marks=pytest.mark.fault("F09")),
])
def test_purchase_whose_answer_is_lost_on_the_way_is_found(sku, wire, lab, books, now, hasty, harm):
    order = sent_into(wire, harm, sku, now)
    assert_held(order)
    assert bought(books, order) == 1

    hasty.undo()
    order = run_until(order, now + timedelta(seconds=2))

    assert (order.status, bought(books, order), len(books.charges())) == ("completed", 1, 1)
    assert len({call.body for call in sends(lab, sku)}) == 1  # if asked again at all, then in the very same bytes


@pytest.mark.fault("F05", "F18")
def test_purchase_that_is_lost_on_the_way_there_is_made_once(sku, wire, lab, books, now):
    order = sent_into(wire, proxy.hang_up(), sku, now)
    assert_held(order)
    assert (bought(books, order), sends(lab, sku)) == (0, [])

    order = run_until(order, now + timedelta(seconds=2), hours=3)

    assert (order.status, bought(books, order), len(books.charges())) == ("completed", 1, 1)
    assert Attempt.objects.filter(order=order).count() == 1  # the same reference, never a new one


@pytest.mark.parametrize("harm", [proxy.delay(0.2), proxy.half_close_there(), proxy.trickle(0)],
                         ids=["slow", "half_closed_there", "in_pieces"])
def test_answer_that_arrives_whole_is_an_answer(sku, wire, lab, books, now, harm):
    order = sent_into(wire, harm, sku, now)

    assert order.status in ("accepted", "completed")
    order = run_until(order, now + timedelta(seconds=2))
    assert (order.status, bought(books, order), len(sends(lab, sku))) == ("completed", 1, 1)


@pytest.mark.parametrize("lands_after_s", [60, 290, 7200])
@pytest.mark.fault("F32")
def test_copy_of_a_request_that_arrives_much_later_buys_nothing_more(sku, wire, lab, books, now, lands_after_s):
    """The request lay somewhere on the way. GiftAPI takes a reference twice, so only the fence protects there."""
    if sku.supplier.api == "giftapi":
        lab.fail("giftapi", "createOrder", "allow_duplicates")
    order = confirmed(sku, now)
    wire.hold(said=BUY)
    sweep_at(now)
    assert (bought(books, order), attempt_of(order).state) == (0, "unknown")
    lands_at = now + timedelta(seconds=lands_after_s)

    while (due := attempt_of(order).due_at) and due < lands_at:
        sweep_at(due)
    with time_machine.travel(lands_at):
        assert len(wire.land()) == 1
    order = run_until(order, lands_at, hours=3)

    assert (order.status, bought(books, order), len(books.charges())) == ("completed", 1, 1)


@pytest.mark.parametrize("told", frames.ENDS)
@pytest.mark.fault("F07")
def test_purchase_over_http2_that_is_broken_off_is_found(sku, wire, lab, books, now, monkeypatch, told):
    """No supplier takes orders over HTTP/2 yet; each of them here, as if it did."""
    monkeypatch.setitem(registry.APIS, sku.supplier.api, replace(registry.APIS[sku.supplier.api], speaks_http2=True))
    order = confirmed(sku, now)
    wire.harm(frames.broken_off(told), said=attempt_of(order).ref.encode())
    sweep_at(now)
    order.refresh_from_db()
    assert wire.struck == 1
    assert_held(order)
    assert (bought(books, order), len(sends(lab, sku))) == (1, 1)

    order = run_until(order, now + timedelta(seconds=2))

    assert (order.status, bought(books, order), len(books.charges())) == ("completed", 1, 1)
