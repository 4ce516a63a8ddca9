"""The web application in a process of its own, killed with SIGKILL between what it writes and what it answers."""

import http.client
import socket
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.urls import reverse

from catalog import clock
from orders.models import Attempt, Notice, Order
from tests.notices import sender
from tests.orders.shop import bought, confirmed, fail, quoted, run_until, sweep_at
from tests.orders.test_field_machines import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg, pytest.mark.fault("F61")]
GIFTAPI = pytest.mark.parametrize("sku", ["giftapi"], indirect=True)  # what dies here has not met a supplier yet
TOKEN = "c" * 32  # of the forms: the same in the cookie


@pytest.fixture
def serve(start_worker, monkeypatch, unused_port):
    """`serve(crash_at=...)` starts the application; gives the process."""
    monkeypatch.setenv("DEBUG", "1")

    def start(crash_at):
        process = start_worker("serve", str(unused_port), crash_at=crash_at)
        until(lambda: is_listening(unused_port))
        return process

    return start


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def post(port, path, body, headers):
    """The status, or None where the server died over it."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        asked.request("POST", path, body, headers)
        return asked.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return None
    finally:
        asked.close()


@pytest.fixture
def press(page_client, unused_port):
    """`press(sku, quote, token)` sends the form of the quote, as the browser of `press.user` in operations."""
    client = page_client("operations")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    def send(sku, quote, token):
        form = urlencode({"sku": sku.pk, "token": token, "csrfmiddlewaretoken": TOKEN})
        return post(unused_port, reverse("orders:confirmation", args=[quote.pk]), form, {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={TOKEN}"})

    send.user = client.user
    return send


@GIFTAPI
@pytest.mark.parametrize(("point", "recorded"), [("in_confirming", 0), ("after_confirming", 1)])
def test_form_whose_answer_died_with_the_server_is_sent_again_for_one_order(
        sku, books, now, serve, press, point, recorded):
    _, quote = quoted(sku, now, by=press.user)
    confirmed(sku, now).attempts.update(due_at=now + timedelta(days=1))  # reads the balance; this order rests
    token = uuid.uuid4()

    process = serve(crash_at=point)
    assert press(sku, quote, token) is None
    process.wait_for_crash()
    assert Order.objects.filter(submission_token=token).count() == recorded
    assert Attempt.objects.count() == 1 + recorded

    serve(crash_at="none")
    assert [press(sku, quote, token) for _ in range(2)] == [302, 302]
    order = run_until(Order.objects.get(submission_token=token), clock.now())
    assert (order.status, bought(books, order), len(books.purchases())) == ("completed", 1, 1)


@GIFTAPI
def test_notice_that_died_with_the_server_is_not_missed(sku, lab, books, now, serve, unused_port):
    fail(lab, sku, "hold")
    order = confirmed(sku, now)
    sweep_at(now)
    attempt = order.attempts.get()
    body = sender.body_of(attempt)
    headers = {"Content-Type": "application/json",
               **sender.headers_of(body, lab.credentials["giftapi"]["partner_secret"])}
    books.settle(attempt.supplier_order_id, "completed")

    process = serve(crash_at="in_notice")
    assert post(unused_port, "/webhooks/giftapi/", body, headers) is None
    process.wait_for_crash()
    assert not Notice.objects.exists()

    order = run_until(order, now)  # nobody tells us again, and it is found all the same
    assert (order.status, bought(books, order)) == ("completed", 1)
