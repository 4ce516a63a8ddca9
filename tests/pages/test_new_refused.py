"""Bad input on the way to an order: a clear message where it belongs, and nothing half-done."""

import uuid
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from catalog import clock
from catalog.models import Sku
from funding.models import Account, Reservation
from orders import tasks
from orders.models import Attempt, Order, Quote
from tests.pages.flow import HTMX, ask, confirm, filled, nothing_happened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(page_client):
    return page_client("operations")


@pytest.mark.parametrize(("quantity", "says"), [
    ("0", "Order at least 1."), ("-1", "Order at least 1."), ("1.5", "Enter a whole number."),
    ("many", "Enter a whole number."), ("9999", "per order")])
def test_bad_quantity_is_refused_at_the_field(client, sold_voucher, quantity, says):
    response = client.post(reverse("orders:quotes"), filled(client, sold_voucher, quantity=quantity))

    assert response.status_code == 422
    assert says in str(response.context["form"]["quantity"].errors)
    assert f'value="{quantity}"' in response.content.decode()
    assert not Quote.objects.exists()


@pytest.mark.parametrize(("amount", "says"), [
    (lambda sku: sku.min_amount / 2, "The smallest amount"), (lambda sku: sku.max_amount * 2, "The largest amount"),
    (lambda sku: sku.min_amount + sku.step / 2, "moves in steps of"), (lambda sku: "", "Enter the amount"),
    (lambda sku: "NaN", "Enter the amount"), (lambda sku: "1e400", "The largest amount")])
def test_bad_amount_is_refused_at_the_field(client, sold_top_up, amount, says):
    response = client.post(reverse("orders:quotes"), filled(client, sold_top_up, amount=str(amount(sold_top_up))))

    assert response.status_code == 422
    assert says in str(response.context["form"]["amount"].errors) or "decimal places" in str(
        response.context["form"]["amount"].errors)
    assert not Quote.objects.exists()


def test_missing_field_is_refused_at_the_field(client, sold_top_up):
    name = f"fields.{sold_top_up.product.fields[0]['name']}"

    values = filled(client, sold_top_up, amount=str(sold_top_up.min_amount), **{name: ""})
    response = client.post(reverse("orders:quotes"), values, headers=HTMX)

    assert (response.status_code, str(response.context["form"][name].errors.as_text())) == (422, "* This is needed.")
    assert response.content.decode().strip().startswith('<div id="order-flow"')


def test_field_the_product_does_not_have_is_refused(client, sold_voucher):
    response = client.post(reverse("orders:quotes"), filled(client, sold_voucher, **{"fields.extra": "1"}))

    assert (response.status_code, "takes no such field" in response.content.decode()) == (422, True)


@pytest.mark.parametrize(("given", "says"), [
    ({"token": ""}, "incomplete"), ({"token": "x"}, "damaged"), ({"reference": "x" * 41}, "40"),
    ({"reference": "a\u202eb"}, "invisible")])
def test_bad_intent_is_refused(client, sold_voucher, given, says):
    response = client.post(reverse("orders:quotes"), filled(client, sold_voucher, **given))

    assert (response.status_code, says in response.content.decode()) == (422, True)
    assert not Quote.objects.exists()


def test_product_that_has_gone_is_refused_when_asking(client, sold_voucher, now):
    values = filled(client, sold_voucher)
    Sku.objects.update(gone_at=now)

    response = client.post(reverse("orders:quotes"), values)

    assert (response.status_code, "no longer sold" in response.content.decode()) == (422, True)


def test_product_that_has_gone_is_refused_when_confirming(client, sold_voucher, now):
    address, quote = ask(client, sold_voucher)
    Sku.objects.update(gone_at=now)

    response = confirm(client, address, quote)

    assert (response.status_code, "no longer sold" in response.content.decode()) == (422, True)
    assert nothing_happened()


def test_old_quote_is_replaced_and_both_prices_shown(client, lab, sold_voucher):
    address, quote = ask(client, sold_voucher)
    Quote.objects.update(expires_at=clock.now() - timedelta(seconds=1), total=quote.total - 1)

    response = confirm(client, address, quote)
    fresh = Quote.objects.latest("asked_at")
    tasks.fetch_quote(str(fresh.pk))
    text = client.get(response["Location"]).content.decode()

    assert nothing_happened()
    assert fresh.pk != quote.pk
    assert "The price changed." in text
    assert confirm(client, response["Location"], fresh).status_code == 302
    assert Order.objects.get().quote == fresh


def test_expiry_is_told_in_seconds_and_stops(client, sold_voucher):
    _address, quote = ask(client, sold_voucher)
    url = reverse("orders:quote_expiry", args=[quote.pk])

    running = client.get(url)
    Quote.objects.update(expires_at=clock.now())
    over = client.get(url)

    assert (running.status_code, "This price holds for" in running.content.decode()) == (200, True)
    assert (over.status_code, "too old" in over.content.decode()) == (286, True)
    assert ("is-over" in running.content.decode(), "is-over" in over.content.decode()) == (False, True)


def test_currency_without_an_account_is_refused(client, sold_voucher):
    address, quote = ask(client, sold_voucher)
    Account.objects.update(currency="EUR")
    before = client.get(address).content.decode()

    response = confirm(client, address, quote)

    assert ("You have no USD account" in before, 'type="submit">Place' in before) == (True, False)
    assert (response.status_code, "Ask finance to open one" in response.content.decode()) == (422, True)
    assert nothing_happened()


