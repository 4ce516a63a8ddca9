"""The queue's doorbells: they may ring twice, late, or for something that is gone."""

import pytest

from catalog import sync, tasks
from catalog.models import ConnectionTest, Product

pytestmark = pytest.mark.django_db


def test_sync_that_was_asked_for_is_carried_out(supplier, shop, now):
    run = sync.begin(supplier=supplier, started_by="anna", now=now)

    tasks.carry_out_sync(run.pk)
    tasks.carry_out_sync(run.pk)

    run.refresh_from_db()
    assert (run.status, run.started_by, Product.objects.count()) == ("complete", "anna", 25)
    assert shop.asked == [1, 2, 3]


def test_task_for_a_run_that_failed_meanwhile_does_nothing(supplier, shop, now):
    run = sync.begin(supplier=supplier, started_by="anna", now=now)
    type(run).objects.update(status="failed")

    tasks.carry_out_sync(run.pk)

    assert shop.asked == []


def test_tasks_for_rows_that_are_gone_do_nothing(db):
    tasks.carry_out_sync(404)
    tasks.check_connection(404)


def test_connection_is_tested_once(supplier, shop, now):
    test = ConnectionTest.objects.create(supplier=supplier, requested_at=now)
    ConnectionTest.objects.update(state="connected", detail="first")

    tasks.check_connection(test.pk)

    test.refresh_from_db()
    assert test.detail == "first"
