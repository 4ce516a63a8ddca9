"""Between whole walks only the price list is read: new prices and stock, and nothing else, all of it or none."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog import sync
from catalog.models import Sku, SyncChange, SyncRun
from catalog.suppliers.errors import Unanswered
from catalog.suppliers.types import Denomination, Page, Price
from monitoring import causes, rounds
from tests.catalog.shop import price

pytestmark = pytest.mark.django_db


@pytest.fixture
def walked(run_sync, shop):
    """A shop of 25 SKUs at 10.00 with 50 in stock, walked once."""
    shop.price_list = [price(number, "10.00", stock=50) for number in range(1, 26)]
    assert run_sync().status == SyncRun.Status.COMPLETE
    return shop


@pytest.fixture
def reread(run_sync):
    return lambda: run_sync(prices_only=True)


def test_unchanged_price_list_writes_nothing(walked, reread):
    run = reread()

    assert (run.status, run.prices_only, run.changed, run.unchanged, run.pages, run.rows) == ("complete", True, 0, 25, 1, 25)
    assert not run.changes.exists()


def test_prices_and_stock_move_and_are_told(walked, reread):
    walked.price_list[0] = price(1, "11.50", stock=50)
    walked.price_list[1] = price(2, "10.00", stock=0)

    run = reread()

    assert (run.changed, run.unchanged) == (2, 23)
    skus = {sku.supplier_ref: (sku.price, sku.stock) for sku in Sku.objects.all()}
    assert (skus["s-1"], skus["s-2"]) == ((Decimal("11.50"), 50), (Decimal("10.00"), 0))
    assert sorted(run.changes.values_list("kind", "sku__supplier_ref", "old_price", "new_price")) == [
        ("changed", "s-2", None, None), ("price", "s-1", Decimal("10.00"), Decimal("11.50"))]


def test_next_whole_walk_finds_nothing_new(walked, reread, run_sync):
    walked.price_list[0] = price(1, "11.50", stock=50)
    reread()

    assert run_sync().changed == 0


def test_products_are_not_asked_for(walked, reread):
    walked.asked.clear()

    reread()

    assert walked.asked == []


def test_what_the_list_leaves_out_is_left_alone(walked, reread):
    del walked.price_list[3:]

    run = reread()

    assert (run.retired, Sku.objects.filter(gone_at=None).count()) == (0, 25)


def test_price_of_what_is_not_mirrored_waits_for_the_whole_walk(walked, reread):
    walked.price_list.append(price(99, "1.00"))

    run = reread()

    assert (run.status, Sku.objects.count()) == ("complete", 25)
    assert run.warnings == ["1 prices belong to SKUs that the next whole walk will bring."]


def test_gone_sku_is_not_brought_back(walked, reread, now):
    Sku.objects.filter(supplier_ref="s-1").update(gone_at=now)

    reread()

    assert Sku.objects.get(supplier_ref="s-1").gone_at == now


def test_odd_price_is_left_out_and_told(walked, reread):
    walked.price_list[0] = price(1, "-1")

    run = reread()

    assert Sku.objects.get(supplier_ref="s-1").price == Decimal(10)
    assert "cannot be right" in run.warnings[0]


def test_list_that_breaks_off_publishes_nothing(walked, reread, monkeypatch):
    def prices(cursor):
        if cursor:
            raise Unanswered("The supplier was silent.")
        return Page((price(1, "99.00"),), "2")

    monkeypatch.setattr(walked, "prices", prices)
    run = reread()

    assert (run.status, "prices, page 2" in run.error) == ("failed", True)
    assert not Sku.objects.filter(price=99).exists()
    assert not SyncChange.objects.filter(run=run).exists()


def test_empty_list_publishes_nothing(walked, reread):
    walked.price_list = []

    run = reread()

    assert (run.status, "no price at all" in run.error) == ("failed", True)


def test_one_run_of_either_sort_at_a_time(walked, supplier, now):
    sync.begin(supplier=supplier, started_by="test", now=now)

    with pytest.raises(sync.AlreadyRunning):
        sync.sync(supplier=supplier, started_by="test", prices_only=True, now=now)


def test_open_sku_takes_a_new_rate(walked, reread):
    walked.price_list[0] = Price(
        sku_ref="s-1", denomination=Denomination.OPEN, currency="EUR", face_currency="AED", rate=Decimal("0.28"))

    reread()

    sku = Sku.objects.get(supplier_ref="s-1")
    assert (sku.is_open, sku.rate, sku.face_currency) == (True, Decimal("0.28"), "AED")


def test_run_page_says_what_was_read(walked, reread, client):
    run = reread()

    assert "prices and stock only" in client.get(reverse("catalog:sync_run", args=[run.pk])).content.decode()
    assert "prices only" in client.get(reverse("catalog:sync_runs")).content.decode()


def test_prices_keep_no_whole_walk_from_being_due(walked, reread, supplier, now):
    SyncRun.objects.update(started_at=now - timedelta(hours=25), finished_at=now - timedelta(hours=25))
    reread()

    assert rounds._walk_needed(supplier, now)


def test_failed_prices_are_cried_about_beside_the_walk(walked, reread, supplier, now):
    walked.price_list = []
    reread()

    assert [cause.key for cause in causes.failed_prices(now)] == [f"prices:{supplier.pk}"]
    assert list(causes.failed_syncs(now)) == []


@pytest.fixture
def giftapi_walked(giftapi, now):
    def at(minutes_ago, **columns):
        started = now - timedelta(minutes=minutes_ago)
        return SyncRun.objects.create(
            supplier=giftapi, status="complete", started_at=started, heartbeat_at=started, finished_at=started, **columns)
    return at


def test_prices_are_due_as_often_as_the_connection_says(giftapi, giftapi_walked, now):
    giftapi_walked(60)
    assert rounds.due("prices", now=now) == [giftapi]

    giftapi_walked(14, prices_only=True)
    assert rounds.due("prices", now=now) == []
    assert rounds.due("prices", now=now + timedelta(minutes=2)) == [giftapi]


@pytest.mark.parametrize(("given", "is_due"), [({"price_minutes": 0}, False), ({"price_minutes": "odd"}, True)])
def test_price_readings_can_be_switched_off(giftapi, giftapi_walked, now, given, is_due):
    giftapi_walked(60)
    giftapi.settings = given
    giftapi.save()

    assert bool(rounds.due("prices", now=now)) == is_due


def test_price_list_means_nothing_before_the_first_walk(giftapi, plexy, now):
    assert rounds.due("prices", now=now) == []


def test_whole_lab_list_is_unchanged_after_a_walk(giftapi, now):
    """The digests of what the database gives back are those of the walk, with every sort of SKU."""
    whole = sync.sync(supplier=giftapi, started_by="test", now=now)
    prices = sync.sync(supplier=giftapi, started_by="test", prices_only=True, now=now)

    assert (prices.status, prices.changed, prices.unchanged) == ("complete", 0, whole.created)
    assert not prices.changes.exists()
    assert prices.pages < whole.pages
