"""An eSIM of Octopus Cards: bought, kept with its activation code, watched; nothing can be added to it."""

import pytest

from catalog.models import Supplier
from catalog.suppliers.types import ProductKind
from orders import terms
from orders.asking import inputs_of
from orders.models import Esim, Unit
from tests.esims.conftest import read
from tests.orders.shop import confirmed, mirror, run_until


@pytest.fixture
def plan(octopus, lab, now):
    Supplier.objects.filter(pk=octopus.pk).update(settings={"verticals": ["esim"], "page_size": 1})
    octopus.refresh_from_db()
    lab.books["octopus_cards"].deposit("USD", "100.00")
    return mirror(octopus, lambda product, offer: product.kind == ProductKind.ESIM, now)


def test_bought_esim_is_kept_and_read_from_its_order(plan, now):
    order = run_until(confirmed(plan, now), now)

    esim = read(Esim.objects.get())

    assert (order.status, Unit.objects.get().has_code) == ("completed", True)
    assert (esim.order, esim.word, esim.can_renew, esim.problem) == (order, "NOT_INSTALLED", False, "")
    assert esim.sealed_activation


def test_order_asks_for_no_esim_to_add_to(plan):
    assert inputs_of(plan) == []
    with pytest.raises(terms.Wrong):
        terms.check(sku=plan, quantity=1, amount=None, fields={"iccid": "8944422711108338982"})
