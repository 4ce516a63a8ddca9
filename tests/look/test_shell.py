"""The frame around every page: navigation, sign-in, and the pages that say no."""

import re
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import path, resolve, reverse

from catalog.access import page
from config.refusals import server_error
from config.urls import urlpatterns as real
from monitoring import roles

pytestmark = pytest.mark.django_db


@page("orders.reveal_code")
def secret(request):
    """Never reached by whom these tests send."""


def broken(request):
    raise RuntimeError("drawn by the 500 page")


urlpatterns = [*real, path("secret/", secret), path("broken/", broken)]
with_these_pages = pytest.mark.urls("tests.look.test_shell")


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def navigation(user, path="/", **counts):
    request = RequestFactory().get(path)
    request.user, request.resolver_match = user, resolve(path)
    return Template("{% load navigation %}{% navigation %}").render(Context({"request": request, "nav_counts": counts}))


def test_navigation_shows_only_what_opens(staff):
    shown = navigation(staff("finance"))

    assert "Funding" in shown
    assert "Admin" not in shown


def test_navigation_of_a_stranger_is_empty():
    assert "<li" not in navigation(AnonymousUser())


def test_navigation_counts_work(staff):
    counts = {"orders": 6, "unknown": 3, "parked": 2, "unmatched": 4}
    shown = navigation(staff("lead"), **counts)

    assert re.search(r'"nav-word">Orders</span><span class="nav-count">10<', shown)
    assert re.search(r'All orders</span><span class="nav-count">6<', navigation(staff("lead"), "/orders/", **counts))


def test_navigation_marks_the_page(staff):
    shown = navigation(staff("lead"), path="/funding/")

    assert shown.count('aria-current="page"') == 1
    assert 'href="/funding/" aria-current="page"' in shown


@pytest.mark.parametrize(("desk", "queue"), [("evidence", "unknown"), ("approval", "approvals")])
def test_desk_of_one_order_belongs_to_its_queue(staff, desk, queue):
    shown = navigation(staff("lead"), reverse(f"orders:{desk}", args=[uuid.uuid4()]))

    assert re.findall(r'<a href="([^"]+)" aria-current="page"', shown) == [f"/orders/{queue}/"]


def test_page_without_navigation_counts_still_renders(staff):
    assert "nav-count" not in navigation(staff("lead"))


def test_sign_in_page_names_its_fields(client):
    shown = client.get("/login/").content.decode()

    assert 'autocomplete="username"' in shown
    assert 'autocomplete="current-password"' in shown


def test_wrong_password_is_told_without_saying_which(client, staff):
    staff("support", username="mara")
    answers = [words(client.post("/login/", {"username": name, "password": "wrong"})) for name in ("mara", "nobody")]

    assert all("That name and password do not match." in answer for answer in answers)


def test_locked_sign_in_says_when_it_opens(client, staff, settings):
    settings.AXES_FAILURE_LIMIT = 2
    staff("support", username="mara")
    for _ in range(2):
        answer = client.post("/login/", {"username": "mara", "password": "wrong"})

    assert "opens again by itself after 15 minutes" in words(answer)


@with_these_pages
def test_refusal_names_the_permission_and_who_can_help(page_client):
    roles.install()

    answer = page_client("finance").get("/secret/")

    assert answer.status_code == 403
    assert "Can reveal delivered codes" in words(answer)
    assert re.search(r"People who can open it: [\w, ]*support", words(answer))


@with_these_pages
def test_broken_page_says_where_to_look(page_client):
    client = page_client("lead")
    client.raise_request_exception = False
    answer = client.get("/broken/")

    assert answer.status_code == 500
    assert "look for it in the order list before you try again" in words(answer)


def test_missing_page_says_so(page_client):
    answer = page_client("lead").get("/no-such-page/")

    assert answer.status_code == 404
    assert "There is no such page" in words(answer)


def test_stale_form_says_nothing_was_sent(staff):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"username": "mara", "password": "x"})

    assert answer.status_code == 403
    assert "Nothing was sent and nothing changed" in words(answer)


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html", "503.html"])
def test_error_pages_need_no_context(name):
    assert "<h1>" in render_to_string(name)


def test_page_of_a_database_that_is_away_leads_back_to_where_one_was(rf):
    for request, again in ((rf.get("/orders/?q=a&status=open"), "/orders/?q=a&amp;status=open"), (rf.post("/x/"), "/")):
        try:
            raise OperationalError
        except OperationalError:
            answer = server_error(request)

        assert answer.status_code == 503
        assert f'href="{again}">Try again' in answer.content.decode()


def test_password_page_is_in_the_dress(page_client):
    assert "Change password" in words(page_client("support").get("/password/"))


def test_admin_leads_back_to_the_staff_pages(admin_client):
    assert "Back to the staff pages" in words(admin_client.get("/admin/"))


def test_form_links_hint_and_error_to_the_field(page_client):
    answer = page_client("support").post("/password/", {"old_password": "wrong", "new_password1": "x"})
    shown = answer.content.decode()

    assert 'id="id_old_password_error"' in shown
    assert re.search(r'name="old_password"[^>]*aria-invalid="true"[^>]*aria-describedby="id_old_password_error"', shown)
    assert 'href="#id_old_password"' in shown
