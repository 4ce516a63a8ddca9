"""What an account's figures mean. Pure: no rows, no clock.

`low` and the thresholds speak of `available`, the figure of the last reading, and not of what is still spendable: open
reservations come and go with every order and would make an alert flap, and available is the figure that staff can
compare with the supplier's own page.
"""

from datetime import timedelta
from decimal import Decimal

from .models import Account

# Balances are read about every two minutes. After five misses nobody should trust the figure any more.
STALE_AFTER = timedelta(minutes=10)
# Suppliers send money as JSON numbers and may round once more than we do.
TOLERANCE = Decimal("0.01")


def available(reading):
    """What a reading really lets us spend, and a warning ('' when all is well).

    It must be balance - reserved + the overdraft limit where overdraft is allowed. Where the supplier's own figure
    differs by more than a cent, the smaller one counts.
    """
    overdraft = reading.overdraft_limit if reading.allow_overdraft else Decimal(0)
    reckoned = reading.balance - reading.reserved + overdraft
    if abs(reckoned - reading.available) <= TOLERANCE:
        return reading.available, ""
    return min(reckoned, reading.available), (
        f"The supplier says {reading.available:f} {reading.currency} available, "
        f"but balance - reserved + overdraft is {reckoned:f}. The smaller figure is used.")


def is_stale(read_at, *, now):
    """Whether a reading begun at `read_at` (None: never) is too old to be believed."""
    return read_at is None or now - read_at > STALE_AFTER


def crosses(threshold, amount):
    """Whether `amount` is low enough to raise `threshold`."""
    return amount <= threshold.trigger_amount


def clears(threshold, amount):
    """Whether `amount` is high enough to clear `threshold` again."""
    return amount >= threshold.clear_amount


def state(*, balance, available, read_at, thresholds, now):
    """The state word of an account; the first that fits of unknown, exhausted, overdrawn, low, ok.

    An account stays low until each crossed threshold has cleared, so the word agrees with the alerts.
    """
    if is_stale(read_at, now=now):
        return Account.State.UNKNOWN
    if available <= 0:
        return Account.State.EXHAUSTED
    if balance < 0:
        return Account.State.OVERDRAWN
    if any(threshold.crossed_at or crosses(threshold, available) for threshold in thresholds):
        return Account.State.LOW
    return Account.State.OK
