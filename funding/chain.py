"""Where a supplier's running balance breaks: previous balance + amount must be the next balance.

Rows of the same second may stand in any order, because suppliers tell times in seconds; they hold together when some
order of them does.
"""

from decimal import Decimal
from itertools import groupby

from django.db.models import F, Window
from django.db.models.functions import Abs, Lag

from .models import Account, Entry

# SQLite reckons in floating point; rows that differ by less than the last digit we keep are equal.
LAST_DIGIT = Decimal("0.000001")


def check(account, *, since):
    """Note the oldest transaction of `account` that does not follow from the one before it, or that there is none.

    Rows older than `since` are as they were at the last check; only the rest is looked at, so a long ledger costs nothing.
    """
    found = _first_break(_rows_from(account, since))
    Account.objects.filter(pk=account.pk).update(first_break=found)
    return found


def breaks(entries):
    """Those of `entries` (chained transactions of one account, oldest first) that follow from none before them.

    The first group of equal times is taken on trust: what stood before it is not known.
    """
    balance, broken = None, []
    for _, twins in groupby(entries, key=lambda entry: entry.occurred_at):
        twins = list(twins)
        left = twins if balance is None else _unchained(twins, balance)
        if balance is not None and left:
            broken.append(left[0])
        balance = _last(twins)
    return broken


def _rows_from(account, since):
    """The chained rows from the one before `since`, or before the break known so far, which may have healed."""
    since = min(since, account.first_break.occurred_at) if account.first_break else since
    chained = account.entries.filter(**CHAINED)
    before = chained.filter(occurred_at__lt=since).order_by("-occurred_at").first()
    return chained.filter(occurred_at__gte=before.occurred_at) if before else chained


def _first_break(rows):
    suspect = _suspects(rows).first()
    if suspect is None:
        return None
    before = rows.filter(occurred_at__lt=suspect.occurred_at).order_by("-occurred_at").first()
    if before:
        rows = rows.filter(occurred_at__gte=before.occurred_at)
    ordered = rows.order_by("occurred_at", "id").only("occurred_at", "amount", "balance_after")
    return next(iter(breaks(ordered)), None)


def _suspects(rows):
    """Rows that do not follow from their neighbour; only twins of the same second can be innocent."""
    before = Window(Lag("balance_after"), order_by=["occurred_at", "id"])
    gap = Abs(F("balance_after") - F("amount") - before)
    return rows.annotate(before=before, gap=gap).filter(gap__gte=LAST_DIGIT).order_by("occurred_at", "id")


CHAINED = {"kind": Entry.Kind.TRANSACTION, "status": Entry.Status.POSTED, "balance_after__isnull": False}


def _unchained(twins, balance):
    """What is left of `twins` when rows are taken, one after another, that follow from `balance`."""
    left = list(twins)
    while following := next((row for row in left if row.balance_after - row.amount == balance), None):
        left.remove(following)
        balance = following.balance_after
    return left


def _last(twins):
    """The balance after all of `twins`: the one that no other of them starts from."""
    starts = {row.balance_after - row.amount for row in twins}
    ends = [row.balance_after for row in twins if row.balance_after not in starts]
    return (ends or [twins[-1].balance_after])[-1]


def gap(entry):
    """By how much `entry` is off from what the row before it lets expect; None where there is none before it."""
    before = entry.account.entries.filter(**CHAINED).filter(occurred_at__lte=entry.occurred_at).exclude(pk=entry.pk)
    before = before.order_by("-occurred_at", "-id").first()
    return None if before is None else entry.balance_after - entry.amount - before.balance_after
