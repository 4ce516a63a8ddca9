from catalog import gateway
from catalog.suppliers import ports

from .goods import BOUGHT_FROM


def test_every_supplier_that_can_be_bought_from_is_simulated():
    assert set(BOUGHT_FROM) == set(gateway.apis_with(ports.OrderDesk))
