"""What the queue calls: ids in, nothing out, safe to run any number of times."""

import time

from catalog import clock

from . import quoting, sending, sweep
from .models import Quote

SWEEP_FOR_S = 45  # well within the queue's own time limit, which would kill a send in the middle


def send(attempt_id):
    """Send one attempt if it is due."""
    sending.send(attempt_id=attempt_id, now=clock.now())


def fetch_quote(quote_id):
    """Fetch the price of one quote."""
    quote = Quote.objects.select_related("sku__product", "sku__supplier").get(pk=quote_id)
    quoting.fetch(quote=quote, now=clock.now())


def look(order_id):
    """Do what is due for one order now."""
    sweep.run_order(order_id=order_id, now=clock.now())


def run_due():
    """What is due, for as long as a task may take; the next one does the rest."""
    ends_at = time.monotonic() + SWEEP_FOR_S
    sweep.run_due(now=clock.now(), until=lambda: time.monotonic() > ends_at)
