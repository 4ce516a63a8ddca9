"""One call through the transport: what is sent, what comes back, how often it is tried."""

import logging
import threading
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from catalog.suppliers import http
from catalog.suppliers.errors import CircuitOpen, Forbidden, NotSent, Unanswered
from catalog.suppliers.http import Call
from tests.suppliers.server import answers, hangs_up

UNAVAILABLE = answers(status="503 Service Unavailable")


def read(**options):
    return Call(**{"operation": "getBalance", "method": "GET", "route": "/balance", "deadline_s": 3, **options})


def purchase(**options):
    return Call(**{"operation": "createOrder", "method": "POST", "route": "/orders", "content": b'{"a":1}', "deadline_s": 3,
                   "is_read": False, "is_evidence": True, "ref": "ref-1", **options})


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


@pytest.mark.parametrize("status", ["429 Slow", "500 Oops", "502 Bad", "503 No", "504 Late", "302 Found"])
def test_read_is_tried_again(serve, connect, status):
    server = serve(answers(status=status), answers(b'"second"'))

    assert connect(server.url).send(read()).body == b'"second"'


def test_read_is_tried_again_after_a_broken_connection(serve, connect):
    server = serve(hangs_up, answers(b'"second"'))

    assert connect(server.url).send(read()).body == b'"second"'


def test_read_is_tried_three_times_at_most(serve, connect):
    server = serve(UNAVAILABLE)

    assert connect(server.url).send(read()).status == 503
    assert len(server.requests) == 3


@pytest.mark.parametrize("step", [UNAVAILABLE, hangs_up, answers(status="429 Slow", headers=["Retry-After: 0"])])
def test_purchase_is_sent_once(serve, connect, notebook, step):
    server = serve(step, answers(b'"second"'))

    with pytest.raises(Unanswered) if step is hangs_up else nullcontext():
        connect(server.url).send(purchase())

    assert len(server.requests) == 1
    assert notebook.outcomes == ["unanswered"]


def test_refusal_is_not_tried_again(serve, connect):
    server = serve(answers(status="404 Not Found"))

    assert connect(server.url).send(read()).status == 404
    assert len(server.requests) == 1


def test_retries_stay_a_small_part_of_all_calls(serve, connect):
    server = serve(UNAVAILABLE)
    transport = connect(server.url)

    for _ in range(50):
        transport.send(read())

    assert len(server.requests) <= 50 * 1.1 + 5


def test_asked_for_wait_is_honoured(serve, connect):
    server = serve(answers(status="503 No", headers=["Retry-After: 1"]), answers())
    begun = datetime.now(UTC)

    assert connect(server.url).send(read()).status == 200
    assert datetime.now(UTC) - begun >= timedelta(seconds=1)


def test_longer_wait_than_the_deadline_is_not_slept(serve, connect):
    server = serve(answers(status="503 No", headers=["Retry-After: 3600"]), answers())
    begun = datetime.now(UTC)

    assert connect(server.url).send(read()).status == 503
    assert datetime.now(UTC) - begun < timedelta(seconds=1)
    assert len(server.requests) == 1


@pytest.mark.parametrize("garbage", ["soon", "-5", "1e9", "", "99999999999999999999"])
def test_garbage_wait_is_ignored(serve, connect, garbage):
    server = serve(answers(status="503 No", headers=[f"Retry-After: {garbage}"]), answers())

    assert connect(server.url).send(read()).status == 200


def test_every_try_is_signed_afresh(serve, connect):
    server = serve(UNAVAILABLE, UNAVAILABLE, answers())
    numbers = iter("123")

    connect(server.url).send(read(sign=lambda: {"x-signature": next(numbers)}))

    assert [server.headers(number)["x-signature"] for number in range(3)] == ["1", "2", "3"]


def test_every_try_is_recorded(serve, connect, notebook):
    server = serve(UNAVAILABLE, hangs_up, answers())

    connect(server.url).send(read())

    assert notebook.outcomes == ["unanswered", "unanswered", "answered"]
    assert [record.status for record in notebook.records] == [503, None, 200]


def test_record_of_a_purchase_holds_bodies_and_no_header(serve, connect, notebook):
    server = serve(answers(b'{"id":"x"}', headers=["X-Answer: canary-answer"]))

    connect(server.url).send(purchase(headers={"authorization": "canary-key"}, sign=lambda: {"x-signature": "canary-sign"}))

    record = notebook.records[0]
    assert (record.request_body, record.response_body) == (b'{"a":1}', b'{"id":"x"}')
    assert record.request_digest == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert (record.ref, record.route, record.is_read, record.status) == ("ref-1", "/orders", False, 200)
    assert "canary" not in repr([getattr(record, name) for name in record.__slots__])


