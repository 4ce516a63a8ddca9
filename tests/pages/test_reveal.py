"""Codes: masked on every page, opened by one POST for a reason, after the event, and kept nowhere."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from orders.models import Event
from tests.pages.conftest import CANARY

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(page_client):
    return page_client("support")


@pytest.fixture
def order(make_order, make_unit):
    order = make_order(recipient="+447700900123")
    make_unit(order)
    return order


def reveal(client, order, reason="Buyer lost the mail", **options):
    return client.post(reverse("orders:reveal", args=[order.pk]), {"reason": reason}, **options)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_reveal_shows_the_code_and_forbids_storing(client, order, headers):
    response = reveal(client, order, headers=headers)

    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert response.content.decode().count(f">{CANARY}<") == 1


def test_reveal_stands_on_the_timeline_at_once(client, order):
    told = reveal(client, order, headers=HTMX).content.decode()

    assert "Buyer lost the mail" in told.partition('id="order-timeline" hx-swap-oob="true"')[2]


def test_page_is_kept_out_of_htmx_history(client, order):
    assert 'hx-history="false"' in client.get(reverse("orders:order", args=[order.pk])).content.decode()


def test_code_is_masked_again_on_reload(client, order):
    reveal(client, order)

    assert CANARY not in client.get(reverse("orders:order", args=[order.pk])).content.decode()


def test_reveal_leaves_person_and_reason_on_the_timeline(client, order):
    reveal(client, order)

    event = Event.objects.get(order=order, kind="revealed")
    assert (event.by, "Buyer lost the mail" in event.text, CANARY in event.text) == (client.user, True, False)


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_reveal_without_a_proper_reason_shows_nothing(client, order, reason, headers):
    response = reveal(client, order, reason, headers=headers)

    assert (response.status_code, CANARY in response.content.decode()) == (422, False)
    assert not Event.objects.filter(kind="revealed").exists()


def test_event_stands_even_when_the_code_cannot_be_opened(client, order, settings):
    settings.FIELD_KEYS = ["bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="]

    response = reveal(client, order)

    assert (response.status_code, "FIELD_KEYS" in response.content.decode()) == (422, True)
    assert Event.objects.filter(kind="revealed", by=client.user).exists()


def test_too_many_reveals_are_refused(client, order, settings):
    settings.REVEALS_PER_HOUR = 1
    reveal(client, order)

    response = reveal(client, order)

    assert (response.status_code, CANARY in response.content.decode()) == (422, False)


def test_nothing_delivered_is_said(client, make_order):
    response = reveal(client, make_order())

    assert (response.status_code, "Nothing has been delivered" in response.content.decode()) == (422, True)


def test_code_stays_out_of_session_and_messages(client, order):
    reveal(client, order)

    assert CANARY not in "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert CANARY not in str(client.cookies)


def test_code_is_on_no_page_without_a_reveal(page_client, order):
    lead = page_client("lead")
    unit = order.attempts.get().units.get()
    pages = [
        *(reverse(f"orders:{name}") for name in ("list", "new", "unknown", "parked", "parked_demand")),
        reverse("orders:order", args=[order.pk]), f"{reverse('orders:list')}?q=Example",
        *(f"/admin/orders/{model}/" for model in ("order", "attempt", "unit", "event", "observation", "quote")),
        f"/admin/orders/unit/{unit.pk}/change/", f"/admin/orders/order/{order.pk}/change/",
    ]

    answers = [lead.get(page, headers=headers) for page in pages for headers in ({}, HTMX)]
    answers.append(lead.get(reverse("orders:export")))

    texts = [answer.getvalue().decode() for answer in answers]
    assert [answer.status_code for answer in answers if answer.status_code not in (200, 286)] == []
    assert [text for text in texts if CANARY in text or unit.sealed in text or unit.fingerprint in text] == []
