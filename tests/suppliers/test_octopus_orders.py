"""Buying at Octopus Cards: what leaves, what the answers mean, and how a reference is found again."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalog.suppliers.errors import (
    Duplicate,
    Invalid,
    Misread,
    NotEnoughFunds,
    NotSent,
    Unanswered,
    Unauthorised,
)
from catalog.suppliers.types import Outcome
from tests.suppliers.octopus import (
    asked,
    calls,
    client,
    esim,
    esim_order,
    game,
    listed,
    placed,
    refusal,
    voucher_order,
    vouchers,
)
from tests.suppliers.wire import answer, sample, sample_value

SIGNED_AT = datetime(2026, 9, 1, tzinfo=UTC)
PLACES = {
    "topup": (game, placed(), "/api/v1/topups/orders", 30),
    "voucher": (vouchers, voucher_order(), "/api/v1/orders", 30),
    "esim": (esim, esim_order(), "/api/v1/esim/orders", 75),
}


def place(made, request):
    return made.place(request, made.compose(request), signed_at=SIGNED_AT)


def test_top_up_is_composed_as_documented():
    assert json.loads(client(answer()).compose(game())) == sample_value("octopus_cards/order_create_request")


def test_category_narrows_the_variant():
    assert json.loads(client(answer()).compose(game(category="Airtime")))["category"] == "Airtime"


def test_amount_that_the_buyer_names_is_a_number():
    body = client(answer()).compose(game(sku_ref="topup:5570", amount=Decimal("150.000000")))

    assert b'"amount":150.00,' in body


def test_vouchers_are_composed_with_their_denomination():
    assert json.loads(client(answer()).compose(vouchers(fields={"email": "buyer@example.org"}))) == {
        "product_id": 311, "client_reference": "BO-30", "denomination": 25, "quantity": 2, "email": "buyer@example.org"}


def test_esim_is_composed_with_the_amount_of_its_plan():
    assert json.loads(client(answer()).compose(esim())) == {
        "product_id": 880, "client_reference": "BO-40", "amount": 6, "quantity": 1}


def test_same_request_gives_the_same_bytes():
    assert client(answer()).compose(game()) == client(answer()).compose(game())


@pytest.mark.parametrize(("odd", "code"), [
    ({"ref": ""}, "reference"), ({"ref": "Überweisung"}, "reference"), ({"ref": "x" * 256}, "reference"),
    ({"ref": "line\nfeed"}, "reference"), ({"quantity": 2}, "quantity"), ({"is_test": True}, "is_test"),
    ({"product_ref": "4218"}, "product"), ({"product_ref": "topup:x"}, "product"), ({"sku_ref": "topup:5570"}, "amount"),
    ({"currency": "EUR"}, "currency")])
def test_what_cannot_be_ordered_is_refused_before_sending(odd, code):
    made = client(answer())

    with pytest.raises(Invalid) as caught:
        made.compose(game(**odd))
    assert (caught.value.code, calls(made)) == (code, [])


def test_wallet_for_conversions_is_named_only_when_it_pays():
    made = client(answer(), conversion_wallet=7)

    assert "wallet_id" not in json.loads(made.compose(game()))
    assert json.loads(made.compose(game(currency="EUR")))["wallet_id"] == 7


@pytest.mark.parametrize("vertical", PLACES)
def test_order_is_placed_signed_in(vertical):
    ask, told, route, seconds = PLACES[vertical]
    made = client(answer(told, status=201))

    placement = place(made, ask(ref=told["client_reference"]))

    (call,) = calls(made)
    assert (call.method, call.route, call.ref, call.deadline_s) == ("POST", route, told["client_reference"], seconds)
    assert (call.is_read, call.is_evidence, call.headers) == (False, True, {"authorization": "Bearer t-1"})
    assert placement.order_id == f"{vertical}:{told['id']}"


@pytest.mark.parametrize("odd", [
    {"client_reference": "ELSE"}, {"product_id": 4219}, {"currency": "EUR"}, {"client_reference": None}])
def test_order_of_another_is_flagged(odd):
    with pytest.raises(Misread) as caught:
        place(client(answer(placed(**odd))), game())
    assert caught.value.code == "echo_mismatch"


def test_other_quantity_of_vouchers_is_flagged():
    with pytest.raises(Misread) as caught:
        place(client(answer(voucher_order(quantity=3))), vouchers())
    assert caught.value.code == "echo_mismatch"


@pytest.mark.parametrize(("code", "message", "status", "error"), [
    ("BAD_REQUEST", "Duplicate client_reference", 400, Duplicate),
    ("INSUFFICIENT_FUNDS", "Insufficient funds", 400, NotEnoughFunds),
    ("INSUFFICIENT_FUNDS", "Insufficient funds", 402, NotEnoughFunds),
    ("VALIDATION_FAILURE", "server is required", 400, Invalid),
    ("VALIDATION_FAILURE", "client_reference must be ASCII", 400, Invalid),
    ("INVALID_FEATURE", "The requested feature is not enabled for this client", 400, Unauthorised),
    ("FORBIDDEN", "IP address not authorized", 403, Unauthorised),
    ("NOT_FOUND", "Not found", 404, Invalid),
    ("TOO_MANY_REQUESTS", "Rate limit exceeded. Retry after 9 seconds.", 429, Unanswered),
    ("INTERNAL_SERVER_ERROR", "Failed", 500, Unanswered)])
def test_refusals_mean_what_the_contract_says(code, message, status, error):
    with pytest.raises(error) as caught:
        place(client(refusal(code, message, status=status)), game())
    assert type(caught.value) is error


def test_unclear_refusal_stands_once_a_look_up_finds_nothing():
    made = client(refusal("BAD_REQUEST", "Invalid product ID"), listed())

    with pytest.raises(Invalid):
        place(made, game())
    assert calls(made)[-1].query["client_reference"] == "CAMPAIGN_DEC_24"


def test_unclear_refusal_of_a_known_reference_is_a_repetition():
    made = client(refusal("BAD_REQUEST", "The value is in use"), listed(placed()))

    with pytest.raises(Duplicate):
        place(made, game())


def test_unclear_refusal_that_cannot_be_looked_up_decides_nothing():
    made = client(refusal("BAD_REQUEST", "Invalid product ID"), answer(b"", status=502, content_type=""))

    with pytest.raises(Unanswered):
        place(made, game())


def test_token_that_is_refused_is_replaced_and_the_purchase_sent_once_more():
    fresh = {"success": True, "data": {
        "access_token": "t-2", "refresh_token": "r-2", "access_expires_at": "2099-01-01T00:00:00Z",
        "refresh_expires_at": "2099-01-08T00:00:00Z", "client_id": 77}}
    made = client(refusal("UNAUTHORIZED", "Token expired", status=401), answer(fresh), answer(placed()))

    placement = place(made, game())

    assert asked(made) == [("POST", "/api/v1/topups/orders"), ("POST", "/auth/refresh"), ("POST", "/api/v1/topups/orders")]
    assert calls(made)[0].content == calls(made)[2].content
    assert calls(made)[2].headers == {"authorization": "Bearer t-2"}
    assert placement.outcome == Outcome.PENDING


def test_purchase_without_a_token_was_not_sent():
    made = client(refusal("UNAUTHORIZED", "Token expired", status=401), answer(b"", status=503, content_type=""))

    with pytest.raises(NotSent):
        place(made, game())


def test_documented_orders_are_read():
    (pending,) = client(sample("octopus_cards/orders")).find("CAMPAIGN_DEC_24", sku_ref="topup:4218", since=SIGNED_AT)
    delivered = client(answer(sample_value("octopus_cards/orders")[1])).fetch("topup:9123440")

    assert (pending.order_id, pending.ref, pending.sku_ref, pending.outcome, pending.total, pending.currency) == (
        "topup:9123456", "CAMPAIGN_DEC_24", "topup:4218", Outcome.PENDING, Decimal("4.7405"), "USD")
    assert (delivered.order_id, delivered.ref, delivered.outcome) == ("topup:9123440", "", Outcome.COMPLETED)
    assert delivered.finished_at == datetime(2026, 5, 19, 13, 55, 8, tzinfo=UTC)


@pytest.mark.parametrize(("word", "outcome"), [
    ("PENDING", Outcome.PENDING), ("DELIVERED", Outcome.COMPLETED), ("FAILED", Outcome.FAILED),
    ("CANCELLED", Outcome.CANCELLED), ("PARTIALLY_DELIVERED", Outcome.PARTIAL), ("RECHARGED", Outcome.UNKNOWN),
    ("delivered", Outcome.UNKNOWN)])
def test_words_of_an_order(word, outcome):
    assert client(answer(placed(status=word))).fetch("topup:9123456").outcome == outcome


def test_single_order_may_come_in_an_envelope():
    assert client(answer({"data": placed()})).fetch("topup:9123456").order_id == "topup:9123456"


def test_failure_says_why_and_what_to_do():
    told = placed(status="FAILED", failure_code="WRONG", failure_reason="Player not found", is_user_fixable=True)

    assert client(answer(told)).fetch("topup:1").reason == "Player not found. Correct the input in a new order."


def test_order_that_goes_on_gives_no_reason():
    assert client(answer(placed())).fetch("topup:1").reason == ""


def test_vouchers_are_delivered_with_number_and_pin():
    placement = client(answer(voucher_order())).fetch("voucher:40030")

    first, second = placement.deliveries
    assert (first.code, first.details, first.expires_on) == ("EXMP-0001", {"pin_code": "0001"}, date(2027, 9, 1))
    assert second.code == "EXMP-0002"
    assert (placement.total, placement.currency, placement.quantity) == (Decimal("48.5"), "USD", 2)


@pytest.mark.parametrize(("told", "code"), [
    ({"card_number": None, "pin_code": "77", "claim_url": None}, "77"),
    ({"card_number": None, "pin_code": None, "claim_url": "https://claim.example/1"}, "https://claim.example/1")])
def test_voucher_of_fewer_parts_has_the_part_as_its_code(told, code):
    placement = client(answer(voucher_order(vouchers=[told]))).fetch("voucher:40030")

    assert [(unit.code, unit.details) for unit in placement.deliveries] == [(code, {})]


def test_converted_voucher_order_tells_no_total():
    placement = client(answer(voucher_order(deduction_currency="EUR"))).fetch("voucher:40030")

    assert (placement.total, placement.currency) == (None, "EUR")


def test_activation_code_is_delivered_while_it_is_told():
    before = client(answer(esim_order())).fetch("esim:7700")
    after = client(answer(esim_order(activation_code=None, is_installed=True))).fetch("esim:7700")

    assert [(unit.code, unit.serial) for unit in before.deliveries] == [("LPA:1$smdp.example$CODE", "8944000000000000005")]
    assert after.deliveries == ()


@pytest.mark.parametrize("vertical", PLACES)
def test_recorded_answer_is_understood_alone(vertical):
    _, told, _, _ = PLACES[vertical]

    assert client().read_placement(json.dumps(told).encode()).order_id == f"{vertical}:{told['id']}"
