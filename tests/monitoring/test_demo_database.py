"""Which databases the demo writes into: an empty one, and one that a demo opened."""

import pytest

from catalog.models import Supplier
from monitoring.demo import connections

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected():
    """A factory: a supplier's row, as a lead would make it."""
    return lambda name, url: Supplier.objects.create(name=name, api="plexy_gate", base_url=url)


def test_shop_of_a_demo_may_have_been_connected_to_more(connected):
    connected("plexy-demo", "http://127.0.0.1:36275/plexy_gate")
    connected("plexy-main", "https://plexy.example")

    connections.refuse_real_shop()


@pytest.mark.parametrize("rows", [
    {"plexy-main": "https://plexy.example"},
    {"plexy-main": "https://plexy.example", "plexy-demo": "https://sandbox.plexy.example"},
])
def test_shop_that_no_demo_opened_is_left_alone(connected, rows):
    for name, url in rows.items():
        connected(name, url)

    with pytest.raises(connections.RealShop, match="plexy-main"):
        connections.refuse_real_shop()
