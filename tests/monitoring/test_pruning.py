"""What is forgotten, and what is not."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from monitoring.models import ProbeResult
from monitoring.pruning import KEEP_PROBES, prune

pytestmark = pytest.mark.django_db


def test_old_probes_and_ended_sessions_are_forgotten(supplier, now):
    for age in (KEEP_PROBES, KEEP_PROBES + timedelta(seconds=1)):
        ProbeResult.objects.create(supplier=supplier, at=now - age, healthy=True)
    for number, end in enumerate((now - timedelta(seconds=1), now + timedelta(hours=1))):
        Session.objects.create(session_key=f"s{number}", session_data="x", expire_date=end)

    assert prune(now=now) == {"probes": 1, "notices": 0, "refusals": 0, "quotes": 0, "phone_searches": 0,
                              "sessions": 1}
    assert Session.objects.get().session_key == "s1"
