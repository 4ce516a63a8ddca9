"""What GiftAPI's catalog, price list and quotes mean."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.suppliers.errors import Misread, Missing
from catalog.suppliers.giftapi import catalog_mapping
from catalog.suppliers.types import Denomination, ProductKind
from tests.suppliers.test_giftapi import calls, client, page, voucher
from tests.suppliers.wire import answer, sample, sample_value

TWO, AED = "019bc0dd-8434-7246-a0fa-a8a29b88eeee", "019d732c-57c0-739a-8a38-b767229f881f"
PRODUCT = sample_value("giftapi/products_with_skus")["data"][0]
PRICES = sample_value("giftapi/pricelist")["data"]
END = {"next_cursor": None}


def test_types_are_the_documented_ones():
    assert {row.ref: row.kind for row in client(answer()).types()} == {
        "voucher": ProductKind.VOUCHER, "voucher_open_range": ProductKind.VOUCHER, "recharge": ProductKind.RECHARGE,
        "recharge_fixed": ProductKind.RECHARGE, "esim": ProductKind.ESIM, "other": ProductKind.OTHER}


def test_categories_with_their_attributes():
    (row,) = client(sample("giftapi/categories")).categories()

    assert (row.ref, row.name, row.parent_ref) == ("0", "string", "")
    assert row.attributes == ({"code": "string", "name": "string", "type": "text", "target": "product"},)


def test_products_come_with_skus():
    made = client(sample("giftapi/products_with_skus"))

    page = made.products(None)

    product = page.items[0].read()
    first = product.offers[0]
    assert (product.ref, product.name, product.kind, product.type_ref, product.category_ref) == (
        "019bc0dd-8423-739c-a557-5387d900152b", "Apple gift card | USA", ProductKind.VOUCHER, "voucher", "18")
    assert [offer.ref for offer in product.offers] == [TWO, "019bc0dd-844e-726d-af0a-24187668feef"]
    assert (first.name, first.denomination, first.face_value, first.face_currency, first.price) == (
        "$2 Apple Gift Card", Denomination.FIXED, 2, "USD", None)
    assert page.next_cursor == "eyJpZCI6MTIzLCJfcG9pbnRzVG9OZXh0SXRlbXMiOnRydWV9"
    assert calls(made)[0].query == {"locale": "en", "per_page": "100", "include_skus": "true"}


def test_cursor_is_given_back():
    made = client(sample("giftapi/products_with_skus"))
    made.products("abc")

    assert calls(made)[0].query["cursor"] == "abc"


@pytest.mark.parametrize(("fields", "names"), [
    ([], []), (None, []), ({}, []), ([7, None], []), (["email"], ["email"]), ([{"code": "player_id"},
    {"nothing": 1}], ["player_id"]),
    ([{"name": "quantity"}, {"name": "amount"}, {"key": "zone"}], ["zone"])])
def test_inputs_in_every_likely_spelling(fields, names):
    product = client(page({**PRODUCT, "fields": fields})).products(None).items[0].read()

    assert [field.name for field in product.fields] == names


def test_inputs_keep_their_kind_and_choices():
    fields = [{"name": "email", "label": "E-mail", "type": "email", "required": False},
              {"name": "server", "type": "select", "options": ["EU", "US"]}, {"name": "plan", "type": "select"}]

    email, server, plan = client(page({**PRODUCT, "fields": fields})).products(None).items[0].read().fields

    assert (email.kind, email.label, email.required) == ("email", "E-mail", False)
    assert (server.kind, server.choices, server.label) == ("choice", ("EU", "US"), "Server")
    assert plan.kind == "text"


def test_recharge_without_inputs_asks_for_a_phone():
    product = client(page({**PRODUCT, "type": "recharge_fixed"})).products(None).items[0].read()

    assert [(field.name, field.kind) for field in product.fields] == [("phone", "phone")]


def test_new_type_is_of_unknown_kind():
    product = client(page({**PRODUCT, "type": "hologram"})).products(None).items[0].read()

    assert (product.kind, product.type_ref) == (ProductKind.UNKNOWN, "")


def test_price_list_tells_face_and_own_currency_apart():
    two, _, custom = client(sample("giftapi/pricelist"), sample("giftapi/balance")).prices(None).items

    assert (two.sku_ref, two.denomination, two.price, two.currency, two.face_currency, two.stock, two.max_per_order) == (
        TWO, Denomination.FIXED, Decimal("2.2"), "USD", "", 100, 1)
    assert (custom.sku_ref, custom.denomination, custom.price, custom.currency, custom.face_currency) == (
        AED, Denomination.OPEN, None, "USD", "AED")
    assert (custom.rate, custom.markup_percent, custom.markup_fixed) == (Decimal("0.272"), -2, 0)


def test_price_without_sku_is_misread():
    with pytest.raises(Misread, match="sku_id"):
        client(page({**PRICES[0], "sku_id": None})).prices(None)


def test_quote_of_a_fixed_sku_is_exact():
    quote = client(sample("giftapi/product")).quote(voucher(sku_ref=TWO, quantity=3))

    assert (quote.total, quote.unit_price, quote.currency, quote.is_estimate) == (Decimal("6.6"), Decimal("2.2"),
        "USD", False)
    assert (quote.stock, quote.max_per_order, quote.is_available) == (100, 1, True)
    assert (datetime.now(UTC) - quote.fetched_at).total_seconds() < 5


def test_sold_out_sku_is_not_available():
    told = sample_value("giftapi/product")
    told["data"]["skus"][0]["stock"] = 0

    assert not client(answer(told)).quote(voucher(sku_ref=TWO)).is_available


def custom_product():
    told = sample_value("giftapi/product")
    told["data"]["skus"] = [{"id": AED, "name": "Any amount"}]
    return answer(told)


def open_quote(row, amount, *rows):
    own = answer({"success": True, "data": {**sample_value("giftapi/balance")["data"]}})
    made = client(custom_product(), page(row, *rows), own)
    return made.quote(voucher(sku_ref=AED, amount=Decimal(amount))), made


def test_quote_of_an_open_sku_is_estimated():
    quote, made = open_quote(PRICES[2], "100")

    assert (quote.total, quote.currency, quote.is_estimate, quote.unit_price) == (Decimal("26.66"), "USD", True, None)
    assert calls(made)[1].query["category_id"] == "18"


def test_fixed_markup_is_added_and_rounded_up():
    quote, _ = open_quote({**PRICES[2], "markup_fixed": 0.5, "rate": 0.2723, "markup_percent": 1.5}, "10")

    assert quote.total == Decimal("3.27")  # 10 x 0.2723 x 1.015 + 0.5 = 3.263845


def test_own_currency_needs_no_rate():
    quote, _ = open_quote({**PRICES[2], "currency": "USD", "rate": None, "markup_percent": None}, "10")

    assert quote.total == 10


def test_foreign_currency_without_rate_is_misread():
    with pytest.raises(Misread, match="rate"):
        open_quote({**PRICES[2], "rate": None}, "10")


def test_open_sku_off_the_price_list_is_missing():
    with pytest.raises(Missing):
        open_quote(PRICES[0], "10")


@pytest.mark.parametrize(("told", "read"), [
    ({"min_amount": "10", "max_amount": "500", "step": "5"}, (10, 500, 5)), ({"min_amount": "10"}, (10, None, None)),
    ({"min_amount": "9", "max_amount": "5"}, (None, None, None)), ({"step": "0"}, (None, None, None)),
    ({"max_amount": "any"}, (None, None, None))])
def test_limits_of_an_open_amount_are_read_from_the_attributes(told, read):
    node = {"id": "p", "name": "Open card", "type": "voucher_open_range", "denomination_type": "custom", "skus": [
        {"id": "s", "name": "Open card", "attributes": {"denomination_currency": "AED", **told}}]}

    (offer,) = catalog_mapping.read_product(node).offers

    assert (offer.min_amount, offer.max_amount, offer.step) == read
