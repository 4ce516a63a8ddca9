"""A reference as long as one may be pushes no column of a list out of sight."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_longest_reference_leaves_the_list_of_orders_whole(enter, shop, width):
    Order.objects.filter(pk=shop.orders["completed"].pk).update(reference="N" * 40)
    page = enter("operations")
    page.set_viewport_size({"width": width, "height": 800})
    page.visit(reverse("orders:list"))

    expect(page.get_by_role("link", name="N" * 40)).to_be_visible()
    beyond = page.locator("main .table-responsive").evaluate("one => one.scrollWidth - one.clientWidth")
    assert beyond <= 1
