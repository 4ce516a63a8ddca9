"""What the queue may ask of the catalog. The sync tasks run on the cluster `catalog`, the others on `orders`."""

from django.utils import timezone

from . import connecting, sync
from .models import ConnectionTest, Supplier, SyncRun


def carry_out_sync(run_id):
    """Carry out a sync run that a person started."""
    run = SyncRun.objects.select_related("supplier").filter(pk=run_id).first()
    if run:
        sync.carry_out(run=run)


def sync_supplier(supplier_id):
    """Mirror one supplier's catalog, unless that is going on already."""
    supplier = Supplier.objects.get(pk=supplier_id)
    try:
        sync.sync(supplier=supplier, started_by="schedule", now=timezone.now())
    except sync.AlreadyRunning:
        return


def sync_all():
    """Mirror the catalogs of all active suppliers, one after the other."""
    for supplier_id in Supplier.objects.filter(is_active=True).order_by("name").values_list("id", flat=True):
        sync_supplier(supplier_id)


def check_connection(test_id):
    """Carry out a connection test that a person asked for."""
    test = ConnectionTest.objects.select_related("supplier").filter(pk=test_id).first()
    if test:
        connecting.carry_out(test=test, now=timezone.now())
