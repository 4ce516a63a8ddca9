"""Watching accounts fall: one crossing per fall, one clearing per recovery.

A threshold is raised when available is at or below its trigger and cleared when available reaches its clear amount; in
between nothing happens. `Threshold.crossed_at` is the fact; who has to tell people reads it there.
"""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef

from . import reckoning, reserving
from .models import Account, Threshold


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold that was raised, or (not `is_raised`) cleared, by this check."""

    threshold: Threshold
    account: Account
    is_raised: bool


def check(*, now, accounts=None):
    """Compare `accounts` (a queryset; default all) with their thresholds and renew their states; the list of Crossings.

    Two checks at once report each crossing once. A figure too old to be believed clears no threshold.
    """
    accounts = Account.objects.all() if accounts is None else accounts
    crossings = []
    for account in accounts.select_related("supplier").prefetch_related("thresholds"):
        if account.read_at is not None:
            crossings += _compare(account, now)
        _renew_state(account, now)
    return crossings


def measured(account, *, now):
    """What thresholds are compared with: what was available when `account` was last read; where that is too old to be
    believed, less what was bought since, for what is spent is gone whether or not the supplier can be asked.
    """
    if reckoning.is_stale(account.read_at, now=now):
        return account.available - reserving.settled_since(account)
    return account.available


def keep(*, threshold, now):
    """Save a new or edited threshold and compare at once.

    An edit leaves it raised only while available is still at or below the new trigger.
    """
    if threshold.pk:
        threshold.save(update_fields=["trigger_amount", "clear_amount", "note"])
        Threshold.objects.filter(pk=threshold.pk, account__available__gt=F("trigger_amount")).update(crossed_at=None)
    else:
        threshold.save()
    check(now=now, accounts=Account.objects.filter(pk=threshold.account_id))


def drop(*, threshold, now):
    """Delete a threshold; its account's state follows at once."""
    account_id = threshold.account_id
    threshold.delete()
    check(now=now, accounts=Account.objects.filter(pk=account_id))


def _compare(account, now):
    crossings = []
    if not account.thresholds.all():
        return crossings
    amount, may_clear = measured(account, now=now), not reckoning.is_stale(account.read_at, now=now)
    for threshold in account.thresholds.all():
        if not threshold.crossed_at and reckoning.crosses(threshold, amount):
            moved = _move(threshold, account, crossed_at=now)
        elif threshold.crossed_at and may_clear and reckoning.clears(threshold, amount):
            moved = _move(threshold, account, crossed_at=None)
        else:
            continue
        if moved:
            crossings.append(Crossing(threshold, account, is_raised=threshold.crossed_at is not None))
    account.thresholds.update(checked_at=now)
    return crossings


def _move(threshold, account, *, crossed_at):
    """True if this call moved it; false where another check did, the account was read anew or staff edited it."""
    moved = Threshold.objects.filter(
        pk=threshold.pk, crossed_at=threshold.crossed_at, trigger_amount=threshold.trigger_amount,
        clear_amount=threshold.clear_amount,
    ).filter(  # not `account__read_at=`: a join hides the other conditions from PostgreSQL when it looks again after a wait
        Exists(Account.objects.filter(pk=OuterRef("account_id"), read_at=account.read_at)),
    ).update(crossed_at=crossed_at)
    if moved:
        threshold.crossed_at = crossed_at
    return bool(moved)


def _renew_state(account, now):
    state = reckoning.state(
        balance=account.balance, available=account.available, read_at=account.read_at,
        thresholds=account.thresholds.all(), now=now)
    if state != account.state:
        Account.objects.filter(pk=account.pk, read_at=account.read_at).update(state=state)
        account.state = state
