"""Two weeks of balance readings, so that the charts of accounts have a line from the first minute on."""

import random
from datetime import timedelta
from decimal import Decimal

from catalog.money import quantise
from funding.models import Account, Reading

DAYS = 14
EVERY = timedelta(hours=2)
TOP_UP_EVERY = 36  # readings: three days
SPENT_AT_MOST = Decimal("0.02")  # of the account's size, between two readings


def remember(*, now):
    """Write what each account would have read in the last two weeks, ending at its present balance; once."""
    for account in Account.objects.filter(read_at__isnull=False).order_by("pk"):
        if not account.readings.filter(fetch_started_at__lt=now - timedelta(days=1)).exists():
            Reading.objects.bulk_create(_past(account, now))


def _past(account, now):
    """Readings from now back: before each of them less was spent, and a top-up had not come yet."""
    dice = random.Random(account.pk)
    balance = account.balance
    size = max(abs(balance), account.overdraft_limit, Decimal(1))
    for step in range(1, DAYS * 24 // 2 + 1):
        balance += size * SPENT_AT_MOST * dice.randrange(100) / 100
        if step % TOP_UP_EVERY == 0:
            balance -= size * SPENT_AT_MOST * TOP_UP_EVERY / 2
        yield _reading(account, quantise(balance, account.currency), now - EVERY * step)


def _reading(account, balance, at):
    return Reading(
        account=account, fetch_started_at=at, balance=balance, overdraft_limit=account.overdraft_limit,
        available=balance + account.overdraft_limit)
