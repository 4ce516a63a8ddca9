"""The order page: what it tells in each status, how it updates itself, and what a person may do there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from catalog import clock
from catalog.models import Call
from orders.models import Attempt, Event, Order
from orders.models.order import FINAL, Status

HTMX = {"HX-Request": "true"}
PAGE_BUDGET = 11


@pytest.fixture
def client(page_client):
    return page_client("operations")


def url(order, name="order"):
    return reverse(f"orders:{name}", args=[order.pk])


@pytest.mark.parametrize(("status", "words"), [
    ("queued", "about to be sent"), ("sending", "being sent right now"), ("unknown", "Do not place it a second time"),
    ("parked", "Nothing was bought"), ("accepted", "working on it"), ("partially_completed", "rest is still open"),
    ("completed", "delivered everything"), ("failed", "the money is free again"), ("cancelled", "Cancelled")])
def test_page_says_what_happens_next(client, make_order, status, words):
    assert words in client.get(url(make_order(status))).content.decode()


def test_paused_supplier_is_named_as_the_reason(client, make_order, supplier, now):
    order = make_order("queued")
    type(supplier).objects.update(paused_at=now)

    assert "is paused: nothing is sent there" in client.get(url(order)).content.decode()


def test_missing_order_is_not_found(client):
    assert client.get("/orders/00000000-0000-0000-0000-000000000001/").status_code == 404


def test_page_stays_within_its_budget(client, make_order, make_unit, monkeypatch):
    monkeypatch.setattr(clock, "now", timezone.now)  # asking PostgreSQL for the time is a query more
    order = make_order()
    make_unit(order)
    for n in range(10):
        Event.objects.create(order=order, at=order.created_at, kind="note", text=f"Note {n}", by=client.user)
    client.get(url(order))

    with CaptureQueriesContext(connection) as captured:
        client.get(url(order), headers=HTMX)

    assert len(captured) <= PAGE_BUDGET


def test_calls_stand_on_the_timeline_without_bodies(client, make_order, now):
    order = make_order()
    Call.objects.create(
        supplier=order.supplier, operation="createOrder", method="POST", route="/orders", ref=order.attempts.get().ref,
        is_read=False, started_at=now, duration_ms=120, status=201, outcome="answered",
        key="00000000-0000-0000-0000-000000000001", sealed_request="SEALED-REQUEST", sealed_response="SEALED-RESPONSE")

    text = client.get(url(order)).content.decode()

    assert "createOrder: HTTP 201" in text
    assert "SEALED-" not in text


def test_calls_are_for_those_who_may_see_calls(page_client, make_order, now):
    order = make_order()
    Call.objects.create(
        supplier=order.supplier, operation="createOrder", method="POST", route="/orders", ref=order.attempts.get().ref,
        is_read=False, started_at=now, duration_ms=1, outcome="answered", key="00000000-0000-0000-0000-000000000001")

    assert "createOrder" not in page_client("finance").get(url(order)).content.decode()


# Updating itself


@pytest.mark.parametrize("status", FINAL)
def test_polling_stops_when_final(client, make_order, status):
    response = client.get(url(make_order(status)), headers=HTMX)

    assert response.status_code == 286
    assert "hx-trigger" not in response.content.decode().partition('id="order-acts"')[0]


@pytest.mark.parametrize("status", [status for status in Status if status not in FINAL])
def test_open_order_goes_on_polling(client, make_order, status):
    response = client.get(url(make_order(status)), headers=HTMX)

    assert (response.status_code, 'hx-trigger="every' in response.content.decode()) == (200, True)


def test_unchanged_order_is_not_drawn_again(client, make_order):
    order = make_order("accepted")
    seen = client.get(url(order)).context["version"]

    assert client.get(url(order) + f"?seen={seen}", headers=HTMX).status_code == 204


def test_changed_order_brings_its_acts_and_units_along(client, make_order, make_unit):
    order = make_order("accepted")
    seen = client.get(url(order)).context["version"]
    make_unit(order)
    Order.objects.update(status="partially_completed", changed_at=clock.now())

    text = client.get(url(order) + f"?seen={seen}", headers=HTMX).content.decode()

    assert all(f'id="{part}" hx-swap-oob="true"' in text or f'id="{part}" class="page-actions" hx-swap-oob="true"' in text
               for part in ("order-badge", "order-acts", "order-units"))


def test_flag_for_review_brings_its_act_along(client, make_order):
    order = make_order("accepted")
    seen = client.get(url(order)).context["version"]
    Order.objects.update(needs_review=True)

    assert url(order, "review") in client.get(url(order) + f"?seen={seen}", headers=HTMX).content.decode()


def test_same_units_are_left_alone(client, make_order, make_unit):
    order = make_order("accepted")
    make_unit(order)
    seen = client.get(url(order)).context["version"]
    Event.objects.create(order=order, at=clock.now(), kind="note", text="Called the buyer")

    text = client.get(url(order) + f"?seen={seen}", headers=HTMX).content.decode()

    assert ("Called the buyer" in text, "order-units" in text) == (True, False)


@pytest.mark.parametrize(("age", "seconds"), [(5, 2), (120, 5), (1800, 15), (86400, 60)])
def test_page_looks_less_often_the_longer_nothing_happens(client, make_order, age, seconds):
    order = make_order("accepted", at=clock.now() - timedelta(seconds=age))

    assert f'hx-trigger="every {seconds}s"' in client.get(url(order)).content.decode()


# Acts


def test_parked_order_is_withdrawn(client, make_order):
    order = make_order("parked")

    response = client.post(url(order, "withdrawal"))

    order.refresh_from_db()
    assert (response["Location"], order.status) == (url(order), "cancelled")


@pytest.mark.parametrize("status", ["sending", "unknown", "accepted", "completed"])
def test_order_that_may_be_bought_is_not_withdrawn(client, make_order, status):
    order = make_order(status)

    response = client.post(url(order, "withdrawal"))

    order.refresh_from_db()
    assert (response.status_code, order.status) == (422, status)
    assert "Not done." in response.content.decode()


def test_parked_order_is_released(client, make_order):
    order = make_order("parked")

    assert client.post(url(order, "release")).status_code == 302

    order.refresh_from_db()
    assert (order.status, order.attempts.get().state) == ("queued", "queued")


def test_release_without_money_is_refused_in_place(client, make_order):
    order = make_order("parked", agreed_total=Decimal(1000))

    response = client.post(url(order, "release"))

    order.refresh_from_db()
    assert (response.status_code, order.status) == (422, "parked")
    assert "Deposit first." in response.content.decode()


@pytest.mark.parametrize("seen", ["", "5.20", "7", "NaN", "six"])
def test_release_needs_the_new_price_that_was_seen(client, make_order, seen):
    order = make_order("parked", parked_reason="price", parked_total=Decimal("6.5"))

    response = client.post(url(order, "release"), {"total": seen})

    order.refresh_from_db()
    assert (response.status_code, order.status, order.agreed_total) == (422, "parked", Decimal("5.20"))


def test_release_at_the_new_price_agrees_to_it(client, make_order):
    order = make_order("parked", parked_reason="price", parked_total=Decimal("6.5"))
    assert 'name="total" value="6.500000"' in client.get(url(order)).content.decode()

    client.post(url(order, "release"), {"total": "6.500000"})

    order.refresh_from_db()
    assert (order.status, order.agreed_total) == ("queued", Decimal("6.5"))


def test_asking_now_makes_the_next_look_due(client, make_order):
    order = make_order("unknown", at=clock.now())
    assert order.attempts.get().due_at > clock.now()

    client.post(url(order, "question"))

    assert order.attempts.get().due_at <= clock.now()
    assert [queued.func() for queued in OrmQ.objects.all()] == ["orders.tasks.look"]


def test_asking_now_leaves_a_running_look_up_alone(client, make_order):
    order, later = make_order("unknown", at=clock.now()), clock.now() + timedelta(seconds=90)
    Attempt.objects.update(lease_until=later, due_at=later)

    client.post(url(order, "question"))

    assert order.attempts.get().due_at == later


def test_review_ends_with_a_note(client, make_order):
    order = make_order(needs_review=True)

    client.post(url(order, "review"), {"text": "Supplier confirmed the charge"})

    order.refresh_from_db()
    event = order.events.get(kind="note")
    assert (order.needs_review, event.by, "confirmed the charge" in event.text) == (False, client.user, True)


def test_review_without_a_note_goes_on(client, make_order):
    order = make_order(needs_review=True)

    response = client.post(url(order, "review"), {"text": "  "})

    order.refresh_from_db()
    assert (response.status_code, order.needs_review) == (422, True)


def test_review_of_an_order_without_one_is_refused(client, make_order):
    order = make_order()

    assert client.post(url(order, "review"), {"text": "All well"}).status_code == 422


def test_note_joins_the_timeline(client, make_order):
    order = make_order()

    client.post(url(order, "notes"), {"text": "Called <b>the</b> buyer"})

    assert "Called &lt;b&gt;the&lt;/b&gt; buyer" in client.get(url(order)).content.decode()


def test_empty_note_is_refused(client, make_order):
    order = make_order()

    assert client.post(url(order, "notes"), {"text": ""}).status_code == 422
    assert not order.events.filter(kind="note").exists()


def test_extra_inputs_change_nothing(client, make_order):
    order = make_order()

    client.post(url(order, "notes"), {"text": "Hello", "status": "failed", "agreed_total": "0", "needs_review": "1"})

    order.refresh_from_db()
    assert (order.status, order.agreed_total, order.needs_review) == ("completed", Decimal("5.20"), False)
