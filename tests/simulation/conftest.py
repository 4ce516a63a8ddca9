import pytest

from catalog.suppliers.lab import Lab

from .world import BOUGHT_FROM


@pytest.fixture(scope="session")
def running_lab():
    """Suppliers without a past: a simulated day begins long before the one on which the lab's own history ends."""
    lab = Lab()
    for api in BOUGHT_FROM:
        lab.books[api].forget_the_past()
    lab.url = lab.start()
    yield lab
    lab.stop()
