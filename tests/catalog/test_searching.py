"""Finding products: words match at their beginning, on both databases alike; filters narrow."""

import pytest
from django.core.cache import cache
from django.http import QueryDict

from catalog.models import Product
from catalog.searching import ProductFilter, find, with_words
from catalog.suppliers.types import ProductKind
from catalog.words import search_text, words

from .shop import offer, product

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods(shop, run_sync):
    cache.clear()
    shop.listed = [
        product(1, name="Steam Wallet Código", region="EU", offers=(offer(1, stock=0),)),
        product(2, name="Steam Deck Card", region="US", offers=(offer(2, currency="USD", stock=5),)),
        product(3, name="Карта Яндекс", region="RU", kind=ProductKind.ESIM),
    ]
    run_sync()


def names(products):
    return sorted(products.values_list("supplier_ref", flat=True))


@pytest.mark.parametrize(("text", "refs"), [
    ("steam", ["p-1", "p-2"]),
    ("STEAM wal", ["p-1"]),
    ("codigo", ["p-1"]),
    ("код", []),
    ("яНД", ["p-3"]),
    ("eam", []),
    ("s-2", ["p-2"]),
    ("p-3", ["p-3"]),
    ("gaming us", ["p-2"]),
    ("'; drop", []),
    ("&|!:*", []),
    ("", ["p-1", "p-2", "p-3"]),
])
def test_words_match_at_their_beginning(goods, text, refs):
    assert names(with_words(Product.objects.all(), text)) == refs


@pytest.mark.parametrize(("address", "refs"), [
    ("", ["p-1", "p-2", "p-3"]),
    ("currency=USD", ["p-2"]),
    ("in_stock=on", ["p-2", "p-3"]),
    ("kind=esim", ["p-3"]),
    ("category=Gaming&q=deck", ["p-2"]),
    ("supplier=plexy-one", ["p-1", "p-2", "p-3"]),
    ("supplier=nobody", ["p-1", "p-2", "p-3"]),
    ("state=gone", []),
    ("state=all", ["p-1", "p-2", "p-3"]),
    ("supplier__name=x&_connector=OR&kind=zzz", ["p-1", "p-2", "p-3"]),
])
def test_filters_narrow(goods, address, refs):
    assert names(find(ProductFilter(QueryDict(address)).chosen())) == refs


def test_gone_products_are_found_only_when_asked_for(goods, shop, run_sync):
    shop.listed = shop.listed[1:]
    run_sync()

    assert names(find({})) == ["p-2", "p-3"]
    assert names(find({"state": "gone"})) == ["p-1"]


def test_search_text_holds_each_word_once_and_not_too_many():
    assert search_text("Steam steam", "EU") == "steam eu"
    assert len(search_text(" ".join(map(str, range(500)))).split()) == 60
    assert words("Ünïted—kingdom_10") == ["united", "kingdom", "10"]
