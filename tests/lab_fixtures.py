"""The failure lab, and the two suppliers as rows connected to it over real loopback HTTP."""

import pytest

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.lab import Lab
from tests.conforming import faults_in_calls
from tests.orders.shop import confirmed, mirror, run_until


@pytest.fixture(scope="session")
def running_lab():
    """One lab for all tests of a process; use `lab`, which cleans it first."""
    lab = Lab()
    lab.url, lab.keeps_answers = lab.start(), True
    yield lab
    lab.stop()


@pytest.fixture
def lab(running_lab):
    """The stand-in suppliers with fresh books and no faults; `lab.url` is where they live.

    After the test, what was asked and what was answered has to obey the suppliers' contracts.
    """
    running_lab.reset()
    yield running_lab
    assert faults_in_calls(running_lab.heard) == []


@pytest.fixture
def plexy(db, lab):
    """A Plexy Gate connection named `plexy`, with working credentials."""
    return connected("plexy", "plexy_gate", lab)


@pytest.fixture
def giftapi(db, lab):
    """A GiftAPI connection named `giftapi`, with working credentials."""
    return connected("giftapi", "giftapi", lab)


@pytest.fixture
def octopus(db, lab):
    """An Octopus Cards connection named `octopus`, with working credentials."""
    return connected("octopus", "octopus_cards", lab)


@pytest.fixture
def live(octopus, lab, now):
    """A game top-up that its supplier has accepted and not ended."""
    lab.books["octopus_cards"].deposit("USD", "100.00")
    lab.fail("octopus_cards", "createTopupOrder", "hold")
    octopus.settings = {"verticals": ["topup"], "page_size": 1}
    octopus.save()
    sku = mirror(octopus, lambda product, price: product.ref == "topup:4218" and price.price, now)
    fields = {field["name"]: (field["choices"] or ["5123456789"])[0] for field in sku.product.fields}
    return run_until(confirmed(sku, now, fields=fields), now, stop=["accepted"])


@pytest.fixture
def wallet(db, lab):
    """A game wallet connection named `wallet`, with working credentials."""
    return connected("wallet", "game_wallet", lab)


def connected(name, api, lab):
    """A supplier row with working credentials for the lab."""
    supplier = Supplier.objects.create(name=name, api=api, base_url=f"{lab.url}/{api}")
    gateway.keep_credentials(supplier, lab.credentials[api])
    supplier.refresh_from_db()
    return supplier
