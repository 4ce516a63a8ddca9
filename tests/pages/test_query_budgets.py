"""Fifty rows cost a list as many queries as five."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import Task

from catalog.models import Supplier, SyncChange, SyncRun
from funding.models import Account, Entry
from monitoring import alerting
from monitoring.models import ProbeResult
from orders.models import Transaction, TransactionFile, UnmatchedPurchase
from tests.pages.conftest import NOON


@pytest.fixture
def more(make_order, make_sku, account, supplier, wallet, page_client):
    """How one more row comes into being, by address; `n` tells the rows apart."""
    times = dict.fromkeys(("created_at", "changed_at", "wanted_at"), NOON)
    run = SyncRun.objects.create(supplier=supplier, started_at=NOON, heartbeat_at=NOON, status="complete")

    def entry(kind):
        return lambda n: Entry.objects.create(
            supplier=supplier, account=account, kind=kind, supplier_key=str(n), word="x", status="posted", currency="USD",
            amount=Decimal(n), occurred_at=NOON + timedelta(seconds=n), first_seen_at=NOON)

    def change(n):
        sku = make_sku()
        SyncChange.objects.create(run=run, kind="new", product=sku.product, sku=sku, at=NOON)

    def failed_task(n):
        Task.objects.create(id=f"{n:032}", name=f"task-{n}", func="orders.tasks.run", cluster="orders", success=False,
                            started=timezone.now(), stopped=timezone.now())

    def another(n):
        return Supplier.objects.create(name=f"supplier-{n}", api="giftapi", base_url="https://quiet.invalid")

    return {
        "/orders/": lambda n: make_order(("completed", "unknown", "parked")[n % 3]),
        "/orders/?status=action": lambda n: make_order("unknown"),
        "/orders/unknown/": lambda n: make_order("unknown"),
        "/orders/parked/": lambda n: make_order("parked"),
        "/orders/unmatched/": lambda n: UnmatchedPurchase.objects.create(
            supplier=supplier, supplier_order_id=f"theirs-{n}", ref="", sku_ref="sku-1", word="completed",
            total=Decimal("9.40"), currency="USD", ordered_at=NOON, first_seen_at=NOON),
        "/orders/transactions/": lambda n: Transaction.objects.create(
            supplier=wallet, digest=f"{n:064}", amount="5", action="debit", due_at=NOON, **times),
        "/orders/transactions/files/": lambda n: TransactionFile.objects.create(
            supplier=wallet, name=f"shift-{n}.csv", created_at=NOON, by=page_client("support").user),
        "/catalog/": lambda n: make_sku(),
        "/catalog/suppliers/": another,
        "/catalog/syncs/": lambda n: SyncRun.objects.create(
            supplier=supplier, started_at=NOON, heartbeat_at=NOON, status="complete"),
        f"/catalog/syncs/{run.pk}/": change,
        "/funding/": lambda n: Account.objects.create(supplier=another(n), currency="USD"),
        "/funding/deposits/": entry("deposit"),
        "/funding/transactions/": entry("transaction"),
        "/monitoring/": lambda n: ProbeResult.objects.create(
            supplier=supplier, at=timezone.now() - timedelta(minutes=n), healthy=True, latency_ms=n),
        "/monitoring/jobs/": failed_task,
        "/monitoring/alerts/": lambda n: alerting.raise_alert(
            key=f"cause-{n}", severity="warning", title="Odd", text="", url="/", now=NOON),
    }


@pytest.mark.parametrize("place", range(17))
def test_queries_do_not_grow_with_the_rows(page_client, more, place):
    address, add = list(more.items())[place]
    client = page_client("lead")

    few = _queries_after(client, address, add, range(5))
    many = _queries_after(client, address, add, range(5, 50))

    assert many == few, address


def _queries_after(client, address, add, numbers):
    for n in numbers:
        add(n)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