def test_record_of_a_read_holds_no_body_and_no_parameter(serve, connect, notebook):
    server = serve(answers(b'{"id":"canary"}'))

    connect(server.url).send(read(route="/orders/{id}", params={"id": "canary"}, query={"q": "canary"}))

    record = notebook.records[0]
    assert (record.response_size, record.response_body, record.request_digest) == (15, None, "")
    assert "canary" not in repr([getattr(record, name) for name in record.__slots__])


def test_answer_that_was_not_recorded_is_no_answer(serve, connect, notebook):
    notebook.error = RuntimeError("disk full")

    with pytest.raises(Unanswered, match="could not be recorded"):
        connect(serve(answers()).url).send(purchase())


def test_interruption_is_recorded(serve, connect, notebook, monkeypatch):
    def stop(*arguments, **options):
        raise SystemExit
    monkeypatch.setattr(http, "read_body", stop)

    with pytest.raises(SystemExit):
        connect(serve(answers()).url).send(purchase())
    assert notebook.outcomes == ["interrupted"]


def test_open_circuit_sends_and_records_nothing(serve, connect, notebook, fuse):
    server, fuse.is_open = serve(answers()), True

    with pytest.raises(CircuitOpen):
        connect(server.url).send(read())
    assert (server.requests, notebook.records, fuse.told) == ([], [], [])


@pytest.mark.parametrize(("step", "answered"), [
    (answers(), True),
    (answers(status="400 Bad Request"), True),
    (answers(status="401 Unauthorized"), True),
    (answers(status="500 Oops"), False),
    (answers(status="429 Slow"), False),
    (answers(b"<html>", content_type="text/html; charset=utf-8"), False),
    (hangs_up, False),
])
def test_circuit_is_told_how_a_try_went(serve, connect, fuse, step, answered):
    with pytest.raises(Unanswered) if step is hangs_up else nullcontext():
        connect(serve(step).url).send(purchase())

    assert fuse.told == [answered]


def test_answer_outlives_a_broken_circuit(serve, connect, fuse, monkeypatch):
    def fail(**told):
        raise RuntimeError("database is gone")
    monkeypatch.setattr(fuse, "after", fail)

    assert connect(serve(answers()).url).send(purchase()).status == 200


def test_guard_is_asked_before_every_try(serve, connect):
    asked = []
    server = serve(UNAVAILABLE, answers())

    connect(server.url, guard=lambda: asked.append(len(server.requests))).send(read())

    assert asked == [0, 1]


def test_guard_that_raises_stops_the_call(serve, connect, notebook):
    server = serve(answers())

    def refuse():
        raise RuntimeError("inside a transaction")

    with pytest.raises(RuntimeError, match="inside a transaction"):
        connect(server.url, guard=refuse).send(purchase())
    assert (server.requests, notebook.records) == ([], [])


def test_skew_is_read_from_the_date(serve, connect):
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=4), usegmt=True)
    transport = connect(serve(answers(headers=[f"Date: {ahead}"])).url)

    answer = transport.send(read())

    assert 230 < answer.skew_s < 250
    assert transport.skew_s == answer.skew_s


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_odd_date_tells_no_skew(serve, connect, date):
    assert connect(serve(answers(headers=[f"Date: {date}"])).url).send(read()).skew_s is None


def test_nothing_is_logged_at_any_level(serve, connect, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "hpack", "h2"):
        logging.getLogger(f"{name}.anything").debug("canary")

    connect(serve(answers(b'"canary"')).url).send(read(
        query={"q": "canary"}, headers={"authorization": "canary", "x-api-key": "canary"}))

    assert "canary" not in caplog.text + "".join(capfd.readouterr())


def test_errors_carry_no_secret(serve, connect):
    with pytest.raises(Unanswered) as caught:
        connect(serve(hangs_up).url).send(purchase(headers={"authorization": "canary"}, content=b"canary"))

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert "canary" not in repr(caught.value) + str(vars(caught.value))


def test_reprs_show_no_secret(serve, connect):
    transport = connect(serve(answers(b'"canary"')).url)
    call = purchase(headers={"authorization": "canary"}, content=b"canary", query={"q": "canary"})

    assert "canary" not in repr(call) + repr(transport.send(call)) + repr(transport) + repr(vars(transport))
