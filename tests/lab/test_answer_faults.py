"""Answers are spoiled as asked, and the books tell what really happened."""

import gzip
import http.client
import json
import socket
import time
import zlib

import pytest

BROKEN = (ConnectionError, http.client.HTTPException, TimeoutError)


@pytest.fixture
def bought(ask_giftapi):
    """Switches a fault on, sends one order, and gives the answer (or the error) and how many were bought."""

    def send(fault, timeout=5, **options):
        ask_giftapi.lab.fail("giftapi", "createOrder", fault, **options)
        try:
            told = ask_giftapi.order(timeout=timeout)
        except BROKEN as error:
            told = error
        return told, len(ask_giftapi.books.purchases("REF-1"))

    return send


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(("fault", "error"), [("reset", ConnectionResetError), ("close", http.client.RemoteDisconnected)])
def test_connection_breaks(bought, fault, error, when, count):
    told, purchases = bought(fault, when=when)

    assert type(told) is error
    assert purchases == count


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_server_error(bought, when, count):
    told, purchases = bought("error", when=when)

    assert (told.status, told.json["code"], purchases) == (500, "server_error", count)


def test_any_status_with_any_body(bought):
    told, purchases = bought("error", status=418, body={"oops": 1}, when="before", retry_after="soon")

    assert (told.status, told.json, told.headers["retry-after"], purchases) == (418, {"oops": 1}, "soon", 0)


def test_any_status_as_a_web_page(bought):
    told, _ = bought("error", status=503, html=True)

    assert told.status == 503
    assert told.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_silence(bought, when, count):
    told, purchases = bought("silence", seconds=30, when=when, timeout=0.3)

    assert isinstance(told, TimeoutError)
    assert purchases == count


def test_silence_ends_when_the_lab_is_reset(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "getBalance", "silence", seconds=30)
    connection = socket.create_connection(("127.0.0.1", ask_giftapi.port), timeout=5)
    connection.sendall(b"GET /giftapi/balance HTTP/1.1\r\nHost: x\r\n\r\n")
    while not ask_giftapi.lab.calls("giftapi", "getBalance"):
        time.sleep(0.01)

    time.sleep(0.1)
    ask_giftapi.lab.reset()

    assert connection.recv(10) == b""
    connection.close()


def test_late_answer_is_whole(bought):
    started = time.monotonic()

    told, purchases = bought("late", seconds=0.4)

    assert (told.status, purchases) == (200, 1)
    assert time.monotonic() - started >= 0.4


def test_dripping_body_comes_byte_by_byte(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "getBalance", "drip", seconds=0.05)
    with socket.create_connection(("127.0.0.1", ask_giftapi.port), timeout=5) as connection:
        token = ask_giftapi.token["Authorization"]
        connection.sendall(f"GET /giftapi/balance HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += connection.recv(65536)
        body = [seen.partition(b"\r\n\r\n")[2]] + [connection.recv(65536) for _ in range(5)]

    assert max(len(piece) for piece in body) <= 2
    assert b"".join(body).startswith(b'{"suc')


def test_truncated_body_is_half_a_document(bought):
    told, purchases = bought("truncated")

    with pytest.raises(ValueError):
        json.loads(told.raw)
    assert (told.status, purchases) == (200, 1)


def test_truncated_body_may_promise_more(bought):
    told, purchases = bought("truncated", declared="full")

    assert isinstance(told, http.client.IncompleteRead)
    assert purchases == 1


def test_web_page_instead_of_an_answer(bought):
    told, purchases = bought("html")

    assert (told.status, purchases) == (200, 1)
    assert told.raw.startswith(b"<html>")


def test_empty_answer(bought):
    told, purchases = bought("empty")

    assert (told.status, told.raw, purchases) == (200, b"", 1)


@pytest.mark.parametrize(("what", "sign"), [
    ("nan", b":NaN"), ("infinity", b":-Infinity"), ("huge", b":1e999"), ("duplicate", b'"total_amount":99.99'),
    ("digits", b":" + b"9" * 5000), ("deep", b"[" * 100_000),
])
def test_malformed_number_stands_where_the_money_is(bought, what, sign):
    told, purchases = bought("malformed", what=what)

    assert sign in told.raw
    assert b'"total_amount":' in told.raw
    assert purchases == 1


def test_gzip_bomb_is_small_and_decodes_to_its_size(bought):
    told, purchases = bought("bomb", mebibytes=30)

    assert told.headers["content-encoding"] == "gzip"
    assert len(told.raw) < 200_000
    assert len(gzip.decompress(told.raw)) == 30 << 20
    assert purchases == 1


def test_large_gzip_bomb_starts_at_once(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "getBalance", "bomb")
    started = time.monotonic()

    told = ask_giftapi.get("/balance")

    assert zlib.decompressobj(31).decompress(told.raw, 4 << 20) == b" " * (4 << 20)
    assert time.monotonic() - started < 3


def test_flood_goes_on_while_somebody_reads(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "getBalance", "flood")
    connection = http.client.HTTPConnection("127.0.0.1", ask_giftapi.port, timeout=5)
    connection.request("GET", "/giftapi/balance", headers=ask_giftapi.token)

    answer = connection.getresponse()

    assert int(answer.headers["content-length"]) == 3000 << 20
    assert len(answer.read(5 << 20)) == 5 << 20
    answer.close()
    connection.close()


def test_revoked_key_lasts(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "*", "revoked")

    assert [ask_giftapi.get("/me").status, ask_giftapi.order().status] == [401, 401]
    assert ask_giftapi.books.purchases() == []


def test_firewall_page(bought):
    told, purchases = bought("waf")

    assert (told.status, purchases) == (403, 0)
    assert told.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("wait", ["30", "tomorrow", "-1"])
def test_rate_limit(bought, wait):
    told, purchases = bought("rate_limit", retry_after=wait)

    assert (told.status, told.headers["retry-after"], purchases) == (429, wait, 0)


def test_act_may_come_after_the_hang_up(bought, ask_giftapi):
    told, purchases = bought("commit_later", seconds=None)

    assert isinstance(told, http.client.RemoteDisconnected)
    assert purchases == 0
    assert ask_giftapi.lab.land_delayed() == 1
    assert len(ask_giftapi.books.purchases("REF-1")) == 1


def test_delayed_act_is_refused_outside_the_window(bought, ask_giftapi, time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    bought("commit_later", seconds=None)
    time_machine.shift(301)

    ask_giftapi.lab.land_delayed()

    assert ask_giftapi.books.purchases("REF-1") == []


def test_delayed_act_comes_by_itself(bought, ask_giftapi):
    bought("commit_later", seconds=0.05)

    until = time.monotonic() + 5
    while not ask_giftapi.books.purchases("REF-1") and time.monotonic() < until:
        time.sleep(0.01)
    assert len(ask_giftapi.books.purchases("REF-1")) == 1
