"""Two weeks of balance readings, so that the charts of accounts have a line from the first minute on.

Where the supplier's books hold running balances, the past is read from them; elsewhere one is made up. Either way it leads
to the first balance that was really read.
"""

import random
from datetime import timedelta
from decimal import Decimal

from catalog.money import quantise
from funding import chain
from funding.models import Account, Reading

DAYS = 14
EVERY = timedelta(hours=2)
STEPS = timedelta(days=DAYS) // EVERY
TOP_UP_EVERY = 36  # readings: three days
SPENT_AT_MOST = Decimal("0.02")  # of the account's size, between two readings


def remember(*, now):
    """Write what each account would have read in the two weeks before its first reading; once."""
    for account in Account.objects.filter(read_at__isnull=False).order_by("pk"):
        if account.readings.filter(fetch_started_at__lt=now - timedelta(days=1)).exists():
            continue
        first = account.readings.order_by("fetch_started_at", "pk").first()
        balance, began = (first.balance, first.fetch_started_at) if first else (account.balance, now)
        booked = list(account.entries.filter(**chain.CHAINED).order_by("-occurred_at", "-pk"))
        past = _from_books(booked, began) if booked else _made_up(account, balance)
        Reading.objects.bulk_create(
            _reading(account, quantise(was, account.currency), began - EVERY * step)
            for step, was in enumerate(past, start=1))


def _from_books(booked, began):
    """The running balance at each step back from `began`; before the first row, what that row started from."""
    opened_with = booked[-1].balance_after - booked[-1].amount
    for step in range(1, STEPS + 1):
        at = began - EVERY * step
        yield next((row.balance_after for row in booked if row.occurred_at <= at), opened_with)


def _made_up(account, balance):
    """Balances from `balance` back: before each of them less was spent, and a top-up had not come yet."""
    dice = random.Random(account.pk)
    size = max(abs(balance), account.overdraft_limit, Decimal(1))
    for step in range(1, STEPS + 1):
        balance += size * SPENT_AT_MOST * dice.randrange(100) / 100
        if step % TOP_UP_EVERY == 0:
            balance -= size * SPENT_AT_MOST * TOP_UP_EVERY / 2
        yield balance


def _reading(account, balance, at):
    return Reading(
        account=account, fetch_started_at=at, balance=balance, overdraft_limit=account.overdraft_limit,
        available=balance + account.overdraft_limit)
