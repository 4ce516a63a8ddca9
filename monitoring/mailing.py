"""E-mail for new alerts, to the groups that can do something about them."""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import Q

from catalog import life

from .alerting import one_line
from .models import Alert

MONEY, GOODS, MACHINES = ("finance", "lead"), ("operations", "lead"), ("lead", "operations")
AUDIENCE = {
    "threshold": MONEY, "exhausted": MONEY, "runway": MONEY, "soon": MONEY, "short": MONEY,
    "unread": (*MONEY, "operations"),
    "worker": MACHINES, "queue": MACHINES, "failures": MACHINES, "clock": MACHINES, "spool": MACHINES, "keys": MACHINES,
}
RETRY = timedelta(minutes=5)
TURN_S = 20  # order work waits behind it in the loop: with a mail server that hangs, the rest is for the next turn
GIVE_UP = timedelta(hours=24)  # after a day of trying, an e-mail is no news; the alert itself stays on the page

log = logging.getLogger(__name__)


def send_due(*, now):
    """Send the e-mail of every open alert that has none yet; returns how many were sent.

    A try that fails is noted on the alert and made again after RETRY; so is one whose process died.
    """
    due = Alert.objects.open().filter(_unclaimed(now), mailed_at=None, raised_at__gt=now - GIVE_UP)
    ends_at = time.monotonic() + TURN_S
    return sum(_send(alert, now) for alert in due.order_by("raised_at")[:50] if time.monotonic() < ends_at)


def audience(kind):
    """Addresses of active staff in the groups that look after alerts of `kind`."""
    people = User.objects.filter(is_active=True, groups__name__in=AUDIENCE.get(kind, GOODS)).exclude(email="")
    return sorted(set(people.values_list("email", flat=True)))


def _unclaimed(now):
    return Q(mail_claimed_at=None) | Q(mail_claimed_at__lte=now - RETRY)


def _send(alert, now):
    life.sign()
    if not Alert.objects.filter(_unclaimed(now), pk=alert.pk, mailed_at=None).update(mail_claimed_at=now):
        return 0
    error = _try_to_send(alert)
    done = {} if error else {"mailed_at": now}
    Alert.objects.filter(pk=alert.pk).update(mail_error=error, **done)
    return int(not error)


def _try_to_send(alert):
    """Empty when it went out, else why not."""
    addresses = audience(alert.kind)
    if not addresses:
        return f"Nobody with an address in {', '.join(AUDIENCE.get(alert.kind, GOODS))}."
    try:
        _message(alert, addresses).send()
    except Exception as problem:  # any mail backend may fail in any way, and an alert must outlive that
        log.warning("E-mail for alert %s failed: %s", alert.pk, type(problem).__name__)
        return one_line(f"{type(problem).__name__}: {problem}", 200)
    return ""


def _message(alert, addresses):
    subject = one_line(f"[Purser] {alert.get_severity_display()}: {alert.title}", 180)
    lines = [alert.title, "", alert.text, "", f"Since {alert.raised_at:%Y-%m-%d %H:%M} UTC."]
    if alert.url:
        lines.append(f"See {settings.SITE_URL}{alert.url}")
    return EmailMessage(subject, "\n".join(lines), to=[settings.DEFAULT_FROM_EMAIL], bcc=addresses)
