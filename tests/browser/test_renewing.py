"""What renews itself disturbs nobody: focus, open panels and typed words stay, and what changed is said aloud."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog import clock
from monitoring import alerting
from orders.models import UnmatchedPurchase

pytestmark = pytest.mark.django_db(transaction=True)


def renew(page, element, address):
    """What the clock of the page does, at once."""
    page.evaluate(
        "([element, address]) => htmx.ajax('GET', address, {source: element, target: element, swap: 'outerHTML'})",
        [element, address])


@pytest.fixture
def purchases(giftapi):
    """Two that nobody knows; one of them is just being made an order, so the list renews itself."""
    return [UnmatchedPurchase.objects.create(
        supplier=giftapi, supplier_order_id=f"G-{state}", state=state, word="completed", total="9.40", currency="USD",
        first_seen_at=clock.now()) for state in ("adopting", "open")]


def test_focus_stays_where_it_was_when_the_home_page_renews_itself(enter, shop, complaints):
    page = enter("lead")
    page.visit("/")
    link = page.get_by_role("link", name="giftapi", exact=True)
    link.focus()

    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        renew(page, "#home-board", "/")

    expect(link).to_be_focused()
    assert complaints == []


def test_open_panel_keeps_what_is_being_typed_into_it(enter, purchases):
    page = enter("operations")
    page.visit(reverse("orders:unmatched"))
    page.get_by_text("Decide").click()
    note = page.get_by_label("Or say what it was")
    note.fill("Bought by ha")

    renew(page, "#unmatched-purchases", reverse("orders:unmatched"))

    expect(note).to_be_focused()
    page.keyboard.type("nd")
    expect(note).to_have_value("Bought by hand")


def test_screen_readers_hear_that_more_waits(enter):
    page = enter("operations")
    page.visit("/")
    alerting.raise_alert(
        key="x", severity="warning", title="Something waits", text="Look.", url="/", now=clock.now())

    renew(page, "#home-board", "/")

    expect(page.locator("#announcer")).to_contain_text("Alerts: 1")
