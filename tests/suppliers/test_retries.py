"""How often a call is tried: reads a few times within their deadline, purchases once."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from catalog.suppliers.errors import Unanswered
from tests.suppliers.calls import UNAVAILABLE, purchase, read
from tests.suppliers.server import answers, hangs_up


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


@pytest.mark.fault("F20")
def test_retries_stay_a_small_part_of_all_calls(serve, connect):
    server = serve(UNAVAILABLE)
    transport = connect(server.url)

    for _ in range(50):
        transport.send(read())

    assert len(server.requests) <= 50 * 1.1 + 5


@pytest.mark.fault("F19")
def test_asked_for_wait_is_honoured(serve, connect):
    server = serve(answers(status="503 No", headers=["Retry-After: 1"]), answers())
    begun = datetime.now(UTC)

    assert connect(server.url).send(read()).status == 200
    assert datetime.now(UTC) - begun >= timedelta(seconds=1)


@pytest.mark.fault("F19")
def test_longer_wait_than_the_deadline_is_not_slept(serve, connect):
    server = serve(answers(status="503 No", headers=["Retry-After: 3600"]), answers())
    begun = datetime.now(UTC)

    assert connect(server.url).send(read()).status == 503
    assert datetime.now(UTC) - begun < timedelta(seconds=1)
    assert len(server.requests) == 1


@pytest.mark.parametrize("garbage", ["soon", "-5", "1e9", "", "99999999999999999999"])
@pytest.mark.fault("F19")
def test_garbage_wait_is_ignored(serve, connect, garbage):
    server = serve(answers(status="503 No", headers=[f"Retry-After: {garbage}"]), answers())

    assert connect(server.url).send(read()).status == 200


def test_every_try_is_signed_afresh(serve, connect):
    server = serve(UNAVAILABLE, UNAVAILABLE, answers())
    numbers = iter("123")

    connect(server.url).send(read(sign=lambda: {"x-signature": next(numbers)}))

    assert [server.headers(number)["x-signature"] for number in range(3)] == ["1", "2", "3"]
