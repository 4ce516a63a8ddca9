"""Figures for Prometheus, read from the rows when asked: the same from whichever process answers."""

from django.db.models import Count, Q
from prometheus_client import CollectorRegistry, Gauge

from catalog.models import CircuitState, Supplier
from funding.models import Account
from orders.models import Order

from .machinery import machinery
from .models import Alert


def registry(*, now):
    """A registry filled from the rows as they stand at `now`."""
    filled = CollectorRegistry()
    _orders(filled)
    _accounts(filled, now)
    _circuits(filled)
    _machinery(filled, now)
    return filled


def _orders(filled):
    by_status = Gauge("purser_orders", "Orders that are not final, by status", ["status"], registry=filled)
    for row in Order.objects.open().values("status").annotate(n=Count("id")).order_by():
        by_status.labels(row["status"]).set(row["n"])
    review = Gauge("purser_orders_needing_review", "Orders that a person has to look at", registry=filled)
    review.set(Order.objects.filter(needs_review=True).count())


def _accounts(filled, now):
    available = Gauge("purser_account_available", "What the supplier would let us spend, in major units",
                      ["supplier", "currency"], registry=filled)
    age = Gauge("purser_account_reading_age_seconds", "Age of the last reading", ["supplier", "currency"],
                registry=filled)
    for account in Account.objects.filter(read_at__isnull=False).select_related("supplier"):
        words = (account.supplier.name, account.currency)
        available.labels(*words).set(account.available)
        age.labels(*words).set((now - account.read_at).total_seconds())


def _circuits(filled):
    closed = Gauge("purser_circuit_closed", "1 while calls to the supplier are let through", ["supplier"],
                   registry=filled)
    for supplier in Supplier.objects.filter(is_active=True).annotate(
            broken=Count("circuit", filter=~Q(circuit__state=CircuitState.State.CLOSED))):
        closed.labels(supplier.name).set(not supplier.broken)


def _machinery(filled, now):
    waiting = Gauge("purser_queue_waiting", "Tasks nobody has claimed", ["queue"], registry=filled)
    oldest = Gauge("purser_queue_oldest_seconds", "Age of the oldest task nobody has claimed", ["queue"],
                   registry=filled)
    alive = Gauge("purser_worker_alive", "1 while the queue's worker shows signs of life", ["queue"], registry=filled)
    for queue in machinery(now=now).queues:
        waiting.labels(queue.name).set(queue.waiting)
        oldest.labels(queue.name).set(queue.oldest_s)
        alive.labels(queue.name).set(queue.is_alive)
    alerts = Gauge("purser_open_alerts", "Alerts that are not resolved", ["severity"], registry=filled)
    for row in Alert.objects.filter(resolved_at=None).values("severity").annotate(n=Count("id")).order_by():
        alerts.labels(row["severity"]).set(row["n"])
