"""The days of staff, end to end: browser, pages, domain, and the suppliers' stand-ins over real HTTP."""

import re
from datetime import timedelta

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from playwright.sync_api import expect

from catalog import clock
from catalog.models import Supplier
from funding.models import Account
from orders import sweep
from orders.models import Event, Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    """`worker()` does once what the background worker would do in `minutes`: the queued tasks, then all that is due."""

    def work(minutes=0):
        for queued in OrmQ.objects.order_by("pk"):
            task = queued.task
            queued.delete()
            import_string(task["func"])(*task["args"], **task["kwargs"])
        sweep.run_due(now=clock.now() + timedelta(minutes=minutes))

    return work


def test_order_is_placed_watched_and_its_code_revealed(shop, live_server, context, complaints, staff, worker):
    mara = staff("operations", username="mara", password="a long enough password")
    mara.groups.add(*staff("support").groups.all())
    page = context.new_page()

    sign_in(page, live_server.url)
    find_product(page)
    order(page, worker)
    reveal(page, reason="Buyer WEB-77 asked for it again")

    placed = Order.objects.get(reference="WEB-77")
    assert placed.status == "completed"
    assert placed.placed_by == mara
    assert list(placed.events.filter(kind=Event.Kind.REVEALED).values_list("by", flat=True)) == [mara.pk]
    assert len(shop.lab.books["plexy_gate"].purchases(placed.attempts.get().ref)) == 1
    assert complaints == []


def sign_in(page, url):
    page.goto(url)
    page.get_by_label("User name").fill("mara")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def find_product(page):
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Catalog").click()
    page.locator("#product-filters").get_by_label("Search").fill("xbox 10 usd")
    page.get_by_role("rowheader", name="Xbox Gift Card 10 USD").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xbox Gift Card 10 USD")


def order(page, worker):
    """Order it, agree to the price that the worker fetched, and stay on the page until it says Completed by itself."""
    page.locator("main").get_by_role("link", name=re.compile("^Order")).first.click()
    page.get_by_label("Your reference").fill("WEB-77")
    page.get_by_role("button", name="Get price").click()
    expect(page.get_by_text("Asking for the price")).to_be_visible()
    worker()
    page.get_by_role("button", name=re.compile("^Place order for")).click()
    expect(page.locator("#order-badge")).to_have_text("Queued")
    worker()
    expect(page.locator("#order-badge")).to_have_text("Accepted", timeout=15000)
    worker(minutes=1)
    expect(page.locator("#order-badge")).to_have_text("Completed", timeout=15000)


def reveal(page, *, reason):
    code = page.locator("#order-units").get_by_role("cell").first
    expect(code).to_contain_text("••••")
    page.get_by_label("Why is the code needed?").fill(reason)
    page.get_by_role("button", name="Reveal").click()
    shown = page.get_by_role("button", name="Copy code").get_attribute("data-copy")
    expect(page.locator("#order-units")).to_contain_text(shown)
    page.get_by_role("link", name="Hide").click()
    expect(code).to_contain_text("••••")
    assert shown not in page.content()
    assert shown not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


def test_overdrawn_account_is_seen(shop, enter, complaints):
    page = enter("finance")
    page.visit("/")

    account = page.get_by_role("row").filter(has=page.get_by_role("link", name="giftapi USD", exact=True))
    expect(account).to_contain_text("Overdrawn")
    account.get_by_role("link").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Overdrawn")
    assert Account.objects.get(supplier=shop.giftapi).state == "overdrawn"
    assert complaints == []


def test_new_supplier_is_connected_in_the_admin(lab, enter, complaints, admin_user, worker):
    page = enter("lead", user=admin_user)

    page.visit("/admin/catalog/supplier/")
    page.get_by_role("link", name="Add supplier").last.click()
    page.get_by_role("link", name="GiftAPI").click()
    page.get_by_label("Name:", exact=True).fill("gift-eu")
    page.get_by_label("Base address").fill(f"{lab.url}/giftapi")
    page.get_by_label("Token:").fill(lab.credentials["giftapi"]["token"])
    page.get_by_label("Partner secret:").fill(lab.credentials["giftapi"]["partner_secret"])
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("The connection is being tested")).to_be_visible()
    worker()
    expect(page.locator("#connection-test")).to_contain_text("1 balance read.")
    supplier = Supplier.objects.get(name="gift-eu")
    page.visit("/admin/catalog/supplier/" + f"{supplier.pk}/change/")
    assert lab.credentials["giftapi"]["token"] not in page.content()
    assert complaints == []


def test_polling_stops_when_the_order_is_final(shop, enter):
    page = enter("support")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "seen=" in request.url else None)
    page.visit(f"/orders/{shop.orders['completed'].pk}/")

    page.wait_for_timeout(2500)

    assert asked == []


def test_list_is_walked_by_keys(shop, enter):
    page = enter("operations")
    page.visit("/orders/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("tbody tr").nth(1)
    expect(second.get_by_role("link").first).to_be_focused()
    reference = second.get_by_role("link").first.inner_text()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)


def test_search_finds_an_order_by_its_reference(shop, enter):
    page = enter("support")
    page.visit("/")

    page.keyboard.press("/")
    page.keyboard.type("SHOP-2")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("SHOP-2")
