"""Search: an exact id leads to its order, a beginning lists what may be meant."""

import pytest
from django.urls import reverse

from catalog.models import Supplier
from tests.pages.test_list import HTMX, references, shown


@pytest.fixture
def client(page_client):
    return page_client("operations")


@pytest.mark.parametrize("named", [
    lambda order: str(order.pk), lambda order: order.reference, lambda order: order.reference.lower(),
    lambda order: order.supplier_order_id, lambda order: order.attempts.get().ref])
def test_exact_id_leads_to_the_order(client, make_order, named):
    order = make_order(supplier_order_id="S-100")
    make_order()

    response = client.get(reverse("orders:list"), {"q": named(order)})

    assert (response.status_code, response["Location"]) == (302, reverse("orders:order", args=[order.pk]))


def test_exact_id_leads_there_under_htmx_too(client, make_order):
    order = make_order()

    response = client.get(reverse("orders:list"), {"q": order.reference}, headers=HTMX)

    assert response["HX-Redirect"] == reverse("orders:order", args=[order.pk])


def test_id_of_two_suppliers_lists_both(client, make_order, make_sku):
    elsewhere = Supplier.objects.create(name="elsewhere", api="plexy_gate", base_url="https://elsewhere.invalid")
    orders = [make_order(supplier_order_id="7"), make_order(supplier_order_id="7", sku=make_sku(supplier=elsewhere))]

    assert shown(client, "?q=7") == references(*orders)


@pytest.mark.parametrize("text", ["+44770", "44770", "T-FIND", "t-find", "wanted goo"])
def test_beginnings_find_orders(client, make_order, make_sku, text):
    order = make_order(sku=make_sku(product="Wanted goods"), recipient="+447700900123", reference="T-FIND-1")
    make_order(recipient="+15550100")

    assert shown(client, f"?q={text.replace('+', '%2B')}") == references(order)


def test_search_that_finds_nothing_says_so(client, make_order):
    make_order()

    response = client.get(reverse("orders:list"), {"q": "nothing like this"})

    assert (response.context["rows"], "Nothing fits" in response.content.decode()) == ([], True)


def test_number_in_the_books_leads_to_the_order_of_its_sort(client, make_order):
    order = make_order(supplier_order_id="topup:9700021")
    make_order(supplier_order_id="topup:97000211")

    response = client.get(reverse("orders:list"), {"q": "9700021"})

    assert (response.status_code, response["Location"]) == (302, reverse("orders:order", args=[order.pk]))
