"""What the transport tells the call log and the circuit about every try, and what it tells nobody."""

import logging
from contextlib import nullcontext

import pytest

from catalog.suppliers import http
from catalog.suppliers.errors import CircuitOpen, Unanswered
from tests.suppliers.calls import UNAVAILABLE, purchase, read
from tests.suppliers.server import answers, hangs_up


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
