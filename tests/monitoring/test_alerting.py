"""One open alert per cause, whoever looks and however often."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from monitoring.alerting import NotOpen, acknowledge, raise_alert, resolve_alert
from monitoring.models import Alert

pytestmark = pytest.mark.django_db


def cry(now, **words):
    return raise_alert(**{"key": "threshold:1", "severity": "warning", "title": "Low", "text": "Send a deposit.",
                          "url": "/funding/1/", "now": now, **words})


def test_first_cry_opens_an_alert(now):
    assert cry(now) is True

    assert list(Alert.objects.values_list("key", "raised_at", "resolved_at")) == [("threshold:1", now, None)]


def test_second_cry_renews_the_open_alert(now):
    cry(now)

    assert cry(now + timedelta(minutes=1), title="Lower") is False

    alert = Alert.objects.get()
    assert (alert.title, alert.raised_at, alert.last_seen_at) == ("Lower", now, now + timedelta(minutes=1))


def test_late_cry_does_not_turn_time_back(now):
    cry(now)

    cry(now - timedelta(minutes=1))

    assert Alert.objects.get().last_seen_at == now


def test_resolved_cause_opens_anew_when_it_returns(now):
    cry(now)
    assert resolve_alert(key="threshold:1", now=now + timedelta(minutes=1)) is True

    assert cry(now + timedelta(minutes=2)) is True

    assert Alert.objects.count() == 2


def test_resolving_twice_counts_once(now):
    cry(now)

    assert [resolve_alert(key="threshold:1", now=now), resolve_alert(key="threshold:1", now=now)] == [True, False]


def test_older_look_does_not_resolve_what_was_seen_later(now):
    cry(now)

    assert resolve_alert(key="threshold:1", now=now - timedelta(seconds=1)) is False


def test_title_keeps_no_line_breaks(now):
    cry(now, title="Low\r\nBcc: somebody@example.org")

    assert Alert.objects.get().title == "Low Bcc: somebody@example.org"


def test_acknowledging_names_the_person(now, staff):
    cry(now)
    person = staff("operations")

    acknowledge(alert_id=Alert.objects.get().pk, by=person, now=now)

    assert Alert.objects.get().acknowledged_by == person


def test_acknowledged_alert_cannot_be_taken_again(now, staff):
    cry(now)
    acknowledge(alert_id=Alert.objects.get().pk, by=staff("operations"), now=now)

    with pytest.raises(NotOpen):
        acknowledge(alert_id=Alert.objects.get().pk, by=staff("lead"), now=now)


@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_open_one_alert(now):
    opened = []
    start = threading.Barrier(4)

    def check():
        start.wait()
        opened.append(cry(now))
        connection.close()

    checkers = [threading.Thread(target=check) for _ in range(4)]
    for checker in checkers:
        checker.start()
    for checker in checkers:
        checker.join()

    assert sorted(opened) == [False, False, False, True]
    assert Alert.objects.count() == 1
