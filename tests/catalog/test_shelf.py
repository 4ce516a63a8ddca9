"""Rows put aside: what stands there in the end, and how little memory they take."""

import tracemalloc
from decimal import Decimal

import msgspec
import pytest

from catalog import shelf, walking
from catalog.known import Known
from catalog.mirroring import Row

from .shop import Shop, product

LONG = "Redeem it in the shop of the game. " * 60


def row(ref, price="1"):
    return Row(ref, {"price": Decimal(price), "raw": msgspec.Raw(b'{"price":1.10}')}, ref.encode())


@pytest.fixture(params=[0, 1 << 20], ids=["in a file", "in memory"])
def rows(request, monkeypatch):
    monkeypatch.setattr(shelf, "IN_MEMORY", request.param or 1)
    return shelf.Shelf()


def test_rows_come_back_as_they_were_in_their_order(rows):
    put = [row("b", "0.10"), row("a", "12345678901234.567800")]
    for one in put:
        rows.put(one)

    assert [list(rows), list(rows)] == [put, put]


def test_later_row_of_a_ref_stands(rows):
    rows.put(row("a", "1")), rows.put(row("b"))
    rows.put(row("a", "2"), is_first=False), rows.put(row("a", "3"), is_first=False)

    assert list(rows) == [row("b"), row("a", "3")]


def test_dropped_row_is_gone_until_it_comes_again(rows):
    rows.put(row("a", "1"))
    rows.drop("a")
    assert list(rows) == []

    rows.put(row("a", "2"), is_first=False)

    assert list(rows) == [row("a", "2")]


def test_row_that_comes_first_changed_and_then_as_it_was_known_is_not_fresh():
    found = walking.Found({"a": row("a").digest})

    taken = [found.take(one) for one in (Row("a", {"price": Decimal(2)}, b"other"), row("a"))]

    assert (taken, list(found.fresh)) == ([True, False], [])


@pytest.mark.django_db
def test_walk_of_a_big_catalog_holds_little_of_it_in_memory(supplier):
    shop = Shop(count=0)
    shop.listed = [product(number, raw={"description": LONG, "id": number}) for number in range(2000)]
    known = Known(supplier)

    tracemalloc.start()
    whole = walking.walk(shop, known=known, max_pages=200, progress=lambda stage, walk: None)
    held, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(1 for _ in whole.products.fresh) == sum(1 for _ in whole.skus.fresh) == 2000
    # As rows the 2,000 products are 8 MB; what stays is a few references, and the start of each file.
    assert held < 2_000_000
