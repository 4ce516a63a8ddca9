"""How long the money of an account still lasts, by what was bought from it lately.

The pace is that of the busiest of the last seven days, each of 24 hours up to now: nights are in it, so it holds for the
next one too. A burst is over before a day shows it: where the last hour alone would soon empty the account, that counts.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q

from catalog.money import MoneySum

from .models import Reservation

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAYS = 7
SOON_HOURS = 2
A_PACE = 3  # purchases; a single large one tells nothing of the next hour


@dataclass(frozen=True, slots=True)
class Runway:
    """`busiest` was spent on the busiest day, `lately` within the last hour (0 where that was no pace).

    `hours` is how long `left`, what may still be promised, lasts at that; None where nothing was bought for a week.
    """

    left: Decimal
    busiest: Decimal
    lately: Decimal

    @property
    def hours(self):
        if self.left <= 0:
            return Decimal(0)
        by_day = self.left * 24 / self.busiest if self.busiest else None
        by_hour = self.left / self.lately if self.lately else None
        if by_hour is not None and by_hour <= SOON_HOURS:
            return min(by_day, by_hour)
        return by_day

    @property
    def is_soon(self):
        """Whether it is gone before somebody who looks twice a day would see it."""
        return self.hours is not None and self.hours <= SOON_HOURS

    @property
    def whole_hours(self):
        return int(self.hours)

    @property
    def whole_days(self):
        return int(self.hours // 24)


def of(accounts, *, now):
    """The Runway of each of `accounts` (with their figures, of `funding.accounts`) that was ever read, by id; one query."""
    read = [account for account in accounts if account.spendable is not None]
    spent = {row["account"]: row for row in _spent(read, now)} if read else {}
    return {account.pk: _runway(account, spent.get(account.pk)) for account in read}


def _spent(accounts, now):
    """What was bought from each account on each of the days, and within the hour."""
    lately = Q(settled_at__gt=now - HOUR)
    days = {f"day_{n}": MoneySum("amount", filter=Q(settled_at__gt=now - (n + 1) * DAY, settled_at__lte=now - n * DAY))
            for n in range(1, DAYS)}
    return Reservation.objects.filter(
        account__in=[account.pk for account in accounts], state=Reservation.State.SETTLED, settled_at__gt=now - DAYS * DAY,
    ).values("account").annotate(
        day_0=MoneySum("amount", filter=Q(settled_at__gt=now - DAY)), **days,
        lately=MoneySum("amount", filter=lately), purchases=Count("pk", filter=lately)).order_by()


def _runway(account, row):
    if row is None:
        return Runway(account.spendable, Decimal(0), Decimal(0))
    is_pace = row["purchases"] >= A_PACE
    return Runway(
        account.spendable, busiest=max(row[f"day_{n}"] or Decimal(0) for n in range(DAYS)),
        lately=row["lately"] if is_pace else Decimal(0))
