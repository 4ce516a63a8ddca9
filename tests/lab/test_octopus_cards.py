"""What Octopus Cards' stand-in does with tokens, references, wallets and orders that do not end at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine


def code(told):
    return told.status, told.json["error"]["code"]


def test_refresh_token_works_once(ask_octopus):
    first = ask_octopus.sign_in().json["data"]

    second = ask_octopus.auth("refresh", refresh_token=first["refresh_token"])
    again = ask_octopus.auth("refresh", refresh_token=first["refresh_token"])

    assert second.json["data"]["refresh_token"] != first["refresh_token"]
    assert code(again) == (401, "UNAUTHORIZED")


def test_tokens_end(ask_octopus):
    tokens = ask_octopus.sign_in().json["data"]
    ask_octopus.token = tokens["access_token"]

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1)):
        assert code(ask_octopus.get("/wallets")) == (401, "UNAUTHORIZED")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=1)):
        assert ask_octopus.auth("refresh", refresh_token=tokens["refresh_token"]).status == 401


def test_sign_out_ends_every_token(ask_octopus):
    first, second = (ask_octopus.sign_in().json["data"] for _ in range(2))

    ask_octopus.auth("logout", token=first["access_token"])

    ask_octopus.token = second["access_token"]
    assert ask_octopus.get("/wallets").status == 401
    assert ask_octopus.auth("refresh", refresh_token=second["refresh_token"]).status == 401


@pytest.mark.parametrize(("body", "wanted"), [
    ({}, (400, "VALIDATION_FAILURE")), ({"username": "x", "password": "y"}, (401, "UNAUTHORIZED")),
])
def test_odd_sign_in_is_refused(ask_octopus, body, wanted):
    assert code(ask_octopus.auth("login", **body)) == wanted


def test_many_sign_ins_are_limited(ask_octopus):
    told = [ask_octopus.sign_in() for _ in range(31)]

    assert {one.status for one in told[:30]} == {200}
    assert code(told[30]) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(told[30].headers["retry-after"]) <= 60


def test_short_tokens(lab, ask_octopus):
    lab.fail("octopus_cards", "login", "short_tokens", seconds=0)
    ask_octopus.sign_in()
    ask_octopus.token = ask_octopus.sign_in().json["data"]["access_token"]

    assert ask_octopus.get("/wallets").status == 401


@pytest.mark.parametrize(("fault", "options", "wanted"), [
    ("not_allowed", {}, (403, "FORBIDDEN")), ("revoked", {}, (401, "UNAUTHORIZED")),
    ("rate_limit", {}, (429, "TOO_MANY_REQUESTS")), ("error", {}, (500, "INTERNAL_SERVER_ERROR")),
    ("feature_off", {"vertical": "topups"}, (400, "INVALID_FEATURE")),
])
def test_errors_are_worded_as_documented(lab, ask_octopus, fault, options, wanted):
    lab.fail("octopus_cards", "listTopupProducts", fault, **options)

    assert code(ask_octopus.get("/topups/products")) == wanted


def test_reference_is_taken_for_good_and_over_all_verticals(lab, ask_octopus):
    lab.fail("octopus_cards", "createTopupOrder", "finish")
    order = ask_octopus.top_up().json["id"]
    failed = ask_octopus.get(f"/topups/orders/{order}").json

    told = [ask_octopus.top_up(), ask_octopus.vouchers(), ask_octopus.esim()]

    assert failed["status"] == "FAILED"
    assert [code(one) for one in told] == [(400, "BAD_REQUEST")] * 3
    assert {one.json["error"]["message"] for one in told} == {"Duplicate client_reference"}
    assert len(ask_octopus.books.charges()) == 1


@pytest.mark.parametrize("changed", [
    {"input_data": {"player_id": "5123456789"}},
    {"input_data": {"player_id": "5123456789", "server": "asia", "nick": "x"}},
    {"input_data": {"player_id": "5123456789", "server": "moon"}}, {"input_data": []}, {"amount": 5}, {"amount": "4.99"},
    {"amount": 0}, {"amount": None}, {"client_reference": "ЗАКАЗ-1"}, {"client_reference": "x" * 256},
    {"product_id": 5101, "amount": 299, "input_data": {"phone_number": "0151 123"}},
])
def test_odd_order_is_refused_and_nothing_is_bought(ask_octopus, changed):
    told = ask_octopus.top_up(**changed)

    assert code(told) == (400, "VALIDATION_FAILURE")
    assert ask_octopus.books.purchases() == []


def test_category_chooses_among_equal_amounts(ask_octopus):
    asked = {"product_id": 5101, "amount": 299, "input_data": {"phone_number": "+919812345671"}}

    named = {category: ask_octopus.top_up(category, category=category, **asked).json["variant_name"]
             for category in ("Airtime", "Data", "Bundle")}

    assert len(set(named.values())) == 3


def test_wrong_recipient_fails_and_is_refunded(ask_octopus):
    before = ask_octopus.books.balance("USD")
    order = ask_octopus.top_up(input_data={"player_id": "000000", "server": "asia"}).json["id"]
    told = ask_octopus.get(f"/topups/orders/{order}").json

    assert (told["status"], told["is_user_fixable"], told["failure_code"]) == ("FAILED", True, "INVALID_RECIPIENT")
    assert ask_octopus.books.balance("USD") == before
    assert [row["transaction_type"] for row in ask_octopus.get("/transactions", limit=2).json] == ["CREDIT", "DEBIT"]


def test_order_stays_pending_for_hours(lab, ask_octopus):
    lab.fail("octopus_cards", "create*", "hold", seconds=5 * 3600)
    order = ask_octopus.top_up().json["id"]
    now = ask_octopus.get(f"/topups/orders/{order}").json["status"]

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=5, seconds=1)):
        ask_octopus.token = None
        later = ask_octopus.get(f"/topups/orders/{order}").json["status"]
    assert (now, later) == ("PENDING", "DELIVERED")


@pytest.mark.parametrize(("status", "word"), [
    ("cancelled", "CANCELLED"), ("recharged", "RECHARGED"), ("failed", "FAILED"), ("completed", "DELIVERED"),
])
def test_order_comes_to_any_state(lab, ask_octopus, status, word):
    lab.fail("octopus_cards", "create*", "hold")
    order = ask_octopus.top_up().json["id"]

    ask_octopus.books.settle(order, status)

    assert ask_octopus.get(f"/topups/orders/{order}").json["status"] == word


def test_partial_delivery_is_completed_later_without_a_second_charge(lab, ask_octopus):
    lab.fail("octopus_cards", "create*", "finish", status="partially_completed", delivered=3)
    order = ask_octopus.vouchers(7).json["id"]
    part = ask_octopus.get(f"/orders/{order}").json
    ask_octopus.books.settle(order, "completed")
    whole = ask_octopus.get(f"/orders/{order}").json

    assert (part["status"], len(part["vouchers"])) == ("PARTIALLY_DELIVERED", 3)
    assert (whole["status"], whole["vouchers"][:3]) == ("DELIVERED", part["vouchers"])
    assert [row.kind for row in ask_octopus.books.ledger[ask_octopus.books.history:]] == ["charge"]


def test_prepaid_wallet_is_not_overdrawn_and_a_postpaid_one_is(ask_octopus):
    ask_octopus.books.set_balance("USD", 1)
    ask_octopus.books.set_balance("AED", -100)

    assert code(ask_octopus.top_up()) == (400, "INSUFFICIENT_FUNDS")
    assert ask_octopus.vouchers(ref="REF-2", product_id=314, denomination=50).status == 201
    assert ask_octopus.books.balance("AED") < -100


def test_another_wallet_pays_by_the_rate_of_its_quote(ask_octopus):
    quote = ask_octopus.post("/topups/charges", product_id=4218, amount=4.99, wallet_id=4).json
    before = ask_octopus.books.balance("EUR")
    told = ask_octopus.top_up(wallet_id=4).json

    assert quote["charges_details"]["destination_currency"] == "EUR"
    assert before - ask_octopus.books.balance("EUR") == Decimal(str(quote["total_payable"]))
    assert (told["amount"], told["currency"]) == (4.7405, "USD")


def test_voucher_quote_is_kept_for_five_minutes(ask_octopus):
    def quote():
        return ask_octopus.post("/products/311/charges", denomination=25, quantity=1).json["total_payable"]

    before = quote()
    ask_octopus.books.set_price(ask_octopus.books.products["voucher/311"].skus[2], 20)
    kept = quote()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=1)):
        fresh = quote()
    assert (before, kept, fresh) == (24.25, 24.25, 20)


def test_ledger_leads_to_the_balances(ask_octopus):
    rows = ask_octopus.get("/transactions", limit=10000).json
    moved = {}
    for row in rows:
        if row["status"] == "COMPLETED":
            sign = 1 if row["transaction_type"] == "CREDIT" else -1
            moved[row["wallet_id"]] = moved.get(row["wallet_id"], 0) + sign * Decimal(str(row["amount"]))
    start = {wallet["id"]: Decimal(str(wallet["amount"])) - moved[wallet["id"]]
             for wallet in ask_octopus.get("/wallets").json}

    assert [row["status"] for row in rows].count("FAILED") == 1
    assert all(balance >= 0 for balance in start.values())
