"""A walk that skips what it was told before leaves the mirror as one that reads everything, whatever the supplier does."""

import pickle
from dataclasses import replace
from decimal import Decimal
from functools import partial
from hashlib import blake2b

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import gateway, sync
from catalog.models import Product, Sku, Supplier
from catalog.suppliers.slicing import Unread
from catalog.suppliers.types import CategoryRow, ProductKind

from .shop import Shop, offer, price, product

pytestmark = pytest.mark.django_db
LIMITS = {"max_examples": 25, "deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


class Reader(Shop):
    """A shop that sends products Unread, and counts those that are read."""

    def __init__(self, count=25):
        super().__init__(count)
        self.read, self.looks = [], {}

    def page(self, number):
        plain = super().page(number)
        return replace(plain, items=tuple(
            Unread(one.ref, blake2b(pickle.dumps(one), digest_size=16).digest(), partial(self._read, one),
                   tuple(self.looks.get(sku.ref, sku.ref) for sku in one.offers))
            for one in plain.items))

    def _read(self, one):
        self.read.append(one.ref)
        return one


@pytest.fixture
def shop(monkeypatch):
    one = Reader()
    monkeypatch.setattr(gateway, "connect", lambda supplier: one)
    monkeypatch.setattr(gateway, "supports", lambda supplier, port: True)
    return one


@pytest.fixture
def reads(shop, run_sync):
    """Sync, and tell which products were read."""
    def once(**options):
        shop.read.clear()
        run = run_sync(**options)
        assert run.status == "complete"
        return shop.read
    return once


def test_unchanged_products_are_not_read_again(reads, run_sync):
    reads()

    with CaptureQueriesContext(connection) as asked:
        assert reads() == []

    assert (run := run_sync()).unchanged == 25 and not run.changes.exists()
    assert [one["sql"] for one in asked if "UPDATE" in one["sql"] and "catalog_syncrun" not in one["sql"]] == []


def test_changed_product_is_the_only_one_read(reads, shop):
    reads()
    shop.reprice(3, "12.50")

    assert reads() == ["p-3"]
    assert Sku.objects.get(supplier_ref="s-3").price == Decimal("12.50")


def test_product_that_left_and_came_back_is_read(reads, shop):
    reads()
    everything = list(shop.listed)
    shop.listed = everything[:-1]
    reads()
    assert Product.objects.get(supplier_ref="p-25").gone_at
    shop.listed = everything

    assert reads() == ["p-25"]
    assert Sku.objects.get(supplier_ref="s-25").gone_at is None


def test_sku_dropped_from_a_read_product_is_retired(reads, shop):
    shop.listed = [product(1, offers=(offer(1), offer(2, product_ref="p-1"))), product(3)]
    reads()
    shop.listed[0] = product(1)

    assert reads() == ["p-1"]
    assert list(Sku.objects.filter(gone_at=None).values_list("supplier_ref", flat=True).order_by("id")) == ["s-1", "s-3"]


def test_another_program_reads_everything_once_and_writes_no_row(reads, shop, monkeypatch, run_sync):
    reads()
    before = list(Product.objects.order_by("id").values_list("digest", "changed_at"))
    monkeypatch.setattr("catalog.walking.program", lambda: b"the next release")

    assert (len(reads()), reads()) == (25, [])
    assert list(Product.objects.order_by("id").values_list("digest", "changed_at")) == before


def test_renamed_category_has_everything_read(reads, shop, monkeypatch):
    reads()
    monkeypatch.setattr(shop, "categories", lambda: [CategoryRow("c-1", "Entertainment")])

    assert len(reads()) == 25
    assert Product.objects.filter(search_text__contains="entertainment").count() == 25


def test_product_with_a_warning_is_read_and_warned_of_each_time(reads, shop, run_sync):
    shop.listed[4] = product(5, offers=(offer(5, price="-1"),))
    reads()

    assert reads() == ["p-5"]
    assert "cannot be right" in run_sync().warnings[0]


@pytest.mark.parametrize("again_at", [1, 25])
def test_product_listed_twice_is_read_and_the_later_one_stands(reads, shop, run_sync, again_at):
    reads()
    shop.listed.insert(again_at, product(1, price="12.50"))
    assert reads() == ["p-1"]
    assert Sku.objects.get(supplier_ref="s-1").price == Decimal("12.50")
    shop.listed.append(shop.listed[0])

    assert "listed twice" in run_sync().warnings[0]
    assert Sku.objects.get(supplier_ref="s-1").price == 10


def test_product_sent_twice_alike_is_warned_of(reads, shop, run_sync):
    reads()
    shop.listed.append(shop.listed[0])

    assert "listed twice" in run_sync().warnings[0]


def test_what_a_doubtful_walk_read_is_read_again(reads, shop):
    shop.listed = [product(1, offers=(offer(1), offer(2, product_ref="p-1"))), *shop.listed[2:]]
    reads()
    shop.listed[0] = product(1)
    total = len(shop.listed) + 1
    plain = shop.page
    shop.at_page[1] = lambda: replace(plain(1), total=total)  # another total than the other pages tell
    reads()
    assert Sku.objects.get(supplier_ref="s-2").gone_at is None
    shop.at_page.clear()

    assert reads() == ["p-1"]
    assert Sku.objects.get(supplier_ref="s-2").gone_at


@pytest.mark.parametrize("prices", [[price(1, "11.00"), price(2, "10.00")], [price(2, "10.00")], []])
def test_product_is_read_when_its_price_in_the_list_moves(reads, shop, prices):
    shop.listed = [product(number, price="9.00") for number in (1, 2)]
    shop.price_list = [price(number, "10.00") for number in (1, 2)]
    assert (len(reads()), reads()) == (2, [])
    shop.price_list = prices

    assert "p-1" in reads()
    assert Sku.objects.get(supplier_ref="s-1").price == (11 if len(prices) == 2 else 9)


def test_price_read_in_between_has_its_product_read_again(reads, shop, run_sync):
    shop.listed = shop.listed[:3]
    shop.price_list = [price(number, "10.00") for number in (1, 2, 3)]
    reads()
    shop.price_list[0] = price(1, "11.00")
    run_sync(prices_only=True)
    shop.price_list[0] = price(1, "10.00")

    reads()

    assert Sku.objects.get(supplier_ref="s-1").price == 10


def test_sku_that_two_products_list_ends_where_it_is_listed_last(reads, shop):
    shop.listed = [product(1, offers=(offer(1), offer(9, product_ref="p-1"))), product(2)]
    reads()
    shop.listed[1] = product(2, offers=(offer(2), offer(9, product_ref="p-2")))

    for _ in range(3):
        reads()

    assert Sku.objects.get(supplier_ref="s-9").product.supplier_ref == "p-2"
    shop.listed[1] = product(2)
    reads()
    assert (found := Sku.objects.get(supplier_ref="s-9")).product.supplier_ref == "p-1" and found.gone_at is None


NAMES = st.sampled_from(["Card", "Karte", "x" * 400])
PRICES = st.sampled_from(["1.00", "2.00", "-1"])


@st.composite
def products(draw):
    """One of six products, with SKUs that no other lists unless the number is 6, or that belong elsewhere."""
    number = draw(st.integers(1, 6))
    mine = draw(st.lists(st.sampled_from([number, number + 10, number + 20]), max_size=3, unique=True))
    offers = tuple(offer(one, product_ref=f"p-{number if draw(st.integers(0, 9)) else 99}", price=draw(PRICES))
                   for one in mine)
    kind = draw(st.sampled_from([ProductKind.VOUCHER] * 9 + [ProductKind.UNKNOWN]))
    return product(number, name=draw(NAMES), offers=offers, kind=kind, raw={"n": draw(st.integers(0, 1))})


CATALOGS = st.lists(products(), min_size=1, max_size=12)
WALKS = st.fixed_dictionaries({
    "listed": CATALOGS, "category": st.sampled_from(["Gaming", "Gaming", "Gaming", "Games"]),
    "tells_total": st.booleans(), "keeps": st.booleans(),
    "prices": st.dictionaries(st.integers(1, 6), PRICES, max_size=2),
    "only_prices": st.sampled_from([False, False, True]), "is_new_program": st.sampled_from([False, False, False, True])})


@given(walks=st.lists(WALKS, min_size=2, max_size=6))
@settings(**LIMITS)
def test_skipping_changes_nothing(walks, now):
    """The same history at a shop whose products come read and at one whose products come Unread."""
    plain, skipping = Shop(), Reader()
    shops = {Supplier.objects.create(name=f"{name}-{Supplier.objects.count()}", api="plexy_gate",
                                     base_url="https://x.invalid"): shop
             for name, shop in (("plain", plain), ("skipping", skipping))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway, "connect", lambda supplier: shops[supplier])
        patch.setattr(gateway, "supports", lambda supplier, port: True)
        for number, told in enumerate(walks):
            if told["is_new_program"]:
                patch.setattr("catalog.walking.program", lambda number=number: b"%d" % number)
            seen = []
            for supplier, shop in shops.items():
                tell(shop, told, before=plain.listed if number and told["keeps"] and shop is plain else None)
                shop.listed = plain.listed
                only_prices = told["only_prices"] and number > 0
                run = sync.sync(supplier=supplier, started_by="test", now=now, clock=lambda: now,
                                prices_only=only_prices)
                seen.append((outcome(run), mirror(supplier)))
            assert seen[0] == seen[1]


def tell(shop, told, *, before):
    shop.listed = list(before or told["listed"])
    if before:
        shop.listed[0] = told["listed"][0]  # all else is told again
    shop.categories = lambda: [CategoryRow("c-1", told["category"])]
    shop.tells_total = told["tells_total"]
    shop.price_list = [price(number, amount) for number, amount in told["prices"].items()]


def outcome(run):
    changes = run.changes.values_list("kind", "product__supplier_ref", "sku__supplier_ref", "old_price", "new_price")
    return (run.status, run.error, run.created, run.changed, run.unchanged, run.retired, run.rows, run.warnings,
            sorted(map(repr, changes)))


def mirror(supplier):
    products = Product.objects.filter(supplier=supplier).order_by("supplier_ref")
    skus = Sku.objects.filter(supplier=supplier).order_by("supplier_ref")
    return [*products.values_list("supplier_ref", "digest", "gone_at", "name", "search_text", "category__name"),
            *skus.values_list("supplier_ref", "digest", "gone_at", "price", "product__supplier_ref")]


def test_ids_that_mean_others_than_they_looked_like_are_always_read(reads, shop):
    shop.looks = {"s-3": "s-03"}
    reads()

    assert reads() == ["p-3"]
