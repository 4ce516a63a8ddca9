"""The closed tables of what a status means, row by row, for purchases and for reads."""

import pytest

from catalog.suppliers import errors, giftapi, plexy_gate
from catalog.suppliers.giftapi import mapping as giftapi_mapping
from catalog.suppliers.judging import judge
from catalog.suppliers.plexy_gate import mapping as plexy_mapping
from tests.suppliers.wire import answer

PAGE = {"content_type": "text/html", "body": b"<html>Request blocked: insufficient_balance duplicate</html>"}
FUNDS, DUPLICATE, INVALID = errors.NotEnoughFunds, errors.Duplicate, errors.Invalid
UNAUTHORISED, MISSING, UNANSWERED = errors.Unauthorised, errors.Missing, errors.Unanswered

# supplier, asked, status, body, what is raised
SHARED = [
    ("purchase", 400, {"code": "insufficient_balance"}, FUNDS),
    ("purchase", 422, {"message": "Insufficient balance"}, FUNDS),
    ("purchase", 400, {"error": {"type": "insufficient_funds"}}, FUNDS),
    ("purchase", 409, {"message": "Conflict"}, DUPLICATE),
    ("purchase", 422, {"message": "Order already exists"}, DUPLICATE),
    ("purchase", 400, {"error": "duplicate reference"}, DUPLICATE),
    ("purchase", 422, {"message": "Amount is out of range"}, INVALID),
    ("purchase", 403, {"message": "Forbidden"}, UNAUTHORISED),
    ("purchase", 404, {"message": "No such agent"}, UNAUTHORISED),
    ("purchase", 404, {"message": "Product not found"}, INVALID),
    ("any", 401, {"message": "Unauthorized"}, UNAUTHORISED),
    ("any", 401, b"", UNAUTHORISED),
    ("read", 403, {"message": "Forbidden"}, UNAUTHORISED),
    ("read", 404, {"message": "Not found"}, MISSING),
    ("read", 404, b"", MISSING),
    ("read", 400, {"message": "Bad page"}, INVALID),
    ("purchase", 403, b"", UNANSWERED),
    ("purchase", 404, b"", UNANSWERED),
    ("purchase", 400, b"", UNANSWERED),
    ("purchase", 400, {}, UNANSWERED),
    ("purchase", 422, [], UNANSWERED),
    ("purchase", 409, b"<conflict>", UNANSWERED),
    ("purchase", 418, {"code": "insufficient_balance"}, UNANSWERED),
    *[("any", status, {"code": "insufficient_balance"}, UNANSWERED)
      for status in (300, 302, 307, 405, 406, 408, 410, 413, 415, 425, 429, 451, 500, 501, 502, 503, 504, 599)],
]
OWN = {
    "plexy_gate": [
        ("purchase", 409, {"code": "idempotency_key_in_use", "message": "Key was used"}, DUPLICATE),
        ("purchase", 400, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}, DUPLICATE),
        ("purchase", 400, {"code": "request_in_progress"}, DUPLICATE),
        ("purchase", 400, {"code": "amount_out_of_range"}, INVALID),
        ("purchase", 400, {"code": 4007, "message": "Insufficient balance", "source": "gate"}, FUNDS),
    ],
    "giftapi": [
        ("purchase", 400, {"message": "Something else"}, UNANSWERED),
        ("purchase", 422, {"message": "Invalid.", "errors": {"external_id": ["has been taken"]}}, DUPLICATE),
        ("purchase", 422, {"message": "Invalid.", "errors": {"item.sku_id": ["The SKU is invalid."]}}, INVALID),
        ("purchase", 400, {"message": "Invalid signature"}, UNAUTHORISED),
        ("purchase", 422, {"message": "X-Timestamp is outside the window"}, UNAUTHORISED),
    ],
}
RULES = {"plexy_gate": plexy_mapping.RULES, "giftapi": giftapi_mapping.RULES}
ROWS = [(name, asked, *row[1:]) for name in RULES for row in SHARED + OWN[name]
        for asked in (("purchase", "read") if row[0] == "any" else (row[0],))]


def verdict(name, asked, reply):
    """What the supplier's table makes of an answer."""
    with pytest.raises(errors.SupplierError) as caught:
        judge(reply, asked=asked, rules=RULES[name], operation="createOrder")
    return caught.value


@pytest.mark.parametrize(("name", "asked", "status", "body", "expected"), ROWS)
def test_row(name, asked, status, body, expected):
    assert type(verdict(name, asked, answer(body, status=status))) is expected


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("asked", ["purchase", "read"])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_a_web_page_decides_nothing(name, asked, status):
    assert type(verdict(name, asked, answer(status=status, **PAGE))) is UNANSWERED


@pytest.mark.parametrize("name", RULES)
def test_words_in_another_form_than_json_decide_nothing(name):
    reply = answer({"code": "insufficient_balance"}, status=400, content_type="text/plain")

    assert type(verdict(name, "purchase", reply)) is UNANSWERED


@pytest.mark.parametrize("name", RULES)
def test_success_is_no_error(name):
    for status in (200, 201, 202, 204):
        assert judge(answer(status=status), asked="purchase", rules=RULES[name], operation="x") is None


def test_error_tells_what_it_is_about():
    reply = answer({"code": "insufficient_balance", "message": "Agent balance is too low"}, status=400)

    error = verdict("plexy_gate", "purchase", reply)

    assert (error.operation, error.status, error.code) == ("createOrder", 400, "insufficient_balance")
    assert str(error) == 'The balance at the supplier does not cover this order. It says: "Agent balance is too low"'


def test_words_of_the_supplier_are_made_plain_and_short():
    error = verdict("plexy_gate", "purchase", answer({"message": "a\u202eb\x1b[31m\x00" + "x" * 5000}, status=422))

    assert str(error).isprintable()
    assert len(str(error)) < 300


@pytest.mark.parametrize(("given", "read"), [
    ("30", 30), ("3600", 900), ("soon", None), ("-1", None), ("1.5", None), ("", None)])
def test_wait_is_told_within_reason(given, read):
    assert verdict("giftapi", "read", answer(status=503, headers={"retry-after": given})).retry_after_s == read


def test_every_supplier_has_a_table():
    assert {module.__name__.rpartition(".")[2] for module in (plexy_gate, giftapi)} == set(RULES)
