"""Finding accounts: by place, and with what is set aside on them."""

import re
from decimal import Decimal

from django.db.models import DecimalField, OuterRef, Subquery

from catalog.money import MoneyCoalesce, MoneySum
from catalog.suppliers.errors import Misread

from . import reckoning, reserving, runway
from .models import Account, Reservation


def at(*, supplier, currency):
    """Our account at `supplier` in `currency`, created unread where it is new. Raises Misread for an odd code."""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Misread(f"{currency[:20]!r} is not a currency code of three letters")
    account, _ = Account.objects.get_or_create(supplier=supplier, currency=currency)
    return account


def overview(*, now):
    """Accounts of active suppliers, by supplier and currency, with their figures, in three queries."""
    accounts = _with_sums(Account.objects.filter(supplier__is_active=True)).order_by("supplier__name", "currency")
    return _with_runways([_with_figures(account, now) for account in accounts], now)


def one(*, pk, now):
    """The account `pk` with its figures. Raises Account.DoesNotExist."""
    (account,) = _with_runways([_with_figures(_with_sums(Account.objects.all()).get(pk=pk), now)], now)
    return account


def _with_sums(accounts):
    """`set_aside`: open reservations. `held`: those, and what was settled since the reading."""
    return accounts.annotate(
        set_aside=_total(Reservation.objects.filter(state=Reservation.State.OPEN)),
        held=_total(Reservation.objects.filter(reserving.holding(OuterRef("read_at")))),
    ).select_related("supplier").prefetch_related("thresholds")


def _with_figures(account, now):
    """`spendable` (None: never read) is `available` less `set_aside` less `charged_since`, the charges that the reading
    does not show yet; `overdraft_used` (None: no overdraft), and `state` as of `now`, whenever that was last written.
    """
    account.spendable = None if account.available is None else account.available - account.held
    account.charged_since = account.held - account.set_aside
    has_overdraft = account.allow_overdraft and account.balance is not None
    account.overdraft_used = max(-account.balance, Decimal(0)) if has_overdraft else None
    account.state = reckoning.state(
        balance=account.balance, available=account.available, read_at=account.read_at,
        thresholds=account.thresholds.all(), now=now)
    return account


def _with_runways(accounts, now):
    """`runway`: how long the money lasts (None: never read)."""
    lasts = runway.of(accounts, now=now)
    for account in accounts:
        account.runway = lasts.get(account.pk)
    return accounts


def _total(reservations):
    sums = reservations.filter(account=OuterRef("pk")).order_by().values("account").annotate(total=MoneySum("amount"))
    amount = DecimalField(max_digits=20, decimal_places=6)
    return MoneyCoalesce(Subquery(sums.values("total")), Decimal(0), output_field=amount)
