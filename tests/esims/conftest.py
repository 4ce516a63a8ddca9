"""eSIMs of the lab, the shop that sells packages for them, and the usual steps in one call each."""

import uuid
from types import SimpleNamespace

import pytest

from catalog import clock
from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID, SPENT_ICCID
from catalog.suppliers.types import ProductKind
from funding import refreshing
from orders import esims, placing, quoting, sweep, terms
from orders.models import Esim, Order
from tests.orders.shop import mirror


@pytest.fixture
def books(lab):
    lab.books["giftapi"].pace(seconds=0, reads=0)
    return lab.books["giftapi"]


@pytest.fixture
def pack(giftapi, books, now):
    """A data package as the catalog mirrors it, with money to buy it."""
    books.deposit("USD", "1000.00")
    refreshing.read_balances(supplier=giftapi, now=now)
    return mirror(giftapi, lambda product, offer: product.kind == ProductKind.ESIM, now)


@pytest.fixture
def known(giftapi, now):
    """An eSIM that can be topped up, read."""
    return read(esims.enter(supplier=giftapi, iccid=KNOWN_ICCID, by=None, now=now))


@pytest.fixture
def spent(giftapi, now):
    """An eSIM that cannot be topped up, read."""
    return read(esims.enter(supplier=giftapi, iccid=SPENT_ICCID, by=None, now=now))


@pytest.fixture
def buy(pack):
    """`buy()`: a new eSIM; `buy(iccid)`: the package added to that one. The order as it is once it was sent and followed."""

    def bought(iccid="", *, repeat=False):
        order = confirm(pack, iccid, repeat=repeat)
        sweep.run_order(order_id=order.pk, now=clock.now())
        return Order.objects.get(pk=order.pk)

    return bought


def priced(pack, iccid=""):
    """The terms and the fetched quote of a purchase."""
    wanted = terms.check(sku=pack, quantity="1", amount=None, fields={"iccid": iccid} if iccid else {})
    quote = quoting.record(sku=pack, terms=wanted, by=None, now=clock.now())
    return SimpleNamespace(terms=wanted, quote=quoting.fetch(quote=quote, now=clock.now()))


def confirm(pack, iccid="", *, repeat=False, price=None):
    price = price or priced(pack, iccid)
    return placing.confirm(
        token=uuid.uuid4(), sku=pack, terms=price.terms, quote=price.quote, reference="", by=None, now=clock.now(),
        repeat=repeat)


def read(esim, at=None):
    """Read `esim` now if it is due; the row as it is afterwards."""
    esims.read(pk=esim.pk, now=at or clock.now(), clock=clock.now)
    return Esim.objects.get(pk=esim.pk)
