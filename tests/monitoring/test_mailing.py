"""E-mail for new alerts: once, to those who can act, and never at the cost of the alert."""

import itertools
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from monitoring import mailing
from monitoring.alerting import raise_alert
from monitoring.mailing import RETRY, audience, send_due
from monitoring.models import Alert

pytestmark = pytest.mark.django_db


class BrokenBackend(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


def cry(now, key="threshold:1", **words):
    raise_alert(**{"key": key, "severity": "critical", "title": "Low", "text": "Send a deposit.", "url": "/funding/1/",
                   "now": now, **words})


def test_new_alert_is_mailed_to_its_groups(now, staff):
    staff("finance"), staff("lead"), staff("support")
    cry(now)

    assert send_due(now=now) == 1

    (message,) = mail.outbox
    assert sorted(message.bcc) == ["finance@shop.example", "lead@shop.example"]
    assert message.subject == "[Purser] Critical: Low"
    assert "/funding/1/" in message.body


def test_alert_is_mailed_once(now, staff):
    staff("finance")
    cry(now)
    send_due(now=now)

    assert send_due(now=now + timedelta(hours=1)) == 0
    assert len(mail.outbox) == 1


def test_failed_mail_is_tried_again_later(now, staff, settings):
    staff("finance")
    cry(now)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    assert send_due(now=now) == 0
    assert "no mail server" in Alert.objects.get().mail_error

    settings.EMAIL_BACKEND = working
    assert send_due(now=now + RETRY / 2) == 0
    assert send_due(now=now + RETRY) == 1

    assert Alert.objects.get().mail_error == ""


def test_alert_nobody_can_be_told_says_so(now):
    cry(now)

    send_due(now=now)

    alert = Alert.objects.get()
    assert alert.mailed_at is None
    assert alert.mail_error == "Nobody with an address in finance, lead."


def test_resolved_alert_is_not_mailed(now, staff):
    staff("finance")
    cry(now)
    Alert.objects.update(resolved_at=now)

    assert send_due(now=now) == 0


def test_subject_is_one_line(now, staff):
    staff("finance")
    cry(now)
    Alert.objects.update(title="Low\r\nBcc: somebody@example.org")

    send_due(now=now)

    assert "\n" not in mail.outbox[0].subject


def test_inactive_people_are_not_told(staff):
    gone = staff("finance")
    gone.is_active = False
    gone.save()

    assert audience("threshold") == []


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_one_mail(now, staff):
    staff("finance")
    cry(now)
    sent = []
    start = threading.Barrier(3)

    def send():
        start.wait()
        sent.append(send_due(now=now))
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert sorted(sent) == [0, 0, 1]
    assert len(mail.outbox) == 1


def test_mail_server_that_hangs_does_not_hold_up_the_order_work(now, staff, monkeypatch):
    staff("finance")
    for number in range(5):
        cry(now, key=f"threshold:{number}")
    seconds = itertools.count(step=mailing.TURN_S / 2)
    monkeypatch.setattr(mailing, "time", SimpleNamespace(monotonic=lambda: next(seconds)))

    assert [send_due(now=now) for _ in range(2)] == [1, 1]