def test_taken_reference_is_refused_while_asking(client, sold_voucher):
    address, quote = ask(client, sold_voucher, reference="SHOP-1")
    confirm(client, address, quote)

    response = client.post(reverse("orders:quotes"), filled(client, sold_voucher, reference="SHOP-1"))

    assert (response.status_code, "reference" in response.context["form"].errors) == (422, True)


def test_reference_taken_meanwhile_is_refused_at_the_field(client, sold_voucher):
    first, second = ask(client, sold_voucher, reference="SHOP-1"), ask(client, sold_voucher, reference="SHOP-1")
    confirm(client, *first)

    response = confirm(client, *second)

    assert (response.status_code, "reference" in response.context["form"].errors) == (422, True)
    assert Order.objects.count() == 1


def test_same_form_twice_is_one_order(client, sold_voucher):
    address, quote = ask(client, sold_voucher)

    first, second = confirm(client, address, quote), confirm(client, address, quote)

    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), Attempt.objects.count(), Reservation.objects.count()) == (1, 1, 1)
    assert "nothing was ordered a second time" in client.get(second["Location"]).content.decode()


def test_fresh_quote_under_the_same_token_is_still_one_order(client, sold_voucher):
    address, quote = ask(client, sold_voucher)
    again = client.post(reverse("orders:fresh_quote", args=[quote.pk]), {
        name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})
    fresh = Quote.objects.latest("asked_at")
    tasks.fetch_quote(str(fresh.pk))

    confirm(client, address, quote)
    confirm(client, again["Location"], fresh)

    assert Order.objects.count() == 1


def test_same_token_with_other_content_is_refused(client, sold_voucher):
    token = str(uuid.uuid4())
    first, other = ask(client, sold_voucher, token=token), ask(client, sold_voucher, token=token, quantity="2")
    confirm(client, *first)

    response = confirm(client, *other)

    assert (response.status_code, "Start a new order" in response.content.decode()) == (422, True)
    assert Order.objects.count() == 1


def test_near_duplicate_needs_a_tick(client, sold_top_up):
    amount = str(sold_top_up.min_amount)
    confirm(client, *ask(client, sold_top_up, amount=amount))
    second = ask(client, sold_top_up, amount=amount)

    warned = client.get(second[0]).content.decode()
    refused = confirm(client, *second)
    placed = confirm(client, *second, repeat="on")

    assert ("Looks like a repetition." in warned, 'name="repeat"' in warned) == (True, True)
    assert (refused.status_code, placed.status_code, Order.objects.count()) == (422, 302, 2)


def test_price_and_supplier_cannot_be_sent_along(client, sold_voucher):
    address, quote = ask(client, sold_voucher)

    confirm(client, address, quote, total="0.01", agreed_total="0.01", status="completed", supplier="1", price="0")

    order = Order.objects.get()
    assert (order.agreed_total, order.status) == (quote.total, "queued")


def test_quote_of_somebody_else_does_not_exist(client, page_client, sold_voucher):
    address, quote = ask(client, sold_voucher)
    other = page_client("operations")

    assert [other.get(address).status_code, confirm(other, address, quote).status_code,
            other.get(reverse("orders:quote_expiry", args=[quote.pk])).status_code,
            other.post(reverse("orders:fresh_quote", args=[quote.pk])).status_code] == [404, 404, 404, 404]
    assert nothing_happened()


def test_change_link_brings_back_what_was_typed(client, sold_top_up):
    address, quote = ask(client, sold_top_up, amount=str(sold_top_up.min_amount), reference="SHOP-7")
    query = urlsplit(address).query

    form = client.get(f"{reverse('orders:new')}?sku={sold_top_up.pk}&quote={quote.pk}&{query}").context["form"]

    name = f"fields.{sold_top_up.product.fields[0]['name']}"
    assert (Decimal(form["amount"].value()), form["reference"].value(), form[name].value()) == (
        sold_top_up.min_amount, "SHOP-7", quote.fields[sold_top_up.product.fields[0]["name"]])


def test_ten_megabytes_are_turned_away(client, sold_voucher):
    values = filled(client, sold_voucher, **{"fields.note": "x" * 10_000_000})

    assert client.post(reverse("orders:quotes"), values).status_code == 413
    assert not Quote.objects.exists()


def test_a_thousand_inputs_are_turned_away(client, sold_voucher):
    assert client.post(reverse("orders:quotes"), {f"fields.{n}": "x" for n in range(1000)}).status_code == 400


def test_reference_with_letters_that_suppliers_do_not_take_comes_back(page_client, voucher):
    client = page_client("operations")

    response = client.post(reverse("orders:quotes"), filled(client, voucher, reference="Bestellung Nº 7"))

    assert response.status_code == 422
    assert "plain letters, digits and signs only; leave out º" in response.content.decode()


def test_price_that_moved_since_the_last_sync_is_said(client, lab, sold_voucher):
    told = "The price moved since the last sync."
    as_listed, _quote = ask(client, sold_voucher)
    lab.books["giftapi"].set_price(sold_voucher.supplier_ref, sold_voucher.price + 1)
    moved, quote = ask(client, sold_voucher)

    assert quote.unit_price == sold_voucher.price + 1
    assert (told in client.get(as_listed).content.decode(), told in client.get(moved).content.decode()) == (False, True)
