"""Forgetting what nobody needs any more. Orders, money, calls and alerts are kept."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from orders import noticing, phones, quoting, refusals

from .models import ProbeResult

KEEP_PROBES = timedelta(days=30)


def prune(*, now):
    """Delete old probe results, notices handled long ago, idle quotes, phone searches, ended sessions; gives counts."""
    return {
        "probes": ProbeResult.objects.filter(at__lt=now - KEEP_PROBES).delete()[0],
        "notices": noticing.forget(now=now),
        "refusals": refusals.forget(now=now),
        "quotes": quoting.forget(now=now),
        "phone_searches": phones.forget(now=now),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
    }
