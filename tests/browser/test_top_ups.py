"""Topping up in a real browser: a game account, a phone found by its number, seven vouchers, a receipt sent elsewhere."""

import re

import pytest
from playwright.sync_api import expect

from catalog import clock, sync
from catalog.models import Sku, Supplier
from funding import refreshing
from orders.models import Order, ReceiptAddress
from tests.browser.test_journeys import worker

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "octopus_cards"

__all__ = ["worker"]


@pytest.fixture
def counter(octopus, lab):
    """Octopus Cards with its whole catalog mirrored; gives its books."""
    Supplier.objects.filter(pk=octopus.pk).update(settings={"reads_per_minute": 0})
    octopus.refresh_from_db()
    for currency in ("USD", "INR"):
        lab.books[NAME].deposit(currency, "5000.00")
    sync.sync(supplier=octopus, started_by="test", now=clock.now())
    refreshing.refresh(supplier=octopus, now=clock.now())
    return lab.books[NAME]


def sku_of(product, name):
    return Sku.objects.get(product__supplier_ref=product, name=name)


def agree(page, worker):
    """From the filled form over the price to the placed order."""
    page.get_by_role("button", name="Get price").click()
    expect(page.get_by_text("Asking for the price")).to_be_visible()
    worker()
    page.get_by_role("button", name=re.compile("^Place order for")).click()
    expect(page.locator("#order-badge")).to_have_text("Queued")
    worker()


def finish(page, worker):
    worker(minutes=1)
    expect(page.locator("#order-badge")).to_have_text("Completed")


def test_staff_top_up_by_account_by_phone_and_by_vouchers(counter, lab, enter, complaints, accessibility_faults, worker):
    """One shop, because mirroring it is what takes long."""
    page = enter("operations")
    _game(page, lab, worker)
    _receipt(page, worker)
    _phone(page, worker, accessibility_faults)
    _vouchers(page, worker)

    assert [len(counter.purchases(order.attempts.get().ref)) for order in Order.objects.all()] == [1, 1, 1]
    assert [said for said in complaints if "422" not in said] == []  # the number that was typed wrong


def _game(page, lab, worker):
    """Player and server; the order then stays open at the supplier, so that its receipt can be changed."""
    page.visit(f"/orders/new/?sku={sku_of('topup:4218', '325 UC').pk}")
    page.get_by_label("Player ID").fill("5123456789")
    page.get_by_label("Server").select_option("asia")
    page.get_by_label("Your reference").fill("GAME-1")
    lab.fail(NAME, "createTopupOrder", "hold")
    agree(page, worker)
    expect(page.locator("#order-badge")).to_have_text("Accepted")


def _receipt(page, worker):
    card = page.locator("#order-receipt")
    for email in ("first@example.org", "second@example.org"):
        card.get_by_label(re.compile("address")).fill(email)
        card.get_by_role("button").click()
        expect(card).to_contain_text("is being told")
        worker()
        expect(card).to_contain_text(f"The supplier writes to {email}")
    assert ReceiptAddress.objects.get().state == "kept"


def _phone(page, worker, accessibility_faults):
    page.visit("/orders/new/")
    page.get_by_role("link", name=re.compile("Recharge a phone")).click()
    page.get_by_label("Phone number").fill("91 98123 45671")
    page.get_by_role("button", name="Find the operator").click()
    expect(page.locator("#recharge-flow")).to_contain_text("Write it as +919812345671")
    page.get_by_label("Phone number").fill("+919812345671")
    page.get_by_role("button", name="Find the operator").click()
    expect(page.get_by_text("Looking for the operator")).to_be_visible()
    worker()
    expect(page.get_by_text("best guess")).to_be_visible()
    assert accessibility_faults(page) == []
    if page.get_by_role("link", name=re.compile("^Choose")).count():
        page.get_by_role("link", name=re.compile("^Choose")).first.click()
    page.locator("section[aria-label=Plans]").get_by_role("link").first.click()
    expect(page.get_by_label("Phone number")).to_have_value("+919812345671")
    amount = page.get_by_label(re.compile("^Amount"))
    if amount.count():
        amount.fill("100")
    agree(page, worker)
    finish(page, worker)


def _vouchers(page, worker):
    page.visit(f"/orders/new/?sku={sku_of('voucher:311', '5 USD').pk}")
    page.get_by_label("Quantity").fill("7")
    agree(page, worker)
    finish(page, worker)
    expect(page.locator("#order-units")).to_contain_text("7 units delivered")
