"""Bulk writing: the same rows as the slow way would write, on both databases."""

import uuid
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from catalog import bulk
from catalog.models import Product, Sku

pytestmark = pytest.mark.django_db
UNIQUE = ("supplier_id", "supplier_ref")


@pytest.fixture
def product(supplier, now):
    return Product.objects.create(
        supplier=supplier, supplier_ref="p-1", name="Card", kind="voucher", first_seen_at=now, changed_at=now)


@pytest.fixture
def make_row(product, now):
    def make(ref, **changes):
        return {
            "supplier_id": product.supplier_id, "supplier_ref": ref, "product_id": product.pk, "name": "Ünïcode\t\n\\",
            "category": "cards", "denomination": "fixed", "price": Decimal("0.000001"), "currency": "EUR",
            "face_currency": "", "stock": None, "rate": Decimal("0.000000000001"),
            "raw": {"price": Decimal("1.10"), "text": "a\"b"}, "digest": uuid.UUID(int=7),
            "first_seen_at": now, "changed_at": now, "gone_at": None, **changes}
    return make


def test_values_come_back_as_they_went_in(make_row):
    row = make_row("s-1")

    bulk.upsert(Sku, [row], unique=UNIQUE, kept=())

    assert Sku.objects.values(*row).get() == row


def test_one_column_is_revised_and_nothing_else(make_row):
    bulk.insert(Sku, [make_row("s-1"), make_row("s-2"), make_row("s-3")])
    ids = dict(Sku.objects.values_list("supplier_ref", "id"))

    bulk.revise(Sku, "digest", {ids["s-1"]: uuid.UUID(int=9), ids["s-3"]: None})
    bulk.revise(Sku, "digest", {})

    assert dict(Sku.objects.values_list("supplier_ref", "digest")) == {
        "s-1": uuid.UUID(int=9), "s-2": uuid.UUID(int=7), "s-3": None}
    assert Sku.objects.get(supplier_ref="s-1").name == make_row("s-1")["name"]


def test_insert_overwrites_nothing(make_row):
    bulk.insert(Sku, [make_row("s-1")])

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Sku, [make_row("s-1", name="Other")])


def test_second_write_overwrites_all_but_what_is_kept(make_row, now):
    bulk.upsert(Sku, [make_row("s-1"), make_row("s-2")], unique=UNIQUE, kept=("name",))

    bulk.upsert(Sku, [make_row("s-1", name="Other", price=Decimal(5))], unique=UNIQUE, kept=("name",))

    assert list(Sku.objects.order_by("supplier_ref").values_list("name", "price")) == [
        ("Ünïcode\t\n\\", 5), ("Ünïcode\t\n\\", Decimal("0.000001"))]


@pytest.mark.parametrize("write", [bulk.insert, partial(bulk.upsert, unique=UNIQUE, kept=())], ids=["insert", "upsert"])
def test_chunks_are_all_written(make_row, monkeypatch, write):
    monkeypatch.setattr(bulk, "CHUNK", 10)

    write(Sku, [make_row(f"s-{number}") for number in range(30)])

    assert Sku.objects.count() == 30


@pytest.mark.parametrize("write", [bulk.insert, partial(bulk.upsert, unique=UNIQUE, kept=())], ids=["insert", "upsert"])
def test_constraints_hold_and_nothing_of_the_batch_stays(make_row, write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write(Sku, [make_row("s-1"), make_row("s-2", price=Decimal(-1))])

    assert not Sku.objects.exists()


def test_rows_are_found_by_any_of_many_texts(make_row, django_assert_num_queries):
    odd = ["a,b", 'q"uote', "back\\slash", "{x}", "NULL", "'; --", "é"]
    bulk.insert(Sku, [make_row(ref) for ref in [*odd, "other"]])

    with django_assert_num_queries(1):
        found = set(bulk.among(Sku.objects.all(), "supplier_ref", [*odd, *map(str, range(3000))])
                    .values_list("supplier_ref", flat=True))

    assert found == set(odd)


def test_no_text_finds_no_row(make_row):
    bulk.insert(Sku, [make_row("s-1")])

    assert not bulk.among(Sku.objects.all(), "supplier_ref", []).exists()


def test_nothing_to_write_is_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.upsert(Sku, [], unique=UNIQUE, kept=())
        bulk.insert(Sku, [])
