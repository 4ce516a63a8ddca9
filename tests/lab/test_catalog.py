"""The goods on offer look like a reseller's shop, and are the same each time."""

from catalog.suppliers.giftapi import lab_catalog as giftapi_catalog
from catalog.suppliers.plexy_gate import lab_catalog as plexy_catalog
from tests.lab.asking import shops


def test_tables_give_the_same_goods_each_time():
    assert plexy_catalog.build() == plexy_catalog.build()
    assert giftapi_catalog.build() == giftapi_catalog.build()


def test_shop_is_large_and_varied(lab):
    plexy, giftapi = lab.books["plexy_gate"], lab.books["giftapi"]

    assert len(plexy.products) + len(giftapi.products) >= 300
    assert len(giftapi.goods) >= 500
    assert {good.currency for good in plexy.goods.values()} >= {"USD", "EUR", "JPY", "KWD"}
    assert {product.kind for product in plexy.products.values()} == {"redeem_card", "direct_top_up", "direct_transfer"}
    assert {product.kind for product in giftapi.products.values()} == {
        "voucher", "recharge_fixed", "recharge", "voucher_open_range", "esim", "other"}


def test_texts_are_as_awkward_as_real_ones(lab):
    products = [row for books in shops(lab) for row in books.products.values()]

    assert any(not row.name.isascii() for row in products)
    assert any(len(row.name) > 90 for row in products)
    assert sum(row.image == "" for row in products) > 100
    assert any("<p>" in row.description for row in products)


def test_names_and_ids_are_unique(lab):
    for books in shops(lab):
        assert len({(row.name, row.region) for row in books.products.values()}) == len(books.products)
        assert all(sku in books.goods for row in books.products.values() for sku in row.skus)


def test_prices_fit_their_currency(lab):
    for good in lab.books["plexy_gate"].goods.values():
        digits = {"JPY": 0, "KWD": 3}.get(good.currency, 2)
        assert -good.price.as_tuple().exponent <= digits
        assert good.price > 0
