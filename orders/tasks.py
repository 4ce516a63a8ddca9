"""What the queue calls: ids in, nothing out, safe to run any number of times."""

from . import clock, quoting, sending, sweep
from .models import Quote


def send(attempt_id):
    """Send one attempt if it is due."""
    sending.send(attempt_id=attempt_id, now=clock.now())


def fetch_quote(quote_id):
    """Fetch the price of one quote."""
    quote = Quote.objects.select_related("sku__product", "sku__supplier").get(pk=quote_id)
    quoting.fetch(quote=quote, now=clock.now())


def run_due():
    """Everything that is due."""
    sweep.run_due(now=clock.now())
