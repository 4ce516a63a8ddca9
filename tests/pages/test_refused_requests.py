"""A request that is refused gets a page of ours that says what to do, and leaves one line in the log."""

import logging

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from config import refusals
from config.logs import RefusalsInOneLine

TOO_MUCH = "text=" + "y" * 10_000_000


@pytest.fixture
def lines(settings):
    """What the log holds, formatted as in production."""
    told = []

    class Keep(logging.Handler):
        def emit(self, record):
            told.append(self.format(record))

    handler = Keep()
    handler.addFilter(RefusalsInOneLine())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield told
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def visitor(page_client):
    client = page_client("finance", enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    return client


@pytest.mark.parametrize(("ask", "status", "says", "logged"), [
    (lambda one: one.get("/orders/new/"), 403, "not open to you", "/orders/new/ (orders.place_order)"),
    (lambda one: one.get("/orders/nothing/"), 404, "no such page", "404 Not Found: /orders/nothing/"),
    (lambda one: one.get("/logout/"), 405, "only takes a form", "405 Method Not Allowed (GET): /logout/"),
    (lambda one: one.post("/logout/", {"x": "1"}), 403, "form is too old", "403 Forbidden (CSRF"),
    (lambda one: one.post("/logout/", {str(n): "1" for n in range(300)}), 400, "could not be understood", "POST /logout/"),
    (lambda one: one.post("/logout/", TOO_MUCH, "application/x-www-form-urlencoded"), 413, "too large",
     "413 Request Entity Too Large: /logout/"),
    (lambda one: one.post("/nothing/", TOO_MUCH, "application/x-www-form-urlencoded"), 413, "too large", "/nothing/"),
    (lambda one: one.get("/", headers={"host": "evil.example"}), 400, "ALLOWED_HOSTS", "evil.example"),
])
def test_refused_request_gets_a_page_and_one_line(visitor, lines, ask, status, says, logged):
    answer = ask(visitor)

    assert answer.status_code == status
    page = answer.content.decode()
    assert says in page
    assert 'class="brand"' in page
    assert int(answer.headers.get("Content-Length", len(answer.content))) == len(answer.content)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(lines) == 1
    assert logged in lines[0]
    assert "\n" not in lines[0]


def test_error_of_ours_keeps_its_traceback(lines):
    try:
        1 / 0  # noqa: B018 - to have a traceback
    except ZeroDivisionError:
        logging.getLogger("django.request").exception("Internal Server Error: /", extra={"status_code": 500})

    assert "Traceback" in lines[0]


def test_path_cannot_forge_a_line(visitor, lines):
    visitor.get("/orders/%0A2026-01-01%20ERROR%20forged/")

    assert [line.count("\n") for line in lines] == [0]


def test_forms_of_the_usual_size_pass(db):
    answer = Client().post("/login/", {"username": "x" * 1000, "password": "y" * 1000})

    assert answer.status_code == 200


def test_large_form_is_read_to_its_end_so_that_a_browser_shows_the_answer():
    request = RequestFactory().post("/", TOO_MUCH, "application/x-www-form-urlencoded")

    assert refusals.refusal_pages(None)(request).status_code == 413
    assert request.environ["wsgi.input"].read() == b""


def test_log_of_the_settings_uses_the_filter():
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["refusals"]
