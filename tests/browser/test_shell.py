"""Keys, theme, menus and the phone's navigation: what the shell does in a browser."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_keys_search_go_and_help(enter, complaints):
    page = enter("lead")
    page.visit("/")

    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("gm?")  # letters belong to the field now
    expect(page.locator("#search")).to_have_value("gm?")
    page.locator("#search").blur()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).not_to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("/monitoring/$"))
    assert complaints == []


def test_keys_can_be_switched_off(enter):
    page = enter("lead")
    page.visit("/")

    page.keyboard.press("?")
    page.get_by_label("Use shortcuts in this browser").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.keyboard.press("/")

    expect(page.locator("#search")).not_to_be_focused()


def test_theme_is_kept(enter):
    page = enter("lead")
    page.visit("/")

    page.get_by_label("Signed in as").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.visit("/admin/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_skip_link_leads_to_the_content(enter):
    page = enter("lead")
    page.visit("/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_phone_navigation_opens_and_closes(enter):
    page = enter("lead")
    page.set_viewport_size({"width": 320, "height": 640})
    page.visit("/")

    expect(page.get_by_role("link", name="Monitoring")).not_to_be_visible()
    page.get_by_role("button", name="Open navigation").click()
    expect(page.get_by_role("link", name="Monitoring")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Monitoring")).not_to_be_visible()
    expect(page.get_by_role("button", name="Open navigation")).to_be_focused()


def test_signing_out_ends_the_session(enter):
    page = enter("support")
    page.visit("/")

    page.get_by_label("Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    page.visit("/")

    expect(page).to_have_url(re.compile("/login/"))
