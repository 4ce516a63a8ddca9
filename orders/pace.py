"""When to try, look or ask again. Numbers are ours where a supplier's traits say nothing else."""

import random
from datetime import timedelta

from .models.attempt import RANK

# When to look for an unknown order: most are there within seconds; what takes longer usually takes long.
POLL_AFTER_S = (5, 10, 15, 30, 60, 120, 300, 900)
POLL_SLOW_S = 3600
DAY_S = 86400
WATCH_AFTER_END = timedelta(days=7)  # late reversals
NOT_SENT_FAST = 5
NOT_SENT_SLOW_S = 900
MAX_WAIT = timedelta(minutes=15)  # an order that could not be sent for so long may not be wanted any more
SECOND_LOOK_AFTER = timedelta(seconds=60)
LEASE = timedelta(seconds=90)  # of whatever asks the supplier and is no purchase
LEASE_SLACK_S = 60  # how much longer a purchase is leased than its answer may take
RETRY_AFTER_CAP_S = 900
FENCE_MARGIN_S = 60  # on top of what a supplier tolerates, for clocks that disagree


def next_poll(*, outcome, polls, traits, now, open_orders=0):
    """When to read an accepted order again; a final one is still watched daily for a while.

    With many `open_orders` each is read more rarely, so that all of them stay within what the supplier allows.
    """
    if RANK[outcome] == 100:
        return now + timedelta(seconds=DAY_S)
    wait = traits.poll_after_s[polls] if polls < len(traits.poll_after_s) else traits.poll_slow_s
    least = open_orders * 60 / traits.polls_per_minute if traits.polls_per_minute else 0
    return now + timedelta(seconds=max(wait, least))


def purchase_lease(traits):
    """For how long a purchase belongs to the worker that sends it."""
    return timedelta(seconds=traits.purchase_s + LEASE_SLACK_S)


def next_lookup(*, lookups, now):
    """When to look again for an order whose outcome is unknown."""
    return now + timedelta(seconds=POLL_AFTER_S[lookups] if lookups < len(POLL_AFTER_S) else POLL_SLOW_S)


def next_send(*, not_sent, retry_after_s, now):
    """When to try again after `not_sent` tries of which no byte left: full jitter up to a minute, then each 15 minutes."""
    fast = random.uniform(1, min(60, 2 ** (not_sent + 1)))
    wait = NOT_SENT_SLOW_S if not_sent > NOT_SENT_FAST else fast
    return now + timedelta(seconds=max(wait, min(retry_after_s or 0, RETRY_AFTER_CAP_S)))
