"""What the schedules ring for. Tasks carry ids and give nothing back; what is due is decided by rows."""

from django_q.tasks import async_task

from catalog import clock
from catalog.models import Supplier

from . import pruning, rounds


def beat_orders():
    rounds.beat("queue:orders", now=clock.now())


def beat_catalog():
    rounds.beat("queue:catalog", now=clock.now())


def watch():
    now = clock.now()
    if rounds.claim("watch", every=rounds.WATCH_EVERY, now=now):
        rounds.watch(now=now)


def probe():
    _ring("probe")


def refresh_funding():
    _ring("balances")
    _ring("books")


def start_syncs():
    _ring("walk")
    _ring("prices")
    _ring("match")


def prune():
    pruning.prune(now=clock.now())


def audit():
    rounds.audit(now=clock.now())


def piece(kind, supplier_id):
    """One piece of regular work for one supplier; a supplier deleted meanwhile is none."""
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is not None:
        rounds.do(kind, supplier=supplier, now=clock.now())


def _ring(kind):
    """One task per supplier, so a silent supplier holds up no other."""
    for supplier in rounds.due(kind, now=clock.now()):
        async_task("monitoring.tasks.piece", kind, supplier.pk, cluster=rounds.PIECES[kind].queue)
