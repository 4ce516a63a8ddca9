"""What a person should know about our money at suppliers, before it is gone: one function per kind of alert."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from catalog.money import show
from funding import accounts, runway
from funding.models import Account, Threshold
from funding.thresholds import measured
from orders import demand
from orders.models.parking import ParkReason

from .causes import CRITICAL, WARNING, Cause
from .models import Alert

UNREAD_AFTER = timedelta(minutes=30)
CLEARS_AT = Decimal("1.25")  # times the hours that raise it: the pace changes with every purchase


def thresholds(now):
    crossed = Threshold.objects.filter(crossed_at__isnull=False, account__supplier__is_active=True)
    for row in crossed.select_related("account__supplier"):
        account = row.account
        amount = measured(account, now=now)
        yield Cause(f"threshold:{row.pk}", WARNING, f"{account} is down to {show(amount, account.currency)}",
                    f"Its threshold is {show(row.trigger_amount, account.currency)}; the alert clears at "
                    f"{show(row.clear_amount, account.currency)}. Send a deposit. {row.note}", _account_url(account))


def exhausted(now):
    """Accounts in which nothing was left when they were last read, however long ago: silence brings no money."""
    for account in _accounts().filter(available__lte=0):
        yield Cause(f"exhausted:{account.pk}", CRITICAL, f"{account} has nothing left to spend",
                    "New orders will be parked until money arrives there.", _account_url(account))


def unread(now):
    """Accounts we buy from whose balance has not been read for long."""
    long_ago = Q(read_at=None) | Q(read_at__lt=now - UNREAD_AFTER)
    for account in _accounts().filter(long_ago):
        since = f"since {account.read_at:%Y-%m-%d %H:%M} UTC" if account.read_at else "at all"
        yield Cause(f"unread:{account.pk}", WARNING, f"The balance of {account} could not be read {since}",
                    "What it shows may be out of date. Look at the supplier's health.", _account_url(account))


def short(now):
    """Accounts that orders wait for: who deposits has to know, not only who placed them."""
    for one in demand.of_accounts(reason=ParkReason.FUNDS):
        if one.short == 0 or not one.account.supplier.is_active:
            continue
        currency, orders = one.account.currency, "1 order waits" if one.count == 1 else f"{one.count} orders wait"
        lacks = "Its balance is not known." if one.short is None else f"Deposit {show(one.short, currency)} or more."
        yield Cause(f"short:{one.account.pk}", WARNING, f"{orders} for money at {one.account}",
                    f"{show(one.need, currency)} needed, {show(one.spendable, currency)} can be spent. {lacks}",
                    _account_url(one.account))


def lasting(now):
    """Accounts that would be empty within RUNWAY_HOURS at the pace of late."""
    told = _told("runway")
    for account, left in _runways(now):
        is_told = account.pk in told
        if left.hours > settings.RUNWAY_HOURS * (CLEARS_AT if is_told else 1) or (left.is_soon and not is_told):
            continue
        yield Cause(f"runway:{account.pk}", WARNING, f"{account} lasts {_hours(left)} more",
                    f"{_left(account, left)} The busiest day of the last week cost {show(left.busiest, account.currency)}. "
                    "Send a deposit.", _account_url(account))


def dwindling(now):
    """Accounts that will be empty within two hours, or in which everything is set aside for what is under way."""
    told = _told("soon")
    for account, left in _runways(now):
        if left.hours > runway.SOON_HOURS * (CLEARS_AT if account.pk in told else 1):
            continue
        title = f"{account} may be empty within {runway.SOON_HOURS} hours" if left.left > 0 else (
            f"All of {account} is set aside for orders under way")
        pace = f"In the last hour {show(left.lately, account.currency)} were spent. " if left.lately else ""
        yield Cause(f"soon:{account.pk}", CRITICAL, title, f"{_left(account, left)} {pace}Deposit now, or new orders are "
                    "parked.", _account_url(account))


def _runways(now):
    """(account, its Runway) of those that are used, and not empty: that is an alert of its own."""
    for account in accounts.overview(now=now):
        if account.runway and account.runway.hours is not None and account.available > 0:
            yield account, account.runway


def _hours(left):
    whole = left.whole_hours
    return "less than an hour" if whole < 1 else "about an hour" if whole == 1 else f"about {whole} hours"


def _told(kind):
    """The accounts for which an alert of this kind is open."""
    keys = Alert.objects.open().filter(key__startswith=f"{kind}:").values_list("key", flat=True)
    return {int(key.partition(":")[2]) for key in keys}


def _left(account, left):
    return f"{show(left.left, account.currency)} can be spent, by the reading of {account.read_at:%Y-%m-%d %H:%M} UTC."


def _accounts():
    return Account.objects.filter(supplier__is_active=True).select_related("supplier")


def _account_url(account):
    return reverse("funding:account", args=[account.pk])
