"""Tabs stand above the filter, and follow it under htmx; a page that the browser restores comes back whole."""

import pytest

LISTS = {"/orders/": "order-tabs", "/orders/transactions/": "transaction-tabs", "/funding/deposits/": "deposit-tabs"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def lead(page_client):
    return page_client("lead")


@pytest.mark.parametrize(("address", "tabs"), LISTS.items())
def test_tabs_come_before_the_filter(lead, address, tabs):
    page = lead.get(address).content.decode()

    assert page.index(f'id="{tabs}"') < page.index(f'hx-get="{address}"')
    assert (page.count(f'id="{tabs}"'), "hx-swap-oob" in page) == (1, False)


@pytest.mark.parametrize(("address", "tabs"), LISTS.items())
def test_tabs_come_along_with_what_a_filter_changes(lead, address, tabs):
    part = lead.get(address, headers=HTMX).content.decode()

    assert f'id="{tabs}" hx-swap-oob="true"' in part
    assert "<html" not in part


@pytest.mark.parametrize("address", [*LISTS, "/funding/transactions/"])
def test_restored_page_is_whole(lead, address):
    page = lead.get(address, headers={**HTMX, "HX-History-Restore-Request": "true"}).content.decode()

    assert "<html" in page
