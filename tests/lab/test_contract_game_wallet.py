"""Every answer of the game aggregator's stand-in, and every request that reaches it, is as the contract says."""

import json
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from catalog.suppliers import registry
from catalog.suppliers.errors import Misread, Unauthorised
from catalog.suppliers.game_wallet.lab_books import LabTransaction
from catalog.suppliers.game_wallet.signing import basic, signature
from catalog.suppliers.http import Transport
from catalog.suppliers.transactions import TransactionQuery
from tests.conforming import contract, operations
from tests.lab.asking import Asker, faults_in
from tests.suppliers.conftest import Fuse, Notebook

FIELDS = tuple(TransactionQuery.__dataclass_fields__)[:-1]


@pytest.fixture
def books(lab):
    return lab.books["game_wallet"]


@pytest.fixture
def asker(lab):
    """Asks by hand, over HTTP/1.1."""
    made = Asker(lab)

    def ask(body, **headers):
        given = lab.credentials["game_wallet"]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return made.send("POST", "/game_wallet/api/wallet/status", raw, {
            "Authorization": basic(given["provider_id"], given["access_key"]),
            "X-Request-Signature": signature(given["private_key"], raw), **headers})

    return ask


@pytest.fixture
def notebook():
    return Notebook()


@pytest.fixture
def client(lab, notebook):
    transport = Transport(
        f"{lab.url}/game_wallet", allowed_hosts=[], allow_local=True, recorder=notebook, circuit=Fuse(),
        guard=lambda: None, http2=True)
    yield registry.APIS["game_wallet"].client(transport, lab.credentials["game_wallet"], {})
    transport.close()


def question(row, **changes):
    return TransactionQuery(**{name: getattr(row, name) for name in FIELDS} | changes)


def asked(row, **changes):
    return {**{name: getattr(row, name) for name in FIELDS}, "amount": float(row.amount), "provider_id": 7781, **changes}


def by_state(books, state):
    return next(row for row in books.transactions.values() if row.state == state)


def test_every_operation_is_answered(lab):
    assert set(lab.desks["game_wallet"].operations) == set(operations("game_wallet"))


def test_path_is_that_of_the_contract(lab):
    method, path, _ = lab.desks["game_wallet"].operations["walletStatus"]

    assert contract("game_wallet")["paths"][path][method.lower()]["operationId"] == "walletStatus"


@pytest.mark.parametrize(("state", "status", "code"), [
    ("settled", 200, 1), ("pending", 202, 7), ("rejected", 409, 8), ("broken", 500, 2)])
def test_each_state_obeys_the_contract(asker, books, state, status, code):
    told = asker(asked(by_state(books, state)))

    assert (told.status, told.json["code"]) == (status, code)
    assert faults_in("game_wallet", "walletStatus", told) == []


@pytest.mark.parametrize(("changes", "status", "code"), [
    ({"transaction_id": "nobody"}, 404, 5), ({"amount": 1.01}, 422, 6), ({"player_id": 999}, 422, 6),
    ({"token": "stolen"}, 422, 6), ({"provider_id": 1}, 403, 4), ({"player_id": "1"}, 400, 9), ({"amount": None}, 400, 9),
    ({"round_id": "r" * 37}, 400, 9)])
def test_each_refusal_obeys_the_contract(asker, books, changes, status, code):
    told = asker(asked(by_state(books, "settled"), **changes))

    assert (told.status, told.json["code"]) == (status, code)
    assert faults_in("game_wallet", "walletStatus", told) == []


@pytest.mark.parametrize("header", ["Authorization", "X-Request-Signature"])
@pytest.mark.parametrize("value", ["", "wrong", "ü"])
def test_wrong_proof_is_refused(asker, books, header, value):
    told = asker(asked(by_state(books, "settled")), **{header: value.encode("latin-1")})

    assert told.status == 401
    assert faults_in("game_wallet", "walletStatus", told) == []


def test_signature_covers_the_bytes_and_not_the_meaning(lab, asker, books):
    row = by_state(books, "settled")
    private_key = lab.credentials["game_wallet"]["private_key"]

    told = asker(asked(row), **{"X-Request-Signature": signature(private_key, json.dumps(asked(row), indent=1).encode())})

    assert told.status == 401


def test_what_the_client_sends_obeys_the_contract(lab, client, books):
    for row in books.transactions.values():
        client.transaction_status(question(row))

    wanted = operations("game_wallet")["walletStatus"]["requestBody"]["content"]["application/json"]["schema"]
    judge = Draft202012Validator({**wanted, "components": contract("game_wallet")["components"]})
    for heard in lab.calls("game_wallet"):
        assert [fault.message for fault in judge.iter_errors(json.loads(heard.body))] == []
        assert heard.headers["content-type"] == heard.headers["accept"] == "application/json"


def test_it_is_all_spoken_over_http2(client, books, notebook):
    replies = {row.state: client.transaction_status(question(row)) for row in books.transactions.values()}

    assert {reply.http_version for reply in replies.values()} == {"HTTP/2"}
    assert {record.http_version for record in notebook.records} == {"HTTP/2"}
    assert replies["settled"].is_confirmed
    assert {state: reply.code for state, reply in replies.items()} == {
        "settled": "1", "pending": "7", "rejected": "8", "broken": "2"}


def test_largest_numbers_survive(client, books):
    row = books.add(LabTransaction("t", 2**64 - 1, 2**64 - 1, "g", "EUR", Decimal("0.000001"), "r", "x", "credit"))

    assert client.transaction_status(question(row)).is_confirmed


def test_neighbour_of_the_largest_number_is_somebody_else(lab, client, books):
    row = books.add(LabTransaction("t", 2**64 - 1, 1, "g", "EUR", Decimal(1), "r", "x", "credit"))
    lab.fail("game_wallet", "walletStatus", "echo")  # tells the player's number less one: no float tells these two apart

    with pytest.raises(Misread, match="another player"):
        client.transaction_status(question(row))


def test_key_that_was_revoked_is_told(lab, client, books):
    lab.fail("game_wallet", "walletStatus", "revoked")

    with pytest.raises(Unauthorised):
        client.transaction_status(question(by_state(books, "settled")))
