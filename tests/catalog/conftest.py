import pytest
from django.core.cache import cache

from catalog import gateway, sync
from catalog.models import Supplier

from .shop import Shop


@pytest.fixture
def supplier(db):
    return Supplier.objects.create(name="plexy-one", api="plexy_gate", base_url="https://plexy.test")


@pytest.fixture
def shop(monkeypatch):
    """A supplier of 25 products; the gateway connects to it."""
    one = Shop()
    monkeypatch.setattr(gateway, "connect", lambda supplier: one)
    monkeypatch.setattr(gateway, "supports", lambda supplier, port: True)
    return one


@pytest.fixture
def run_sync(supplier, shop, now):
    """Sync the shop once; the finished run."""
    def once(**options):
        return sync.sync(supplier=supplier, started_by="test", now=now, **options)
    return once


@pytest.fixture(autouse=True)
def fresh_filters():
    cache.clear()


@pytest.fixture
def client(page_client):
    """A signed-in person of operations."""
    return page_client("operations")
