"""Every address: who may open it, by which method, and never without the form's token."""

import uuid
from collections import namedtuple

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver

from monitoring.roles import GROUPS

# Django's own pages, what machines ask, and the suppliers' way in, which proves itself by signature.
OPEN_ROUTES = ("login/", "logout/", "password/", "confirm/", "livez", "readyz", "metrics", "static/", "webhooks/", "admin/")
EXAMPLES = {"int": "1", "uuid": str(uuid.UUID(int=1)), "slug": "x", "str": "x", "path": "x"}
POLICIES = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control")
Address = namedtuple("Address", "route url view")


def addresses(patterns=None, before=""):
    """Each address of the house with an example URL; the admin's own are Django's business."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(route, _example(route), pattern.callback)
        elif not route.startswith("admin/"):
            yield from addresses(pattern.url_patterns, route)


def _example(route):
    parts = [EXAMPLES[part.strip("<>").split(":")[0]] if part.startswith("<") and ":" in part
             else "x" if part.startswith("<") else part for part in _split(route)]
    return "/" + "".join(parts)


def _split(route):
    return route.replace("<", "\0<").replace(">", ">\0").split("\0")


def guarded():
    return [address for address in addresses() if not address.route.startswith(OPEN_ROUTES)]


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_superuser("owner", password="a long enough password")


@pytest.fixture
def owner_client(owner):
    client = Client(raise_request_exception=False)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_view_declares_a_permission():
    assert [address.route for address in guarded() if not getattr(address.view, "permission", "")] == []


@pytest.mark.django_db
def test_declared_permissions_exist():
    known = {f"{one.content_type.app_label}.{one.codename}"
             for one in Permission.objects.select_related("content_type")}

    assert {address.view.permission for address in guarded()} - known == set()


@pytest.mark.django_db
def test_strangers_are_sent_to_sign_in():
    client = Client()

    assert [address.route for address in guarded()
            if not client.get(address.url).headers.get("Location", "").startswith("/login/")] == []


@pytest.mark.django_db
def test_staff_without_permission_are_refused(django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_user("newcomer"),
                       backend="django.contrib.auth.backends.ModelBackend")

    assert [address.route for address in guarded() if client.get(address.url).status_code != 403] == []


@pytest.mark.django_db
def test_every_view_names_its_methods(owner_client):
    assert [address.route for address in guarded() if owner_client.delete(address.url).status_code != 405] == []


@pytest.mark.django_db
def test_other_methods_are_refused(owner_client):
    wrong = []
    for address in guarded():
        allowed = owner_client.delete(address.url).headers.get("Allow", "")
        wrong += [f"{verb} {address.route}" for verb in ("GET", "POST")
                  if verb not in allowed and owner_client.generic(verb, address.url).status_code != 405]

    assert wrong == []


@pytest.mark.django_db
def test_posting_without_the_token_is_refused(owner, settings):
    settings.CSRF_FAILURE_VIEW = "tests.house.test_views.token_missing"
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")

    assert [address.route for address in addresses() if not address.route.startswith("webhooks/")
            and client.post(address.url).content != b"token missing"] == []


def token_missing(request, reason=""):
    return HttpResponse("token missing", status=403)


def test_every_permission_belongs_to_some_group():
    held = {permission for permissions in GROUPS.values() for permission in permissions}

    assert {address.view.permission for address in guarded()} - held == set()


@pytest.mark.django_db
def test_every_page_opens_in_an_empty_shop(owner_client):
    """Nothing is there yet: pages say so, and what is asked for by a made-up id is not found."""
    answers = {address.route: owner_client.get(address.url).status_code for address in addresses()}

    assert {route: status for route, status in answers.items() if status not in (200, 302, 404, 405)} == {}


@pytest.mark.django_db
def test_every_answer_carries_the_policies(owner_client):
    bare = []
    for address in guarded():
        headers = owner_client.get(address.url).headers
        bare += [f"{address.route}: {name}" for name in POLICIES if name not in headers]

    assert bare == []
