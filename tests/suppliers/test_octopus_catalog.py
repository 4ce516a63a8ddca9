"""Octopus Cards' catalog, prices, wallets and books."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.suppliers.errors import Invalid, Misread, Missing, Unauthorised
from catalog.suppliers.octopus_cards.settings import parse_verticals
from catalog.suppliers.types import Denomination, EntryStatus, ProductKind
from tests.suppliers.octopus import asked, calls, charges, client, converted, esim, game, listed, refusal, variant, vouchers
from tests.suppliers.wire import answer

NO_LIMIT = {"reads_per_minute": 0}
GAME = {"id": 4218, "name": "PUBG Mobile UC", "topup_type": "GAMING", "country_code": "GLO", "currency_code": "USD",
        "image_url": "https://cdn.example.test/pubg.png"}
STORE = {"id": 311, "name": "Example Store Card", "category": "Shopping", "sub_category": "Fashion", "country_code": "USA",
         "currency_code": "USD", "image_url": None, "delivery_mode": "REALTIME", "delivery_time": None, "validity": "1 year",
         "available_denominations": [{"min_value": 25, "max_value": 25, "discount": 3.0},
                                     {"min_value": 10, "max_value": 500, "discount": None}]}
TRAVEL = {"id": 880, "name": "Travel France", "country_code": "FRA", "currency_code": "USD", "image_url": ""}
PLAN = {"id": 8801, "esim_product_id": 880, "name": "3 GB", "currency_code": "USD", "amount": 6.0, "data_amount_gb": 3,
        "validity_days": 30, "client_discount": 5}
CURRENCIES = answer([{"id": 1, "name": "US Dollar", "currency": "USD", "precision": 2},
                     {"id": 9, "name": "Euro", "currency": "EUR", "precision": 2}])


def detail(*fields):
    return answer({**GAME, "input_fields": list(fields)})


def topups(*answers, **settings):
    (product,) = client(listed(GAME), *answers, verticals=("topup",), **NO_LIMIT, **settings).products(None).items
    return product


def fields_of(*fields):
    return topups(detail(*fields), answer([variant()])).fields


def transaction(**changes):
    return {"id": 80001, "wallet_id": 3, "currency_id": 1, "amount": 1.8905, "transaction_type": "DEBIT",
            "status": "COMPLETED", "remarks": "USD Wallet debited by amount 1.8905 - Order #9700021",
            "created_at": "2026-09-01T10:15:30Z", **changes}


def test_game_has_its_inputs_and_a_sku_per_amount():
    product = topups(detail({"field_name": "player_id", "label": "Player ID"},
                            {"field_name": "server", "options": ["asia", {"value": "eu", "label": "Europe"}]}),
                     answer([variant(), variant(id=5571, name="Vault", fixed_amounts=["0.99", "9.990"])]))

    assert (product.ref, product.kind, product.type_ref, product.region) == (
        "topup:4218", ProductKind.TOP_UP, "GAMING", "GLO")
    assert [(field.name, field.kind, field.required, field.choices) for field in product.fields] == [
        ("player_id", "text", True, ()), ("server", "choice", True, ("asia", "eu"))]
    assert [(offer.ref, offer.name, offer.face_value, offer.category, offer.max_per_order) for offer in product.offers] == [
        ("topup:5570:4.99", "325 UC", Decimal("4.99"), "In-Game Currency", 1),
        ("topup:5571:0.99", "Vault 0.99", Decimal("0.99"), "In-Game Currency", 1),
        ("topup:5571:9.99", "Vault 9.99", Decimal("9.99"), "In-Game Currency", 1)]


def test_range_leaves_the_amount_to_the_buyer():
    (offer,) = topups(detail("phone_number"), answer([variant(
        category="Airtime", fixed_amounts=None, min_amount=10, max_amount=500)])).offers

    assert (offer.ref, offer.denomination, offer.min_amount, offer.max_amount, offer.price, offer.category) == (
        "topup:5570", Denomination.OPEN, 10, 500, None, "Airtime")


def test_amounts_that_an_order_cannot_tell_apart_are_left_out():
    offers = topups(detail("player_id"), answer([
        variant(), variant(id=5572, name="Weekly pass"), variant(id=5573, category="Data")])).offers

    assert [offer.ref for offer in offers] == ["topup:5573:4.99"]


@pytest.mark.parametrize("odd", [{"fixed_amounts": []}, {"fixed_amounts": ["free"]}, {"fixed_amounts": ["0"]}, {
    "fixed_amounts": [], "min_amount": 9, "max_amount": 5}])
def test_variant_without_a_usable_amount_cannot_be_sold(odd):
    assert topups(detail("player_id"), answer([variant(**odd)])).offers == ()


@pytest.mark.parametrize(("told", "kind"), [
    ({"field_name": "phone_number"}, "phone"), ({"field_name": "account_id", "type": "number"}, "digits"),
    ({"field_name": "email"}, "email"), ({"field_name": "player_id", "type": "hologram"}, "text"), ("player_id", "text")])
def test_inputs_are_asked_for_as_what_they_are(told, kind):
    (field,) = fields_of(told)

    assert (field.kind, field.required) == (kind, True)


def test_every_key_is_needed_because_one_that_is_missing_is_refused():
    (field,) = fields_of({"field_name": "zone", "required": False})

    assert field.required


def test_voucher_has_fixed_and_ranged_denominations():
    made = client(listed({"id": 5, "name": "Shopping"}), listed({"id": 5, "name": "Fashion"}), listed(STORE),
                  verticals=("voucher",), **NO_LIMIT)
    categories = made.categories()

    (product,) = made.products(None).items

    assert [row.ref for row in categories] == ["category:5", "subcategory:5"]
    assert (product.ref, product.kind, product.category_ref) == ("voucher:311", ProductKind.VOUCHER, "subcategory:5")
    assert product.description == "Delivery: REALTIME. Valid: 1 year"
    assert [(offer.ref, offer.denomination, offer.face_value, offer.price, offer.currency) for offer in product.offers] == [
        ("voucher:311:25", Denomination.FIXED, 25, Decimal("24.25"), "USD"),
        ("voucher:311:10-500", Denomination.OPEN, None, None, "USD")]


@pytest.mark.parametrize("inlined", [True, False])
def test_plans_stand_in_the_product_or_in_a_list_of_their_own(inlined):
    replies = [answer({**TRAVEL, "variants": [PLAN]})] if inlined else [answer(TRAVEL), answer([PLAN])]
    (product,) = client(listed(TRAVEL), *replies, verticals=("esim",), **NO_LIMIT).products(None).items

    (offer,) = product.offers
    assert (product.ref, product.kind) == ("esim:880", ProductKind.ESIM)
    assert (offer.ref, offer.name, offer.face_value, offer.price) == ("esim:8801:6", "3 GB", 6, Decimal("5.7"))


def test_lists_follow_each_other_without_an_empty_page():
    made = client(listed(more=False), listed(), listed(), listed(STORE, more=True), listed({**STORE, "id": 312}), listed(),
                  **NO_LIMIT)

    first = made.products(None)
    second = made.products(first.next_cursor)

    assert [row.ref for row in first.items + second.items] == ["voucher:311", "voucher:312"]
    assert (first.next_cursor, second.next_cursor) == ("voucher:2", None)
    assert asked(made)[-1] == ("GET", "/api/v1/esim/products")


def test_page_size_is_named_as_each_list_wants_it():
    made = client(listed(), listed(), listed(), listed(), listed(), page_size=20, **NO_LIMIT)

    made.products(None)

    assert [call.query for call in calls(made) if call.operation.endswith("Products")] == [
        {"page": "1", "per_page": "20"}, {"page": "1", "limit": "20"}, {"page": "1", "per_page": "20"}]


def test_goods_that_are_switched_off_stop_the_walk_with_advice():
    made = client(refusal("INVALID_FEATURE", "The requested feature is not enabled for this client"), **NO_LIMIT)

    with pytest.raises(Unauthorised, match="not switched on"):
        made.products(None)


def test_verticals_are_read_from_words():
    assert parse_verticals("esim, topup") == ("topup", "esim")
    for odd in ("", "gold", [], 5):
        with pytest.raises(ValueError, match="topup"):
            parse_verticals(odd)


def test_quote_is_what_leaves_the_wallet():
    made = client(answer(variant()), charges())

    quote = made.quote(game())

    assert (quote.total, quote.currency, quote.is_estimate, quote.note) == (Decimal("4.7405"), "USD", False, "5 % discount")
    assert json.loads(calls(made)[-1].content) == {"product_id": 4218, "amount": 4.99}


def test_quote_names_the_category():
    made = client(answer(variant()), charges())

    made.quote(game(category="Data"))

    assert json.loads(calls(made)[-1].content)["category"] == "Data"


@pytest.mark.parametrize("reply", [
    refusal("NOT_FOUND", "Not found", status=404), answer(variant(fixed_amounts=["5.99"])), answer(variant(name="x",
    fixed_amounts=[], min_amount=1, max_amount=9))])
def test_variant_that_changed_is_gone(reply):
    with pytest.raises(Missing):
        client(reply, charges()).quote(game())


def test_goods_of_another_currency_than_every_wallet_are_refused():
    with pytest.raises(Invalid, match="no USD wallet"):
        client(answer(variant()), converted()).quote(game())


def test_conversion_is_quoted_where_it_is_allowed():
    made = client(answer(variant()), converted(), converted(), conversion_wallet=7)

    quote = made.quote(game())

    assert (quote.total, quote.currency) == (Decimal("88.32"), "EUR")
    assert "Converted from USD at 0.92" in quote.note
    assert json.loads(calls(made)[-1].content)["wallet_id"] == 7


def test_vouchers_are_quoted_with_their_stock():
    made = client(charges(max_quantity=100), answer({"is_available": True}))

    quote = made.quote(vouchers())

    assert (quote.is_available, quote.max_per_order, quote.unit_price) == (True, 100, None)
    assert asked(made) == [("POST", "/api/v1/products/311/charges"), ("POST", "/api/v1/products/311/availability")]
    assert json.loads(calls(made)[-1].content) == {"denomination": 25, "quantity": 2}


def test_sold_out_vouchers_are_not_available():
    quote = client(charges(), answer({"is_available": False})).quote(vouchers())

    assert (quote.is_available, quote.note) == (False, "The supplier has not enough of these vouchers just now.")


def test_more_vouchers_than_the_account_may_order_are_not_available():
    quote = client(charges(max_quantity=5)).quote(vouchers(quantity=6))

    assert (quote.is_available, quote.note) == (False, "The supplier lets this account order at most 5 at once.")


def test_esim_is_quoted_by_the_amount_of_its_plan():
    made = client(answer(PLAN), charges(total_payable=5.7))

    assert made.quote(esim()).total == Decimal("5.7")
    assert json.loads(calls(made)[-1].content) == {"product_id": 880, "amount": 6}


def test_wallets_are_told_by_currency():
    made = client(answer([{"id": 3, "currency_id": 1, "amount": 812.4405, "type": "PREPAID"},
                          {"id": 4, "currency_id": 9, "amount": -20, "type": "POSTPAID"},
                          {"id": 5, "currency_id": 44, "amount": 1, "type": "PREPAID"}]), CURRENCIES,
                  postpaid_limit=Decimal(100))

    dollars, euros = made.balances()

    assert (dollars.currency, dollars.available, dollars.allow_overdraft) == ("USD", Decimal("812.4405"), False)
    assert (euros.currency, euros.balance, euros.available, euros.overdraft_limit, euros.is_overdrafted) == (
        "EUR", -20, 80, 100, True)


def test_postpaid_wallet_without_a_set_limit_has_no_credit():
    (reading,) = client(answer([{"id": 4, "currency_id": 9, "amount": -20, "type": "POSTPAID"}]), CURRENCIES).balances()

    assert (reading.available, reading.allow_overdraft) == (-20, False)


def test_transactions_are_signed_and_name_their_order():
    made = client(listed(transaction(id=80002, transaction_type="CREDIT", remarks="refund"), transaction(), more=True,
                         total=7), CURRENCIES)

    page = made.entries(None)

    refund, debit = page.items
    assert (refund.key, refund.amount, refund.order_id, refund.status) == (
        "80002", Decimal("1.8905"), "", EntryStatus.POSTED)
    assert (debit.amount, debit.order_id, debit.currency, debit.word) == (Decimal("-1.8905"), "9700021", "USD", "DEBIT")
    assert debit.occurred_at == datetime(2026, 9, 1, 10, 15, 30, tzinfo=UTC)
    assert (page.next_cursor, page.total) == ("2", 7)


@pytest.mark.parametrize(("state", "status"), [
    ("PENDING", EntryStatus.PENDING), ("FAILED", EntryStatus.UNKNOWN), ("REVERSED", EntryStatus.UNKNOWN)])
def test_only_completed_money_counts(state, status):
    (entry,) = client(listed(transaction(status=state)), CURRENCIES).entries(None).items

    assert (entry.status, entry.word, entry.posted_at) == (status, f"DEBIT {state}", None)


def test_transaction_of_an_unlisted_currency_is_misread():
    with pytest.raises(Misread, match="currency"):
        client(listed(transaction(currency_id=44)), CURRENCIES).entries(None)


def test_end_of_a_list_stands_in_its_headers():
    assert client(listed(transaction(), more=True), CURRENCIES).entries(None).next_cursor == "2"
    assert client(listed(transaction()), CURRENCIES).entries(None).next_cursor is None


def test_probe_needs_the_key():
    assert client(CURRENCIES).probe().healthy


def test_phone_number_leads_to_its_operators():
    made = client(answer([{"product_id": 5102, "name": "Example Telecom", "country_code": "IND", "identified": True},
                          {"product_id": 5109, "name": "Other Telecom", "country_code": "IND", "identified": False}]))

    matches = made.look_up_phone("+15005550006")

    assert [(match.product_ref, match.name, match.is_best) for match in matches] == [
        ("topup:5102", "Example Telecom", True), ("topup:5109", "Other Telecom", False)]
    assert json.loads(calls(made)[0].content) == {"mobile_number": "+15005550006"}


def test_unknown_number_leads_nowhere():
    assert client(answer([])).look_up_phone("+15005550006") == ()
