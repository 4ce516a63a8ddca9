"""What the queue calls: ids in, nothing out, safe to run any number of times."""

import time

from django_q.tasks import async_task

from catalog import clock

from . import adopting, checking, esims, phones, quoting, receipts, sending, sweep
from .models import PhoneSearch, Quote, Transaction, UnmatchedPurchase

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


def follow_notice(notice_id):
    """Follow one notice, and read its order."""
    sweep.run_notice(notice_id=notice_id, now=clock.now())


def adopt(purchase_id):
    """Make one unmatched purchase an order."""
    purchase = UnmatchedPurchase.objects.select_related("supplier", "by").get(pk=purchase_id)
    adopting.adopt(purchase=purchase, now=clock.now())


def check_transaction(transaction_id):
    """Ask about one transaction if it is due."""
    checking.check(pk=transaction_id, now=clock.now(), clock=clock.now)


def read_esim(esim_id):
    """Read one eSIM at its supplier if it is due."""
    esims.read(pk=esim_id, now=clock.now(), clock=clock.now)


def check_file(file_id):
    """Ask about what is due of one file, for as long as a task may take, and ring again for the rest."""
    ends_at = time.monotonic() + SWEEP_FOR_S
    due = Transaction.objects.filter(file_rows__file=file_id, due_at__lte=clock.now(), supplier__is_active=True)
    for pk in list(due.order_by("file_rows__line").values_list("pk", flat=True)):
        if time.monotonic() > ends_at:
            async_task("orders.tasks.check_file", file_id, cluster="catalog")
            return
        checking.check(pk=pk, now=clock.now(), clock=clock.now)


def tell_receipt_address(order_id):
    """Tell the supplier where its receipt about one order goes, if that is due."""
    receipts.carry_out(order_id=order_id, now=clock.now())


def search_phone(search_id):
    """Find the operators of one phone number."""
    phones.carry_out(search=PhoneSearch.objects.select_related("supplier").get(pk=search_id))


def run_due():
    """What is due, for as long as a task may take; the next one does the rest."""
    ends_at = time.monotonic() + SWEEP_FOR_S
    sweep.run_due(now=clock.now(), until=lambda: time.monotonic() > ends_at)
