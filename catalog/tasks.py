"""What the queue may ask of the catalog. Syncs run on the cluster `catalog`, connection tests on `orders`."""

from django.utils import timezone

from . import connecting, sync
from .models import ConnectionTest, SyncRun


def carry_out_sync(run_id):
    """Carry out a sync run that a person started."""
    run = SyncRun.objects.select_related("supplier").filter(pk=run_id).first()
    if run:
        sync.carry_out(run=run)


def check_connection(test_id):
    """Carry out a connection test that a person asked for."""
    test = ConnectionTest.objects.select_related("supplier").filter(pk=test_id).first()
    if test:
        connecting.carry_out(test=test, now=timezone.now())
