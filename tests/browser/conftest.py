"""A real browser in front of a real server: signed-in pages, and an ear for what the browser complains about."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.browser.shop import shop
from tests.conftest import CHROMIUM
from tests.people import confirm

__all__ = ["shop"]

LOUD = ("error", "warning")
PATIENCE = 30_000  # ms: a slow machine is no fault of the page
SIZES = {"wide": (1440, 900), "narrow": (320, 640), "phone": (390, 780)}


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def pages_beside_a_running_loop():
    """Playwright keeps an event loop in this thread, and Django would then refuse its own queries here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def complaints(context):
    """What the browser said aloud on any page: errors of scripts, refused styles and files, failed loads."""
    heard = []
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)

    def listen(page):
        page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
        page.on("console", lambda said: heard.append(f"{page.url}: {said.text}") if said.type in LOUD else None)

    context.on("page", listen)
    return heard


@pytest.fixture
def enter(live_server, context, complaints, staff):
    """`enter("lead")` is a page in which such a person is signed in; `page.visit("/orders/")` opens an address."""

    def signed_in(group, user=None):
        client = Client()
        client.force_login(user or staff(group), backend="django.contrib.auth.backends.ModelBackend")
        confirm(client)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.visit = lambda address: page.goto(live_server.url + address, wait_until="load")
        return page

    return signed_in


@pytest.fixture
def accessibility_faults(complaints):
    """`accessibility_faults(page)` names what axe finds wrong, with the elements; `only` narrows it to one rule.

    What axe itself provokes in the console is not heard.
    """
    checker = Axe()

    def faults(page, only=None):
        heard = len(complaints)
        narrowed = {"runOnly": [only]} if only else {}
        found = checker.run(page, options={"resultTypes": ["violations"], **narrowed}).response["violations"]
        del complaints[heard:]
        return [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found]

    return faults
