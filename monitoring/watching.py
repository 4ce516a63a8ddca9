"""The round that compares what is true with what has been raised, and sets the alerts right."""

import logging
from dataclasses import dataclass

from funding import thresholds

from . import causes, money_causes, notice_causes, order_causes
from .alerting import raise_alert, resolve_alert
from .models import Alert

# Kind of alert -> what finds its causes. A kind that is not listed is raised and resolved by somebody else.
WATCHES = {
    "threshold": money_causes.thresholds,
    "exhausted": money_causes.exhausted,
    "unread": money_causes.unread,
    "runway": money_causes.lasting,
    "soon": money_causes.dwindling,
    "short": money_causes.short,
    "down": causes.down,
    "circuit": causes.circuits,
    "sync": causes.failed_syncs,
    "prices": causes.failed_prices,
    "stale": causes.stale_catalogs,
    "paused": causes.paused,
    "clock": causes.clocks,
    "protocol": causes.protocols,
    "failures": causes.failures,
    "spool": causes.spooled,
    "keys": causes.keys,
    "unknown": order_causes.unknown,
    "unknown-day": order_causes.long_unknown,
    "parked": order_causes.parked,
    "approval": order_causes.approvals,
    "review": order_causes.review,
    "refund": order_causes.refunds,
    "slow": order_causes.slow,
    "transactions": order_causes.transactions,
    "unmatched": order_causes.unmatched,
    "restored": order_causes.restored,
    "reveals": order_causes.capped_reveals,
    "forged": notice_causes.forged,
    "stranger": notice_causes.strangers,
    "stuck": notice_causes.stuck,
}
MACHINE_KINDS = ("queue", "worker")

log = logging.getLogger(__name__)


@dataclass
class Watched:
    """How many alerts a round opened and resolved, and how many kinds it could not look at, by an error of ours."""

    raised: int = 0
    resolved: int = 0
    crashed: int = 0


def watch(*, now):
    """Check thresholds, then raise and resolve alerts. A kind that cannot be looked at is left as it is."""
    watched = Watched()
    _guarded(watched, "thresholds", lambda: thresholds.check(now=now))
    for kind, find in WATCHES.items():
        _guarded(watched, kind, lambda kind=kind, find=find: _set_right(watched, (kind,), find(now), now))
    _guarded(watched, "machinery", lambda: _set_right(watched, MACHINE_KINDS, causes.queues(now), now))
    return watched


def _guarded(watched, name, act):
    try:
        act()
    except Exception:  # one blind eye must not close the others
        log.exception("Cannot watch %s", name)
        watched.crashed += 1


def _set_right(watched, kinds, found, now):
    found = {cause.key: cause for cause in found}
    for cause in found.values():
        watched.raised += raise_alert(key=cause.key, severity=cause.severity, title=cause.title, text=cause.text,
                                      url=cause.url, now=now)
    for key in Alert.objects.open().values_list("key", flat=True):
        if key.partition(":")[0] in kinds and key not in found:
            watched.resolved += resolve_alert(key=key, now=now)
