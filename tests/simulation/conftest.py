import pytest

from catalog.suppliers.lab import Lab

from .goods import begin_small


@pytest.fixture(scope="session")
def running_lab():
    lab = Lab()
    begin_small(lab)
    lab.url = lab.start()
    yield lab
    lab.stop()
