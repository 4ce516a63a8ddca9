"""One call through the transport: what is sent and what comes back."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from catalog.suppliers.errors import Forbidden, NotSent
from tests.suppliers.calls import purchase, read
from tests.suppliers.server import answers


def test_answer_is_given_whole(serve, connect):
    server = serve(answers(b'{"ok":1}', content_type="application/json; charset=utf-8"))

    answer = connect(server.url + "/v1/").send(read(query={"page": "2", "q": "a b&c"}))

    assert (answer.status, answer.content_type, answer.body) == (200, "application/json", b'{"ok":1}')
    assert answer.http_version == "HTTP/1.1"
    assert server.requests[0].startswith(b"GET /v1/balance?page=2&q=a+b%26c HTTP/1.1\r\n")


def test_just_the_bytes_given_are_sent(serve, connect):
    server = serve(answers())

    connect(server.url).send(purchase(content='{"amount":50.50,"name":"Ä"}'.encode(), headers={"authorization": "bare-key"}))

    assert server.requests[0].endswith('\r\n\r\n{"amount":50.50,"name":"Ä"}'.encode())
    assert server.headers(0)["authorization"] == "bare-key"
    assert server.headers(0)["content-type"] == "application/json"
    assert server.headers(0)["host"] == f"127.0.0.1:{server.port}"


def test_a_parameter_is_one_segment(serve, connect):
    server = serve(answers())

    connect(server.url).send(read(route="/orders/{id}", params={"id": "a b;c=ü"}))

    assert server.requests[0].startswith(b"GET /orders/a%20b%3Bc%3D%C3%BC HTTP/1.1\r\n")


@pytest.mark.parametrize("odd", ["", ".", "..", "a/../b", "a/b", "a\\b", "a?b", "a#b", "a%2fb", "a\nb", "a\0b", "x" * 201])
def test_a_parameter_that_is_no_segment_is_not_sent(serve, connect, odd):
    server = serve(answers())

    with pytest.raises(Forbidden, match="cannot be part of an address"):
        connect(server.url).send(read(route="/orders/{id}", params={"id": odd}))
    assert server.requests == []


def test_a_missing_parameter_is_not_sent(serve, connect):
    with pytest.raises(Forbidden):
        connect(serve(answers()).url).send(read(route="/orders/{id}"))


def test_a_header_cannot_be_broken_into_two(serve, connect):
    server = serve(answers())

    with pytest.raises(NotSent, match="Enter the credentials again") as caught:
        connect(server.url).send(read(headers={"authorization": "key-canary\r\nX-Other: 1"}))
    assert "canary" not in repr(caught.value)
    assert server.requests == []


def test_connection_is_kept_for_the_next_call(serve, connect):
    server = serve(answers())
    transport = connect(server.url)

    transport.send(read())
    transport.send(read())

    assert len(server.requests) == 2
    assert len(server.threads) == 2  # the one that accepts, and one connection


def test_several_threads_share_a_transport(serve, connect):
    server = serve(answers())
    transport = connect(server.url)
    threads = [threading.Thread(target=lambda: [transport.send(read()) for _ in range(5)]) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(server.requests) == 30


def test_redirect_is_an_answer_and_not_followed(serve, connect):
    elsewhere = serve(answers())
    server = serve(answers(status="302 Found", headers=[f"Location: {elsewhere.url}/take"]))

    answer = connect(server.url).send(purchase())

    assert answer.status == 302
    assert elsewhere.requests == []


def test_cookies_are_not_kept(serve, connect):
    server = serve(answers(headers=["Set-Cookie: session=1; Path=/"]))
    transport = connect(server.url)

    transport.send(read())
    transport.send(read())

    assert "cookie" not in server.headers(1)


def test_proxies_of_the_environment_are_ignored(serve, connect, monkeypatch):
    proxy = serve(answers(b'"proxy"'))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy.url)

    answer = connect(serve(answers(b'"direct"')).url).send(read())

    assert answer.body == b'"direct"'
    assert proxy.requests == []


def test_skew_is_read_from_the_date(serve, connect):
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=4), usegmt=True)
    transport = connect(serve(answers(headers=[f"Date: {ahead}"])).url)

    answer = transport.send(read())

    assert 230 < answer.skew_s < 250
    assert transport.skew_s == answer.skew_s


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_odd_date_tells_no_skew(serve, connect, date):
    assert connect(serve(answers(headers=[f"Date: {date}"])).url).send(read()).skew_s is None


def test_address_that_is_no_url_is_not_sent(serve, connect):
    with pytest.raises(Forbidden, match="not a valid one"):
        connect(serve(answers()).url + "/" + "a" * 70_000).send(read())
