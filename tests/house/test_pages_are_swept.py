"""The browser looks over every page; an address with a placeholder has to say what stands there."""

import pytest

from tests.browser.sweep import AREAS, FILLED, area_of
from tests.house.test_views import addresses, owner, owner_client

__all__ = ["owner", "owner_client"]


@pytest.mark.django_db
def test_every_page_with_a_placeholder_is_filled_for_the_browser(owner_client):
    asked = {one.route for one in addresses()
             if "<" in one.route and "GET" in owner_client.delete(one.url).headers.get("Allow", "")}

    assert asked == set(FILLED), "Say in FILLED of tests/browser/sweep.py what stands in the place of the placeholder."


def test_every_address_belongs_to_one_area():
    assert {area_of(one.url) for one in addresses()} <= set(AREAS)
