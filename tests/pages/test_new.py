"""Placing an order on the pages, against the lab over real HTTP: the form each product needs, the price, the order."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog import clock
from catalog.models import Supplier
from funding.models import Account, Reservation
from orders.models import Order, Quote
from tests.pages.flow import HTMX, ask, confirm, filled, form_of, nothing_happened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(page_client):
    return page_client("operations")


# The form


def test_voucher_asks_for_a_quantity_within_its_limit(client, sold_voucher):
    text = client.get(reverse("orders:new"), {"sku": sold_voucher.pk}).content.decode()

    assert set(form_of(client, sold_voucher)) == {"quantity", "token", "reference"}
    assert f'max="{min(sold_voucher.max_per_order, sold_voucher.stock or 1000)}"' in text


def test_top_up_asks_for_its_fields_and_amount(client, sold_top_up):
    names = {f"fields.{field['name']}" for field in sold_top_up.product.fields}

    text = client.get(reverse("orders:new"), {"sku": sold_top_up.pk}).content.decode()

    assert set(form_of(client, sold_top_up)) == {*names, "amount", "token", "reference", "is_test"}
    assert f"Amount in {sold_top_up.face_currency}" in text
    assert f'step="{sold_top_up.step.normalize():f}"' in text


def test_open_voucher_asks_for_amount_and_quantity(client, sold_open_voucher):
    assert {"amount", "quantity"} <= set(form_of(client, sold_open_voucher))


def test_test_switch_is_there_for_a_sandbox_that_has_tests(client, sold_top_up, sold_voucher):
    assert ["is_test" in form_of(client, sku) for sku in (sold_top_up, sold_voucher)] == [True, False]


def test_production_supplier_offers_no_test_switch(client, sold_top_up):
    Supplier.objects.update(environment="production")

    assert "is_test" not in form_of(client, sold_top_up)


def test_finder_finds_skus_by_words(client, sold_voucher):
    type(sold_voucher.product).objects.update(search_text="wanted goods")

    response = client.get(reverse("orders:new"), {"q": "want"}, headers=HTMX)

    assert f"?sku={sold_voucher.pk}" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_finder_names_the_product_of_that_name_first(client, sold_voucher, sold_top_up):
    products = type(sold_voucher.product).objects
    products.filter(pk=sold_voucher.product_id).update(name="AT&T", search_text="at t mobile")
    products.filter(pk=sold_top_up.product_id).update(name="T-Mobile", search_text="t mobile")

    text = client.get(reverse("orders:new"), {"q": "t-mobile"}, headers=HTMX).content.decode()

    assert 0 < text.index(f"?sku={sold_top_up.pk}") < text.index(f"?sku={sold_voucher.pk}")


def test_finder_survives_a_null_character(client, sold_voucher):
    assert client.get(reverse("orders:new") + "?q=a%00b").status_code == 200


def test_finder_leaves_out_what_is_gone(client, sold_voucher, now):
    type(sold_voucher.product).objects.update(search_text="wanted goods", gone_at=now)

    assert f"?sku={sold_voucher.pk}" not in client.get(reverse("orders:new"), {"q": "want"}).content.decode()


@pytest.mark.parametrize(("kind", "first"), [("sold_voucher", "quantity"), ("sold_top_up", "fields.")])
def test_first_input_of_the_form_has_the_focus(client, request, kind, first):
    sku = request.getfixturevalue(kind)
    text = client.get(reverse("orders:new"), {"sku": sku.pk}).content.decode()

    [focused] = re.findall(r"<[^>]*\sautofocus\b[^>]*>", text)

    assert f'name="{first}' in focused


def test_form_of_a_gone_sku_says_so_and_asks_for_no_price(client, sold_voucher, now):
    type(sold_voucher).objects.update(gone_at=now)

    text = client.get(reverse("orders:new"), {"sku": sold_voucher.pk}).content.decode()

    assert ("no longer sells it" in text, "Get price" in text) == (True, False)


def test_paused_supplier_is_told_before_confirming(client, sold_voucher, now):
    address, _quote = ask(client, sold_voucher)
    Supplier.objects.update(paused_at=now)

    assert "until a person resumes buying" in client.get(address).content.decode()


@pytest.mark.parametrize("sku", ["0", "-1", "x", "9" * 30, "1e3"])
def test_odd_sku_is_not_found(client, db, sku):
    assert client.get(reverse("orders:new"), {"sku": sku}).status_code == 404
    assert client.post(reverse("orders:quotes"), {"sku": sku}).status_code == 404


# From the form to the order


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_price_is_on_its_way_first(client, sold_voucher, headers):
    response = client.post(reverse("orders:quotes"), filled(client, sold_voucher), headers=headers, follow=True)

    assert (response.status_code, "Asking for the price" in response.content.decode()) == (200, True)
    assert 'hx-trigger="every 1s"' in response.content.decode()


@pytest.mark.parametrize(("seconds", "is_told"), [(2, False), (20, True)])
def test_price_that_takes_long_says_where_to_look(client, sold_voucher, now, seconds, is_told):
    address = client.post(reverse("orders:quotes"), filled(client, sold_voucher))["Location"]
    Quote.objects.update(asked_at=clock.now() - timedelta(seconds=seconds))

    text = client.get(address).content.decode()

    assert ("longer than usual" in text, reverse("monitoring:jobs") in text.partition("<main")[2]) == (is_told, is_told)
    assert "token=" in re.search(r'href="([^"]+)">Look again', text)[1]


def test_quote_stops_polling_when_the_price_is_there(client, sold_voucher):
    address, _quote = ask(client, sold_voucher)

    response = client.get(address, headers=HTMX)

    assert (response.status_code, "Confirm the order" in response.content.decode()) == (286, True)


def test_confirmation_places_the_order(client, sold_voucher):
    address, quote = ask(client, sold_voucher, quantity="2", reference="SHOP-1")

    response = confirm(client, address, quote)

    order = Order.objects.get()
    assert response["Location"] == reverse("orders:order", args=[order.pk])
    assert (order.reference, order.quantity, order.placed_by, order.agreed_total) == (
        "SHOP-1", 2, client.user, quote.total)
    assert Reservation.objects.get().amount == quote.total


def test_going_back_after_confirming_leads_to_the_order(client, sold_voucher):
    address, quote = ask(client, sold_voucher)
    confirm(client, address, quote)

    answer = client.get(address, follow=True)

    assert answer.redirect_chain == [(reverse("orders:order", args=[Order.objects.get().pk]), 302)]
    assert "already placed this order" in answer.content.decode()


def test_top_up_is_placed_with_its_fields(client, sold_top_up):
    address, quote = ask(client, sold_top_up, amount=str(sold_top_up.min_amount))

    confirm(client, address, quote)

    order = Order.objects.get()
    names = {field["name"] for field in sold_top_up.product.fields}
    assert (order.amount, set(order.fields)) == (sold_top_up.min_amount, names)


def test_open_amount_is_placed(client, sold_open_voucher):
    address, quote = ask(client, sold_open_voucher, amount="25", quantity="1")

    assert "Total (estimate)" in client.get(address).content.decode()
    assert confirm(client, address, quote).status_code == 302
    assert Order.objects.get().is_estimate


def test_test_order_is_marked(client, sold_top_up):
    address, quote = ask(client, sold_top_up, amount=str(sold_top_up.min_amount), is_test="on")

    confirm(client, address, quote)

    assert Order.objects.get().is_test


def test_test_switch_is_ignored_for_a_production_supplier(client, sold_top_up):
    address, quote = ask(client, sold_top_up, amount=str(sold_top_up.min_amount))
    Supplier.objects.update(environment="production")

    confirm(client, address, quote, is_test="on")

    assert not Order.objects.get().is_test


def test_panel_shows_the_balance_before_and_after(client, sold_voucher):
    address, quote = ask(client, sold_voucher)

    outlook = client.get(address).context["outlook"]

    assert (outlook.before - outlook.after, outlook.would_park) == (quote.total, False)


def test_panel_says_that_short_money_parks_the_order(client, sold_voucher):
    address, quote = ask(client, sold_voucher)
    Account.objects.update(available=Decimal(1), balance=Decimal(1))

    text = client.get(address).content.decode()
    response = confirm(client, address, quote)

    assert ("Money is short." in text, "Place and park" in text) == (True, True)
    assert (response.status_code, Order.objects.get().status) == (302, "parked")


def test_panel_counts_the_parked_orders_that_go_first(client, sold_voucher):
    first = ask(client, sold_voucher)
    Account.objects.update(available=Decimal(1), balance=Decimal(1))
    confirm(client, *first)

    address, _quote = ask(client, sold_voucher)
    Account.objects.update(available=Decimal(1), balance=Decimal(1))

    assert "1 parked order is ahead of it." in client.get(address).content.decode()


def test_price_that_no_one_can_tell_is_refused_with_a_reason(client, lab, sold_voucher):
    lab.fail("giftapi", "*", "error", times=None)

    address, quote = ask(client, sold_voucher)
    text = client.get(address).content.decode()

    assert (quote.state, "No price" in text, "Nothing was ordered." in text) == ("refused", True, True)
    assert nothing_happened()
