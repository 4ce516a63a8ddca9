"""The pages of sync runs: starting one, watching it, reading what it changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from catalog.models import SyncRun

from .shop import fragment, product, text_of

pytestmark = pytest.mark.django_db


def test_sync_now_asks_the_catalog_queue_and_shows_the_run(client, supplier):
    answer = client.post(f"/catalog/suppliers/{supplier.name}/syncs/")

    run = SyncRun.objects.get()
    assert answer.url == f"/catalog/syncs/{run.pk}/"
    assert (run.stage, run.started_by) == ("waiting", client.user.username)
    assert OrmQ.objects.get().key == "catalog"


def test_second_sync_now_shows_the_first_run(client, supplier):
    client.post(f"/catalog/suppliers/{supplier.name}/syncs/")

    answer = client.post(f"/catalog/suppliers/{supplier.name}/syncs/")

    assert SyncRun.objects.count() == 1
    assert answer.url == f"/catalog/syncs/{SyncRun.objects.get().pk}/"


def test_finance_may_not_start_a_sync(page_client, supplier):
    assert page_client("finance").post(f"/catalog/suppliers/{supplier.name}/syncs/").status_code == 403
    assert not SyncRun.objects.exists()


def test_running_sync_polls_and_a_finished_one_stops(client, supplier, now):
    run = SyncRun.objects.create(supplier=supplier, started_at=now, heartbeat_at=now, stage="products", pages=3, rows=250)

    answer = fragment(client, f"/catalog/syncs/{run.pk}/")
    assert answer.status_code == 200
    assert 'hx-trigger="every 2s"' in text_of(answer)
    assert "3 pages, 250 rows" in text_of(answer)

    SyncRun.objects.update(status="complete")
    answer = fragment(client, f"/catalog/syncs/{run.pk}/")
    assert answer.status_code == 286
    assert "hx-trigger" not in text_of(answer)


@pytest.mark.parametrize(("stage", "silent_s", "words"), [
    ("waiting", 10, "Waiting for a worker"),
    ("waiting", 60, "No worker has picked this up yet"),
    ("products", 60, "Reading products"),
    ("products", 400, "Its worker seems to be gone"),
])
def test_run_that_does_not_move_says_what_to_do(client, supplier, now, stage, silent_s, words):
    run = SyncRun.objects.create(
        supplier=supplier, started_at=now, heartbeat_at=now - timedelta(seconds=silent_s), stage=stage)

    assert words in text_of(client.get(f"/catalog/syncs/{run.pk}/"))


def test_run_page_shows_old_and_new_price(client, run_sync, shop):
    run_sync()
    shop.reprice(2, "12.50")
    shop.listed = shop.listed[:-1]
    run = run_sync()

    page = text_of(client.get(f"/catalog/syncs/{run.pk}/?kind=price"))
    assert "10.00" in page
    assert "12.50" in page
    assert "Card 025" in text_of(client.get(f"/catalog/syncs/{run.pk}/?kind=gone"))


def test_run_page_pages_through_many_changes(client, run_sync, shop):
    shop.listed = [product(number) for number in range(1, 121)]
    run = run_sync()
    part = client.get(f"/catalog/syncs/{run.pk}/").context["part"]

    following = client.get(f"/catalog/syncs/{run.pk}/?kind=new&after={part.after}").context["part"]

    assert len({row.pk for row in part.rows + following.rows}) == 100


def test_failed_run_says_where_it_stopped(client, supplier, now):
    run = SyncRun.objects.create(
        supplier=supplier, started_at=now, heartbeat_at=now, status="failed", error="Stopped at products, page 2: gone.")

    page = text_of(client.get(f"/catalog/syncs/{run.pk}/"))

    assert "Stopped at products, page 2" in page
    assert "Nothing was published" in page


def test_run_list_needs_few_queries(client, supplier, now):
    for _ in range(60):
        SyncRun.objects.create(supplier=supplier, started_at=now, heartbeat_at=now, status="complete")

    with CaptureQueriesContext(connection) as asked:
        page = client.get("/catalog/syncs/")

    assert len(page.context["part"].rows) == 50
    assert len(asked) <= 9
