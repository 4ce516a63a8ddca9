"""Sync that cannot be whole: nothing is published, and the run says where it stopped and why."""

from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from catalog import gateway, publishing, sync
from catalog.models import Product, Sku, SyncRun
from catalog.suppliers.errors import Misread, Unanswered
from catalog.suppliers.types import Page

from .shop import product

pytestmark = pytest.mark.django_db


def refuse():
    raise Unanswered("No answer within 15 s.")


def test_failing_second_page_publishes_nothing_and_says_where(run_sync, shop):
    shop.at_page[2] = refuse

    run = run_sync()

    assert (run.status, run.stage, run.pages) == ("failed", "products", 1)
    assert run.error == "Stopped at products, page 2: No answer within 15 s."
    assert not Product.objects.exists()


def test_failing_walk_retires_nothing(run_sync, shop):
    run_sync()
    shop.listed = shop.listed[5:]
    shop.at_page[2] = refuse

    run_sync()

    assert not Product.objects.filter(gone_at__isnull=False).exists()


def test_after_a_failure_the_next_walk_is_whole(run_sync, shop):
    shop.at_page[2] = refuse
    run_sync()
    shop.at_page.clear()

    assert run_sync().created == 25


def test_types_that_cannot_be_read_stop_the_walk(run_sync, shop, monkeypatch):
    def misread():
        raise Misread("The answer is HTML, not JSON.")
    monkeypatch.setattr(shop, "types", misread)

    assert run_sync().error == "Stopped at types: The answer is HTML, not JSON."


@pytest.mark.parametrize(("page", "reason"), [
    (lambda shop: Page(shop.page(1).items, "3", 25), "the same page twice"),
    (lambda shop: Page(shop.page(2).items, "2", 25), "back to a page already read"),
    (lambda shop: Page((), "3", 25), "empty although more pages follow"),
    (lambda shop: Page((), None, 25), "speaks of 25 rows but sent 10"),
])
def test_list_that_cannot_be_whole_is_refused(run_sync, shop, page, reason):
    shop.at_page[2] = lambda: page(shop)

    run = run_sync()

    assert run.status == "failed"
    assert reason in run.error
    assert "products, page 2" in run.error
    assert not Product.objects.exists()


def test_endless_list_is_cut_at_the_limit(run_sync, shop, settings):
    settings.SYNC_MAX_PAGES = 4
    shop.at_page = {n: lambda n=n: Page((product(n),), str(n + 1)) for n in range(1, 9)}

    run = run_sync()

    assert "did not end within 4 pages" in run.error
    assert shop.asked == [1, 2, 3, 4]


def test_empty_catalog_does_not_retire_what_is_there(run_sync, shop):
    run_sync()
    shop.listed = []

    run = run_sync()

    assert "lists no product at all" in run.error
    assert not Product.objects.filter(gone_at__isnull=False).exists()


def test_empty_catalog_of_a_new_supplier_is_no_failure(run_sync, shop):
    shop.listed = []

    assert run_sync().status == "complete"


def test_product_listed_twice_is_a_warning_and_the_later_one_stands(run_sync, shop):
    shop.listed.append(product(1, name="Later"))

    run = run_sync()

    assert run.status == "complete"
    assert "listed twice" in run.warnings[0]
    assert Product.objects.get(supplier_ref="p-1").name == "Later"


def test_last_page_that_was_announced_and_is_empty_retires_nothing(run_sync, shop):
    run_sync()
    shop.tells_total = False
    shop.at_page[2] = lambda: Page((), None)

    run = run_sync()

    assert run.status == "complete"
    assert "nothing was retired" in run.warnings[0]
    assert not Product.objects.filter(gone_at__isnull=False).exists()


def test_list_that_moved_while_it_was_read_retires_nothing(run_sync, shop):
    run_sync()

    def after_a_removal():
        del shop.listed[0]
        return shop.page(2)
    shop.at_page[2] = after_a_removal

    run = run_sync()

    assert run.status == "complete"
    assert "nothing was retired" in run.warnings[0]
    assert not Product.objects.filter(gone_at__isnull=False).exists()


def test_failure_inside_publishing_leaves_the_old_catalog(run_sync, shop, monkeypatch):
    run_sync()
    shop.reprice(1, "99.00")

    def stumble(self):
        raise KeyError("a mistake of ours")
    monkeypatch.setattr(publishing._Publication, "_retire", stumble)

    run = run_sync()

    assert run.status == "failed"
    assert Sku.objects.get(supplier_ref="s-1").price == 10


def test_supplier_that_is_not_connected_fails_the_run_in_plain_words(run_sync, monkeypatch):
    def refuse(supplier):
        raise gateway.NotConnected("plexy-one has no credentials yet.")
    monkeypatch.setattr(gateway, "connect", refuse)

    assert run_sync().error == "plexy-one has no credentials yet."


def test_second_sync_of_a_supplier_is_refused(run_sync, supplier, now):
    sync.begin(supplier=supplier, started_by="somebody", now=now)

    with pytest.raises(sync.AlreadyRunning):
        run_sync()


def test_dead_run_is_taken_over(run_sync, supplier, now):
    dead = sync.begin(supplier=supplier, started_by="somebody", now=now - timedelta(minutes=6))

    run = run_sync()

    dead.refresh_from_db()
    assert (dead.status, run.status) == ("failed", "complete")
    assert "worker stopped" in dead.error


def test_run_that_was_taken_over_publishes_nothing(run_sync, shop, supplier, now):
    def taken_over():
        SyncRun.objects.update(status="failed")
        return shop.page(3)
    shop.at_page[3] = taken_over

    run_sync()

    assert not Product.objects.exists()


def test_run_is_carried_out_once_though_the_queue_delivers_twice(shop, supplier, now):
    run = sync.begin(supplier=supplier, started_by="somebody", now=now)
    sync.carry_out(run=run)
    asked = list(shop.asked)

    sync.carry_out(run=run)

    assert shop.asked == asked


def test_progress_is_written_once_a_second_at_most(supplier, shop, now, django_assert_num_queries):
    shop.listed = [product(number) for number in range(1, 301)]
    beats = []

    sync.sync(supplier=supplier, started_by="test", now=now, clock=lambda: now,
              on_progress=lambda **told: beats.append(told))

    assert [told["stage"] for told in beats] == ["types", "categories", "prices", "products"]


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_two_syncs_at_the_same_instant_are_one(supplier, shop):
    begun, refused, results = Barrier(2), Event(), []

    def start():
        begun.wait()
        try:
            results.append(sync.sync(supplier=supplier, started_by="test", now=timezone.now()).status)
        except sync.AlreadyRunning:
            results.append("refused")
            refused.set()
        finally:
            connection.close()
    shop.at_page[3] = lambda: refused.wait(10) and shop.page(3)
    threads = [Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["complete", "refused"]
    assert Product.objects.count() == 25
