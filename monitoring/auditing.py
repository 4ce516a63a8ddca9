"""The nightly check of orders and their money: reads only, and raises an alert for each thing that must not be."""

import contextlib
import logging
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection, transaction

from orders import auditing

from .alerting import raise_alert, resolve_alert
from .models import Alert

MOST = 50  # of one kind: whoever looks at fifty knows that something is wrong in general
PATIENCE_S = 600

log = logging.getLogger(__name__)


@dataclass
class Audited:
    """What was found, by check; the names of the checks that an error of ours stopped; and how many alerts were moved."""

    found: dict = field(default_factory=dict)
    crashed: list = field(default_factory=list)
    raised: int = 0
    resolved: int = 0

    @property
    def count(self):
        return sum(map(len, self.found.values()))


def check(*, now):
    """Do all checks; gives Audited, with at most MOST findings of each. Changes nothing: the database would refuse it."""
    audited = Audited()
    for name in auditing.CHECKS:
        try:
            with _reading_only():
                audited.found[name] = list(islice(auditing.broken(name, now=now), MOST))
        except Exception:  # one check that cannot be done must not keep the others from being done
            log.exception("Cannot check %s", name)
            audited.crashed.append(name)
    return audited


def audit(*, now):
    """Do all checks, and set the alerts right: one for each thing found, none for what is no longer so."""
    audited = check(now=now)
    for name, findings in audited.found.items():
        for finding in findings:
            audited.raised += raise_alert(
                key=f"money:{finding.key}", severity=Alert.Severity.CRITICAL, title=finding.text,
                text=f"The nightly check found what must not be. The rule: {auditing.CHECKS[name].rule}", url=finding.url,
                now=now)
    found = {f"money:{finding.key}" for findings in audited.found.values() for finding in findings}
    for key in Alert.objects.open().filter(key__startswith="money:").values_list("key", flat=True):
        name = key.split(":")[1]
        if key not in found and _was_done(audited, name):
            audited.resolved += resolve_alert(key=key, now=now)
    return audited


def _was_done(audited, name):
    """Whether all of a check was seen, so that what it did not find is not there."""
    return len(audited.found.get(name, ())) < MOST and name not in audited.crashed


@contextlib.contextmanager
def _reading_only():
    """Let nothing be written inside, and let one statement take long; by the database's own means."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA query_only = ON")
            try:
                yield
            finally:
                cursor.execute("PRAGMA query_only = OFF")
            return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{PATIENCE_S}s"])
        yield
