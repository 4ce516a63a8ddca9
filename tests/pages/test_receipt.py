"""The card about the supplier's own receipt, on the page of an order that can have one."""

import pytest
from django.urls import reverse

from orders import tasks
from orders.models import ReceiptAddress
from tests.orders.shop import number
from tests.pages.flow import HTMX

EMAIL = "buyer@example.org"


def post(client, order, email=EMAIL, **headers):
    return client.post(reverse("orders:receipt_address", args=[order.pk]), {"email": email}, headers=headers)


def card(client, order, **headers):
    return client.get(reverse("orders:receipt", args=[order.pk]), headers=headers)


def shown(response):
    return " ".join(response.content.decode().split())


def test_address_is_set_and_changed_without_javascript(live, page_client):
    client, url = page_client("operations"), reverse("orders:order", args=[live.pk])
    offered = shown(client.get(url))
    assert post(client, live).status_code == 302
    assert "is being told to write to" in shown(client.get(url))
    tasks.tell_receipt_address(str(live.pk))

    page = shown(client.get(url))

    assert "The supplier's receipt" in offered
    assert f"The supplier writes to <strong>{EMAIL}</strong>" in page
    assert "Send it to another address" in page


def test_htmx_shows_the_card_and_stops_asking(live, page_client):
    client = page_client("operations")
    told = post(client, live, **HTMX)
    waiting = card(client, live, **HTMX)
    tasks.tell_receipt_address(str(live.pk))

    assert ("hx-trigger" in shown(told), told.status_code, waiting.status_code) == (True, 200, 200)
    assert card(client, live, **HTMX).status_code == 286


def test_what_is_no_address_comes_back(live, page_client):
    response = post(page_client("operations"), live, "nobody", **HTMX)

    assert (response.status_code, ReceiptAddress.objects.count()) == (422, 0)
    assert "Enter an e-mail address" in shown(response)
    assert 'value="nobody"' in shown(response)


def test_ended_order_cannot_be_changed(live, lab, page_client):
    client = page_client("operations")
    post(client, live)
    tasks.tell_receipt_address(str(live.pk))
    lab.books["octopus_cards"].settle(number(live), "completed")
    type(live).objects.filter(pk=live.pk).update(status="completed", finished_at=live.changed_at)

    response = post(client, live, "other@example.org", **HTMX)

    assert response.status_code == 422
    assert "can no longer be changed" in shown(client.get(reverse("orders:order", args=[live.pk])))
    assert ReceiptAddress.objects.get().email == EMAIL


@pytest.mark.parametrize("group", ["finance", "auditor"])
def test_reader_sees_and_cannot_change(live, page_client, group):
    client = page_client(group)

    assert post(client, live).status_code == 403
    assert "receipt-email" not in shown(client.get(reverse("orders:order", args=[live.pk])))
