"""The lab over HTTP/2: the same answers and the same faults as over HTTP/1.1, in frames."""

import json
import socket
from dataclasses import dataclass

import pytest

from catalog.suppliers.errors import Misread, Unanswered
from catalog.suppliers.exchange import Call
from catalog.suppliers.http import Transport
from tests.lab.asking import Asker
from tests.suppliers.conftest import Fuse, Notebook


@dataclass
class Reader:
    """Reads a health route of the lab over one HTTP/2 connection, as a purchase would be sent: once."""

    transport: Transport

    def __call__(self, deadline_s=5.0, content=b""):
        return self.transport.send(Call(
            operation="getHealth", method="GET", route="/health", is_read=False, deadline_s=deadline_s, content=content))


@pytest.fixture
def read(lab):
    transport = Transport(
        f"{lab.url}/plexy_gate", allowed_hosts=[], allow_local=True, recorder=Notebook(), circuit=Fuse(),
        guard=lambda: None, http2=True)
    yield Reader(transport)
    transport.close()


def test_many_requests_share_a_connection(read, lab):
    answers = [read() for _ in range(50)]

    assert {(answer.status, answer.http_version, answer.body) for answer in answers} == {(200, "HTTP/2", b'{"status":"ok"}')}
    assert all(heard.headers["host"] == lab.url.removeprefix("http://") for heard in lab.calls("plexy_gate"))


def test_large_body_arrives_whole(read, lab):
    read(content=b"x" * 900_000)

    assert lab.calls("plexy_gate")[0].body == b"x" * 900_000


@pytest.mark.parametrize(("fault", "options"), [
    ("reset", {}), ("close", {}), ("truncated", {"declared": "full"}), ("bomb", {"mebibytes": 5}),
    ("flood", {"mebibytes": 20}), ("silence", {"seconds": 0.1}), ("drip", {"seconds": 0.2}),
    ("commit_later", {"seconds": None})])
def test_broken_answer_is_no_answer(read, lab, fault, options):
    lab.fail("plexy_gate", "getHealth", fault, **options)

    with pytest.raises(Unanswered) as unanswered:
        read(deadline_s=1)

    assert not isinstance(unanswered.value, Misread)
    assert read().status == 200  # on a connection of its own, if need be


def test_late_answer_is_an_answer(read, lab):
    lab.fail("plexy_gate", "getHealth", "late", seconds=0.2)

    assert read().status == 200


@pytest.mark.parametrize(("fault", "status"), [("rate_limit", 429), ("waf", 403), ("html", 200), ("revoked", 401)])
def test_odd_answer_arrives(read, lab, fault, status):
    lab.fail("plexy_gate", "getHealth", fault)

    assert read().status == status


def test_what_is_no_http2_ends_the_connection_only(lab, read):
    host, _, port = lab.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as odd:
        odd.sendall(b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + b"\xff" * 64)
        while odd.recv(1024):
            pass

    assert read().status == 200


def test_control_moves_a_transaction(lab):
    asker, row = Asker(lab), next(iter(lab.books["game_wallet"].transactions.values()))
    body = json.dumps({"act": "become", "transaction_id": row.transaction_id, "state": "pending"})

    moved = asker.send("POST", "/lab/books/game_wallet", body)
    told = asker.send("GET", f"/lab/books/game_wallet?ref={row.transaction_id}").json

    assert moved.json["row"]["state"] == "pending"
    assert [one["state"] for one in told["transactions"]] == ["pending"]
    assert row.token not in json.dumps(told)
    assert row.transaction_id in asker.send("GET", "/lab/").raw.decode()
    assert asker.send("GET", "/lab/books").json["game_wallet"]["transactions"] == 12


@pytest.mark.parametrize("act", [
    {"act": "become", "transaction_id": "nobody", "state": "pending"}, {"act": "become", "transaction_id": "x"},
    {"act": "become", "transaction_id": "x", "state": "odd"}, {"act": "deposit", "currency": "USD", "amount": "1"}])
def test_control_refuses_odd_acts(lab, act):
    assert Asker(lab).send("POST", "/lab/books/game_wallet", json.dumps(act)).status == 400
