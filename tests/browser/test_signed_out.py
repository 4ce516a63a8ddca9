"""A session that ends under an open page: nothing that was typed is lost, and nothing goes out by itself."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_renewing import renew

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault("F72")]
PASSWORD = "a long enough password"


@pytest.fixture
def operator(staff):
    return staff("operations", username="mara", password=PASSWORD)


def sign_in_again(page):
    page.get_by_label("User name").fill("mara")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_order_form_that_was_filled_in_comes_back(enter, operator, shop):
    page = enter("operations", operator)
    page.visit(f"{reverse('orders:new')}?sku={shop.voucher.pk}")
    page.get_by_role("textbox", name="Your reference").fill("WEB-78")
    Session.objects.all().delete()

    page.get_by_role("button", name="Get price").click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    sign_in_again(page)
    expect(page.get_by_text("WEB-78")).to_be_visible()
    page.get_by_role("button", name="Send it now").click()

    expect(page.get_by_role("heading", name="Asking for the price")).to_be_visible()


def test_page_with_a_half_written_note_is_not_left(enter, operator, shop):
    order = shop.orders["unknown"]
    page = enter("operations", operator)
    page.visit(reverse("orders:order", args=[order.pk]))
    page.get_by_role("textbox", name="Note").fill("They say")
    Session.objects.all().delete()

    renew(page, "#order-live", reverse("orders:order", args=[order.pk]))
    expect(page.get_by_role("alert")).to_contain_text("What you typed stays here")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("They say")
    page.get_by_role("button", name="Add note").click()
    sign_in_again(page)
    page.get_by_role("button", name="Send it now").click()

    expect(page.get_by_text("They say")).to_be_visible()
    assert order.events.get(kind="note").text == "They say"


def test_page_without_anything_typed_leads_to_the_sign_in(enter, operator, shop):
    address = reverse("orders:order", args=[shop.orders["unknown"].pk])
    page = enter("operations", operator)
    page.visit(address)
    Session.objects.all().delete()

    renew(page, "#order-live", address)
    sign_in_again(page)

    expect(page).to_have_url(re.compile(address))
