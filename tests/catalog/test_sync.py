"""Sync: what a whole walk publishes, and that nothing else is written."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Product, Sku, SyncChange
from catalog.suppliers.types import Denomination, InputField, ProductKind

from .shop import offer, price, product

pytestmark = pytest.mark.django_db


def counts(run):
    return run.created, run.changed, run.unchanged, run.retired


def kinds(run):
    return sorted(run.changes.values_list("kind", flat=True))


def test_first_walk_mirrors_everything(run_sync):
    run = run_sync()

    assert (run.status, run.stage, run.pages, run.rows) == ("complete", "complete", 3, 25)
    assert counts(run) == (25, 0, 0, 0)
    sku = Sku.objects.select_related("product__category", "product__type").get(supplier_ref="s-7")
    assert (sku.price, sku.currency, sku.product.category.name, sku.product.type.code) == (10, "EUR", "Gaming", "voucher")
    assert sku.product.raw == {"id": 7, "price": Decimal("10.00")}


def test_catalog_of_several_batches_is_told_like_one(run_sync, shop, monkeypatch):
    monkeypatch.setattr("catalog.publishing.BATCH", 4)
    first = run_sync()
    shop.reprice(3, "12.50"), shop.reprice(9, "1.50")
    shop.listed[19] = replace(shop.listed[19], name="Another name")
    del shop.listed[24]

    second = run_sync()

    assert [counts(first), kinds(first)] == [(25, 0, 0, 0), ["new"] * 25]
    assert [counts(second), kinds(second)] == [(0, 3, 21, 1), ["changed", "gone", "price", "price"]]


def test_raw_keeps_every_digit_a_supplier_sent(run_sync, shop):
    shop.listed = [product(1, raw={"big": Decimal("123456789012345678901.10")})]

    run_sync()

    assert str(Product.objects.get().raw["big"]) == "123456789012345678901.10"


def test_unchanged_catalog_writes_no_row(run_sync):
    run_sync()
    rows = list(Product.objects.order_by("id").values()) + list(Sku.objects.order_by("id").values())

    with CaptureQueriesContext(connection) as asked:
        run = run_sync()

    assert counts(run) == (0, 0, 25, 0)
    assert list(Product.objects.order_by("id").values()) + list(Sku.objects.order_by("id").values()) == rows
    written = [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "catalog_syncrun" not in sql] == []
    assert not SyncChange.objects.filter(run=run).exists()


def test_price_change_is_recorded_old_and_new(run_sync, shop):
    run_sync()
    shop.reprice(3, "12.50")

    run = run_sync()

    assert counts(run) == (0, 1, 24, 0)
    change = run.changes.get()
    assert (change.kind, change.sku.supplier_ref) == ("price", "s-3")
    assert (change.old_price, change.new_price, change.currency) == (10, Decimal("12.50"), "EUR")


def test_first_seen_stays_and_changed_at_moves(run_sync, shop, supplier):
    run_sync()
    before = Sku.objects.get(supplier_ref="s-3")
    shop.reprice(3, "12.50")

    run_sync()

    after = Sku.objects.get(supplier_ref="s-3")
    assert after.pk == before.pk
    assert after.first_seen_at == before.first_seen_at
    assert after.changed_at > before.changed_at


def test_changed_name_is_a_change_of_the_product(run_sync, shop):
    run_sync()
    shop.listed[0] = product(1, name="Renamed")

    run = run_sync()

    assert counts(run) == (0, 1, 24, 0)
    assert kinds(run) == ["changed"]
    assert Product.objects.get(supplier_ref="p-1").name == "Renamed"


def test_what_is_not_listed_any_more_is_retired_and_kept(run_sync, shop):
    run_sync()
    shop.listed = shop.listed[:-1]

    run = run_sync()

    assert counts(run) == (0, 0, 24, 1)
    assert Product.objects.get(supplier_ref="p-25").gone_at
    assert Sku.objects.get(supplier_ref="s-25").gone_at
    assert kinds(run) == ["gone"]


def test_gone_product_is_retired_only_once(run_sync, shop):
    run_sync()
    shop.listed = shop.listed[:-1]
    run_sync()

    assert counts(run_sync()) == (0, 0, 24, 0)


def test_returned_product_comes_back_unchanged(run_sync, shop):
    run_sync()
    everything = list(shop.listed)
    shop.listed = everything[:-1]
    run_sync()
    shop.listed = everything

    run = run_sync()

    assert counts(run) == (0, 1, 24, 0)
    assert Sku.objects.get(supplier_ref="s-25").gone_at is None
    assert kinds(run) == ["back"]


def test_sku_that_leaves_its_product_is_retired_alone(run_sync, shop):
    shop.listed = [product(1, offers=(offer(1), offer(2, product_ref="p-1")))]
    run_sync()
    shop.listed = [product(1)]

    run = run_sync()

    assert counts(run) == (0, 1, 0, 0)
    assert Sku.objects.get(supplier_ref="s-2").gone_at
    assert Product.objects.get().gone_at is None


def test_price_list_overrides_the_offer(run_sync, shop):
    shop.price_list = [price(1, "9.15", stock=4, max_per_order=2)]

    run_sync()

    sku = Sku.objects.get(supplier_ref="s-1")
    assert (sku.price, sku.stock, sku.max_per_order) == (Decimal("9.15"), 4, 2)
    assert set(sku.raw) == {"sku", "price"}


def test_price_of_nothing_is_a_warning(run_sync, shop):
    shop.price_list = [price(99, "1.00")]

    run = run_sync()

    assert run.status == "complete"
    assert "s-99" in run.warnings[0]


def test_open_sku_keeps_its_range(run_sync, shop):
    shop.listed = [product(1, offers=(offer(
        1, denomination=Denomination.OPEN, price=None, face_currency="USD", min_amount=Decimal(5),
        max_amount=Decimal(500), step=Decimal("0.5"), rate=Decimal("0.912345678901")),))]

    run_sync()

    sku = Sku.objects.get()
    assert sku.is_open
    assert (sku.min_amount, sku.max_amount, sku.step) == (5, 500, Decimal("0.5"))
    assert sku.rate == Decimal("0.912345678901")


def test_fields_an_order_needs_are_kept(run_sync, shop):
    shop.listed = [product(1, fields=(InputField("player_id", "Player id", "digits", choices=("a", "b")),))]

    run_sync()

    assert Product.objects.get().fields == [{
        "name": "player_id", "label": "Player id", "kind": "digits", "required": True, "choices": ["a", "b"], "hint": ""}]


def test_unknown_kind_is_mirrored_with_a_warning(run_sync, shop):
    shop.listed = [product(1, kind=ProductKind.UNKNOWN)]

    run = run_sync()

    assert run.status == "complete"
    assert "do not know" in run.warnings[0]
    assert Product.objects.get().kind == "unknown"


@pytest.mark.parametrize("wrong", [
    {"price": "-1.00"}, {"currency": "EURO"}, {"price": "1e20"}, {"price": "NaN"}, {"product_ref": "p-9"}])
def test_invalid_sku_is_left_as_it_was_and_not_retired(run_sync, shop, wrong):
    run_sync()
    shop.listed[0] = product(1, name="Renamed", offers=(offer(1, **wrong),))

    run = run_sync()

    assert run.status == "complete"
    assert "s-1" in run.warnings[0]
    sku = Sku.objects.select_related("product").get(supplier_ref="s-1")
    assert (sku.price, sku.gone_at, sku.product.name) == (10, None, "Renamed")


def test_range_upside_down_is_invalid(run_sync, shop):
    shop.listed[0] = product(1, offers=(offer(1, min_amount=Decimal(9), max_amount=Decimal(5)),))

    run = run_sync()

    assert not Sku.objects.filter(supplier_ref="s-1").exists()
    assert "smallest amount" in run.warnings[0]


def test_characters_a_database_refuses_are_taken_out(run_sync, shop):
    shop.listed = [product(1, name="Nul\x00l", raw={"name": "Nul\x00l"})]

    run_sync()

    assert (Product.objects.get().name, Product.objects.get().raw) == ("Null", {"name": "Null"})


def test_too_long_name_is_cut(run_sync, shop):
    shop.listed = [product(1, name="x" * 1000)]

    run_sync()

    assert Product.objects.get().name == "x" * 299 + "…"


def test_renamed_category_is_found_under_its_new_name(run_sync, shop, monkeypatch):
    run_sync()
    (renamed,) = shop.categories()
    monkeypatch.setattr(shop, "categories", lambda: [type(renamed)("c-1", "Entertainment")])

    run_sync()

    assert Category.objects.get().name == "Entertainment"
    assert Product.objects.filter(search_text__contains="entertainment").count() == 25


def test_two_suppliers_may_use_the_same_ids(run_sync, supplier):
    run_sync()
    supplier.pk, supplier.name = None, "plexy-two"
    supplier.save(force_insert=True)

    run = run_sync()

    assert counts(run) == (25, 0, 0, 0)
    assert Product.objects.count() == 50
