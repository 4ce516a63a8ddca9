"""Sync over real HTTP against the stand-in suppliers: the same promises for each of them."""

from decimal import Decimal

import pytest

from catalog import sync
from catalog.models import Call, CircuitState, Product, Sku
from catalog.suppliers.types import ProductKind

pytestmark = pytest.mark.django_db
FAULTS = [
    ("page_error", {}, "page 2"),
    ("page_empty", {}, "page 2"),
    ("page_repeat", {}, "page 2"),
    ("page_endless", {}, "products"),
    ("html", {"when": "before"}, "page 1"),
    ("truncated", {"when": "before"}, "page 1"),
    ("malformed", {"what": "nan"}, "page 1"),
    ("empty", {}, "page 1"),
]


@pytest.fixture(params=["plexy_gate", "giftapi"])
def supplier(request, plexy, giftapi):
    chosen = {"plexy_gate": plexy, "giftapi": giftapi}[request.param]
    chosen.settings = {"page_size": 40}
    chosen.save()
    return chosen


@pytest.fixture
def run_sync(supplier, now):
    return lambda: sync.sync(supplier=supplier, started_by="test", now=now)


def a_fixed_sku(supplier):
    return Sku.objects.select_related("product").filter(supplier=supplier, denomination="fixed").order_by("id").first()


def counts(run):
    return run.created, run.changed, run.retired


def test_first_walk_mirrors_the_whole_catalog(run_sync, supplier):
    run = run_sync()

    assert (run.status, run.error, run.warnings) == ("complete", "", [])
    assert run.created == Product.objects.count() > 150
    assert not Product.objects.filter(kind=ProductKind.UNKNOWN).exists()
    assert not Sku.objects.filter(denomination="fixed", price=None).exists()


def test_second_walk_finds_nothing_new(run_sync):
    first = run_sync()

    second = run_sync()

    assert counts(second) == (0, 0, 0)
    assert second.unchanged == first.created
    assert not second.changes.exists()


def test_price_that_moved_is_recorded(run_sync, supplier, lab):
    run_sync()
    sku = a_fixed_sku(supplier)
    lab.books[supplier.api].set_price(sku.supplier_ref, "77.77")

    run = run_sync()

    assert counts(run) == (0, 1, 0)
    change = run.changes.get(kind="price")
    assert (change.sku, change.old_price, change.new_price) == (sku, sku.price, Decimal("77.77"))


def test_product_that_went_and_came_back(run_sync, supplier, lab):
    run_sync()
    product = a_fixed_sku(supplier).product
    lab.books[supplier.api].retire(product.supplier_ref)

    assert counts(run_sync()) == (0, 0, 1)
    product.refresh_from_db()
    assert product.gone_at

    lab.books[supplier.api].restore(product.supplier_ref)
    assert counts(run_sync()) == (0, 1, 0)
    product.refresh_from_db()
    assert product.gone_at is None


@pytest.mark.parametrize(("fault", "options", "where"), FAULTS)
def test_broken_list_publishes_nothing_and_says_where(run_sync, supplier, lab, fault, options, where):
    lab.fail(supplier.api, "listProducts", fault, times=None, **options)

    run = run_sync()

    assert run.status == "failed"
    assert where in run.error
    assert not Product.objects.exists()


def test_broken_list_leaves_the_mirror_as_it_was(run_sync, supplier, lab):
    run_sync()
    sku = a_fixed_sku(supplier)
    lab.books[supplier.api].set_price(sku.supplier_ref, "77.77")
    lab.fail(supplier.api, "listProducts", "page_error", times=None)

    run_sync()

    assert Sku.objects.get(pk=sku.pk).price == sku.price
    assert not Product.objects.filter(gone_at__isnull=False).exists()


def test_one_hiccup_is_asked_again(run_sync, supplier, lab):
    lab.fail(supplier.api, "listProducts", "close", times=1)

    assert run_sync().status == "complete"


def test_refused_key_is_said_in_plain_words(run_sync, supplier, lab):
    lab.fail(supplier.api, "*", "revoked")

    run = run_sync()

    assert run.status == "failed"
    assert "Traceback" not in run.error
    assert CircuitState.objects.get(supplier=supplier).state == "closed"


def test_every_call_is_in_the_log_without_secrets(run_sync, supplier, lab):
    run_sync()

    rows = str(list(Call.objects.values()))
    assert Call.objects.filter(outcome="answered").count() >= 4
    assert not [value for value in lab.credentials[supplier.api].values() if value in rows]


def test_silent_supplier_opens_the_circuit(run_sync, supplier, lab):
    lab.fail(supplier.api, "*", "close", times=None)

    for _ in range(6):
        run = run_sync()

    assert CircuitState.objects.get(supplier=supplier).state == "open"
    assert "has not been answering" in run.error
