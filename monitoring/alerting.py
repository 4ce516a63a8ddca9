"""Raising, resolving and acknowledging alerts: one open alert per cause, however many checkers look."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from .models import Alert


class NotOpen(Exception):
    """The alert has been resolved, or somebody has acknowledged it already."""


def raise_alert(*, key, severity, title, text, url, now):
    """Say that the cause `key` holds at `now`. True if this call opened the alert, false if it was open already.

    An open alert keeps its time and its e-mail; its words follow what is true now.
    """
    words = {"severity": severity, "title": one_line(title, 200), "text": one_line(text, 500), "url": url}
    if _refresh(key, words, now):
        return False
    try:
        with transaction.atomic():
            Alert.objects.create(key=key, raised_at=now, last_seen_at=now, **words)
    except IntegrityError:
        _refresh(key, words, now)
        return False
    return True


def resolve_alert(*, key, now):
    """Say that the cause `key` is gone. True if this call resolved it; an alert seen later than `now` stays open."""
    return bool(Alert.objects.open().filter(key=key, last_seen_at__lte=now).update(resolved_at=now))


def acknowledge(*, alert_id, by, now):
    """Note that `by` is looking after it; raises NotOpen."""
    taken = Alert.objects.open().filter(pk=alert_id, acknowledged_at=None).update(acknowledged_at=now, acknowledged_by=by)
    if not taken:
        raise NotOpen("This alert has been resolved or acknowledged already.")


def one_line(text, limit):
    """`text` without line breaks and control characters, cut at `limit`: titles become e-mail subjects."""
    clean = "".join(char if char.isprintable() else " " for char in str(text))
    return " ".join(clean.split())[:limit]


def _refresh(key, words, now):
    return Alert.objects.open().filter(key=key).update(last_seen_at=Greatest(F("last_seen_at"), now), **words)
