"""The claim for a supplier's support: everything they need, and nothing that is nobody's business."""

import json
from datetime import timedelta

import pytest

from orders import claim
from tests.orders.shop import attempt_of, confirmed, run_until, sweep_at

pytestmark = pytest.mark.django_db(transaction=True)


def test_claim_names_what_support_needs(lost, sku, now):
    text = "\n".join(claim.lines(lost.order))

    assert lost.ref in text
    assert lost.body_digest in text
    assert "createOrder" not in text
    assert "POST" in text


def test_claim_tells_what_happened_in_order_of_time(sku, now):
    order = run_until(confirmed(sku, now), now)

    moments = [line.split(" UTC")[0] for line in claim.lines(order) if line.startswith("  20")]

    assert len(moments) > 1
    assert moments == sorted(moments)


def test_claim_calls_the_order_as_the_supplier_does(sku, now):
    order = run_until(confirmed(sku, now), now)
    number = order.supplier_order_id.rpartition(":")[2]

    [line] = [line for line in claim.lines(order) if line.startswith("Your order")]

    assert line in (f"Your order: {number}", f"Your order: {number} (voucher)")


def test_claim_holds_no_code_key_or_buyers_data(sku, lab, books, now):
    order = run_until(confirmed(sku, now), now)
    sweep_at(now + timedelta(days=1))
    text = "\n".join(claim.lines(order))

    secrets = [str(value) for unit in books.codes(attempt_of(order).ref) for value in unit.values() if value]
    secrets += list(lab.credentials[sku.supplier.api].values())
    assert secrets
    assert [secret for secret in secrets if len(secret) > 4 and secret in text] == []
    assert attempt_of(order).ref in text


@pytest.mark.parametrize("hidden", [
    {"pin": "CANARY-1"}, {"order_content": [{"id": "CANARY-1"}]}, {"customer_account": {"steam_login": "CANARY-1"}},
    {"code": "CANARY-1"}, {"data": {"vouchers": [{"status": "CANARY-1"}]}}, {"message": "CANARY-1"}, ["CANARY-1"],
    {"id": {"secret": "CANARY-1"}}, {"id": ["CANARY-1"]}, {"item": {"fields": {"id": "CANARY-1"}}},
    {"input_data": {"id": "CANARY-1"}}, {"order": {"order_content": {"id": "CANARY-1"}}}, {"CANARY-1": "x"},
])
def test_answer_shows_nothing_but_known_harmless_fields(hidden):
    assert "CANARY" not in claim.redacted(json.dumps(hidden).encode(), is_refusal=False)


@pytest.mark.parametrize("quoted", [
    {"error": {"message": "Invalid key sk_live_51CANARY"}}, {"message": "No account 77CANARY"},
    {"message": "CANARY-ABCD-EFGH was used"}, {"errors": {"player": ["canary is no player"]}},
    {"error": "canary"}, {"order": {"voucher": {"code": "CANARY"}}}, {"order": {"code": "CANARY"}},
    {"data": {"message": "CANARY"}}, {"errors": [{"code": "CANARY"}]}, {"message": {"code": "CANARY"}},
])
def test_refusal_shows_nothing_that_it_quotes(quoted):
    told = claim.redacted(json.dumps(quoted).encode(), is_refusal=True, buyer={"canary"})

    assert "canary" not in told.lower()


@pytest.mark.parametrize(("body", "shown"), [
    ({"code": "insufficient_balance", "message": "You have 41.82 USD"}, ["insufficient_balance", "41.82 USD"]),
    ({"errors": {"external_id": ["has already been taken"]}}, ["external_id", "has already been taken"]),
    ({"error": {"type": "invalid_request", "message": "Unknown SKU"}}, ["invalid_request", "Unknown SKU"]),
])
def test_refusal_shows_what_support_needs(body, shown):
    told = claim.redacted(json.dumps(body).encode(), is_refusal=True)

    assert [words for words in shown if words not in told] == []


def test_refusal_shows_its_words_without_the_buyer():
    told = claim.redacted(
        b'{"code":"invalid_account","message":"no user max@example.org or +44 7700 900123"}', is_refusal=True)

    assert "invalid_account" in told
    assert "example.org" not in told
    assert "900123" not in told
