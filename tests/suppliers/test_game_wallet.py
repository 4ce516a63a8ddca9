"""What we ask the game aggregator, and what its answers mean: only an answer that agrees in everything is a confirmation."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.suppliers.errors import Invalid, Misread, Unanswered, Unauthorised
from catalog.suppliers.game_wallet.client import GameWallet
from catalog.suppliers.game_wallet.signing import signature
from catalog.suppliers.recording import outcome_of
from catalog.suppliers.transactions import TransactionQuery
from tests.suppliers.test_game_wallet_signing import COMPACT, KEY
from tests.suppliers.wire import Wire, answer, sample, sample_value

LARGEST = 2**64 - 1
ASKED = TransactionQuery(
    token="3dc8fe01-2018-486e-9632-35aef21028a5", player_id=1, site_id=1, game_id="example", currency="EUR",
    amount=Decimal("50.50"), round_id="ebe18296b1d7d42e1d2181d43a1c9cb5",
    transaction_id="d47ac10b-58cc-4372-a567-0e02b2c3d479", action="debit")


def client(*answers, provider_id="1"):
    return GameWallet(Wire(*answers), {"provider_id": provider_id, "access_key": "k9-Access", "private_key": KEY}, {})


def sent(made):
    return made._transport.calls[0]


def success(status=200, **changes):
    return answer({**sample_value("game_wallet/status_success"), **changes}, status=status)


def failure(code, status, **changes):
    return answer({**sample_value("game_wallet/status_failure"), "code": code, **changes}, status=status)


def test_documented_question_has_its_exact_bytes():
    asked = TransactionQuery(
        token="5f1e2d3c-0b4a-4c6d-8e7f-102938475665", player_id=42, site_id=7, game_id="neon-reef", currency="USD",
        amount=Decimal("12.75"), round_id="r-20260114-000183", transaction_id="0d5f6c1a-93b2-4e0f-8f34-6b1b7d2a9c10",
        action="debit")

    assert client(provider_id="7781").compose_query(asked) == COMPACT


def test_the_bytes_that_leave_are_those_that_were_signed():
    made = client(sample("game_wallet/status_success"))

    made.transaction_status(ASKED)

    assert sent(made).content == made.compose_query(ASKED)
    assert sent(made).headers["x-request-signature"] == signature(KEY, sent(made).content)


@pytest.mark.parametrize("digits", ["50.50", "50.5", "0.000001", "0", "99999999999999.999999", "7"])
def test_amount_leaves_with_the_digits_it_has(digits):
    body = client().compose_query(replace(ASKED, amount=Decimal(digits)))

    assert f'"amount":{digits},'.encode() in body


def test_largest_numbers_survive_both_ways():
    asked = replace(ASKED, player_id=LARGEST, site_id=2**63)
    made = client(success(player_id=LARGEST, site_id=2**63, provider_id=LARGEST), provider_id=str(LARGEST))

    assert made.transaction_status(asked).is_confirmed
    assert json.loads(sent(made).content)["player_id"] == LARGEST
    assert f'"player_id":{LARGEST},'.encode() in sent(made).content


@pytest.mark.parametrize(("field", "value"), [
    ("player_id", -1), ("player_id", LARGEST + 1), ("site_id", "1.0"), ("site_id", 1e3), ("token", ""), ("token", "a\nb"),
    ("game_id", " x"), ("currency", "x" * 11), ("amount", Decimal("-1")), ("amount", Decimal("NaN")),
    ("amount", Decimal("1E+3")), ("amount", Decimal("0.0000001")), ("round_id", "r" * 37), ("transaction_id", ""),
    ("transaction_id", "é")])
def test_odd_question_is_refused_before_anything_is_sent(field, value):
    made = client(sample("game_wallet/status_success"))

    with pytest.raises(Invalid) as refused:
        made.transaction_status(replace(ASKED, **{field: value}))

    assert refused.value.code == field
    assert made._transport.calls == []


def test_transaction_of_another_provider_is_not_asked_about():
    with pytest.raises(Invalid, match="belongs to provider 2; the connection is provider 1"):
        client().compose_query(replace(ASKED, provider_id=2))


def test_documented_success_confirms():
    reply = client(sample("game_wallet/status_success")).transaction_status(ASKED)

    assert (reply.is_confirmed, reply.code, reply.balance) == (True, "1", Decimal("19575.50"))
    assert reply.request_id == "89aac521-7a56-4ad1-8310-1ed2bbf9e55d"


def test_documented_failure_is_a_code_and_no_verdict():
    made = client(replace(sample("game_wallet/status_failure"), status=500))

    reply = made.transaction_status(ASKED)

    assert (reply.is_confirmed, reply.code, reply.message) == (False, "2", "An unknown error has occurred.")
    assert reply.request_id == "4d5a42b3-62ec-40cb-b5e9-b338f194ce60"


@pytest.mark.parametrize(("code", "status"), [(7, 202), (8, 409), (5, 404), (LARGEST, 418), (9, 200)])
def test_any_code_is_read_whatever_its_status(code, status):
    assert client(failure(code, status)).transaction_status(ASKED).code == str(code)


@pytest.mark.parametrize("name", ["token", "player_id", "site_id", "provider_id"])
@pytest.mark.parametrize("value", ["another", 2, None])
def test_answer_about_somebody_else_confirms_nothing(name, value):
    with pytest.raises(Misread) as misread:
        client(success(**{name: value})).transaction_status(ASKED)

    assert misread.value.code == "echo_mismatch"
    assert ASKED.token not in str(misread.value)


def test_how_the_game_is_called_proves_nothing():
    assert client(success(game_id=918273)).transaction_status(ASKED).is_confirmed


@pytest.mark.parametrize("made", [
    success(code=3), success(status=500), success(status=404), failure(1, 200), failure(1, 500)])
def test_answer_that_contradicts_itself_confirms_nothing(made):
    with pytest.raises(Misread, match="contradicts itself"):
        client(made).transaction_status(ASKED)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"not json", {"code": 1}, {"status": "true", "code": 1},
                                  {"status": True}, {"status": True, "code": -1}, {"status": True, "code": 2**64},
                                  {"status": True, "code": 1.5}, {"status": True, "code": True}])
def test_answer_of_another_shape_confirms_nothing(body):
    with pytest.raises(Misread):
        client(answer(body)).transaction_status(ASKED)


@pytest.mark.parametrize("made", [
    answer(b"<html>", status=500, content_type="text/html"), answer(b"", status=502), answer({"error": "x"}, status=404),
    answer(b"<html>", status=403, content_type="text/html"), answer({"message": "slow down"}, status=429)])
def test_what_is_not_the_suppliers_word_decides_nothing(made):
    with pytest.raises(Unanswered):
        client(made).transaction_status(ASKED)


@pytest.mark.parametrize("status", [401, 403])
def test_not_let_in_is_told_apart(status):
    with pytest.raises(Unauthorised, match="access key, the signature or this machine's address"):
        client(failure(3, status)).transaction_status(ASKED)


def test_documented_unknown_error_is_an_answer():
    made = client(failure(2, 500))
    made.transaction_status(ASKED)

    assert outcome_of(sent(made), failure(2, 500)) == "answered"
    assert outcome_of(sent(made), answer(b"<html>", status=500, content_type="text/html")) == "unanswered"
    assert outcome_of(sent(made), failure(2, 503)) == "unanswered"


def test_version_that_was_spoken_is_told():
    old, new = answer(sample_value("game_wallet/status_success")), sample("game_wallet/status_success")

    assert client(old).transaction_status(ASKED).warning == "The server spoke HTTP/1.1 instead of HTTP/2."
    assert client(replace(new, http_version="HTTP/2")).transaction_status(ASKED).warning == ""


def test_probe_is_a_question_about_nobody():
    made = client(failure(5, 404))

    assert made.probe().healthy
    assert json.loads(sent(made).content)["player_id"] == 0
    assert not sent(made).is_evidence


def test_probe_that_gets_something_else_is_not_well():
    assert not client(answer({"hello": 1})).probe().healthy


def test_nothing_secret_is_in_a_repr():
    made = client(sample("game_wallet/status_success"))
    made.transaction_status(ASKED)

    assert ASKED.token not in repr(ASKED) + repr(sent(made))
    assert KEY not in repr(sent(made))
