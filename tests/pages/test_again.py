"""Ordering anew what an order did not bring, from its page."""

import re
from html import unescape

import pytest
from django.urls import reverse


@pytest.fixture
def client(page_client):
    return page_client("operations")


@pytest.mark.parametrize(("delivered", "quantity"), [(0, 3), (2, 1)])
def test_what_is_missing_can_be_ordered_from_the_page(client, make_order, make_unit, delivered, quantity):
    order = make_order("failed", quantity=3, fields={"email": "buyer@example.org"})
    for ordinal in range(delivered):
        make_unit(order, f"CODE-{ordinal}", ordinal=ordinal)
    text = client.get(reverse("orders:order", args=[order.pk])).content.decode()

    address = unescape(re.search(r'href="([^"]+again=[^"]+)"', text)[1])
    form = client.get(address).context["form"]

    assert (form.initial["quantity"], form.initial["fields.email"]) == (quantity, "buyer@example.org")


@pytest.mark.parametrize("again", ["", "nonsense", "6f1b2c9e-0000-4000-8000-000000000000"])
def test_form_of_no_earlier_order_is_empty(client, make_order, again):
    address = f"{reverse('orders:new')}?sku={make_order('failed').sku_id}&again={again}"

    assert "quantity" not in client.get(address).context["form"].initial


@pytest.mark.parametrize("status", ["completed", "unknown", "accepted"])
def test_order_that_lacks_nothing_offers_no_other(client, make_order, status):
    text = client.get(reverse("orders:order", args=[make_order(status).pk])).content.decode()

    assert "again=" not in text
