import pytest

from catalog.suppliers.lab import Lab


@pytest.fixture(scope="session")
def running_lab():
    """Suppliers without a past: a simulated day begins long before the one on which the lab's own history ends."""
    lab = Lab()
    for books in lab.books.values():
        books.forget_the_past()
    lab.url = lab.start()
    yield lab
    lab.stop()
