"""When webhooks are a reason to call somebody."""

from datetime import timedelta

import pytest

from monitoring import notice_causes, watching
from monitoring.models import Alert
from orders import refusals
from orders.models import Notice, NoticeRefusal

pytestmark = pytest.mark.django_db


def refuse(supplier, number, now, reason="signature"):
    for _ in range(number):
        refusals.count(supplier=supplier, reason=reason, now=now)


def test_a_burst_of_wrong_signatures_is_an_alert_that_ends_by_itself(giftapi, now):
    NoticeRefusal.objects.create(
        supplier=giftapi, reason="signature", since=now - timedelta(minutes=1), last_at=now,
        count=notice_causes.REFUSED_BURST)

    watching.watch(now=now)
    assert Alert.objects.open().filter(key=f"forged:{giftapi.pk}").exists()

    watching.watch(now=now + timedelta(minutes=30))
    assert not Alert.objects.open().filter(key=f"forged:{giftapi.pk}").exists()


def test_a_few_wrong_signatures_are_none(giftapi, now):
    refuse(giftapi, notice_causes.REFUSED_BURST - 1, now)

    assert list(notice_causes.forged(now)) == []


def test_misshaped_ones_are_none(giftapi, now):
    NoticeRefusal.objects.create(supplier=giftapi, reason="size", since=now, count=1000, last_at=now)

    assert list(notice_causes.forged(now)) == []


@pytest.mark.parametrize(("result", "find"), [("stranger", notice_causes.strangers), ("stuck", notice_causes.stuck)])
def test_what_came_to_nothing_is_an_alert_for_a_day(giftapi, now, result, find):
    Notice.objects.create(
        supplier=giftapi, event_key="k", body_digest="0" * 64, kind="order", event="e", received_at=now,
        last_received_at=now, result=result, handled_at=now)

    assert [(cause.key, cause.url) for cause in find(now)] == [
        (f"{result}:{giftapi.pk}", f"/monitoring/webhooks/?supplier=giftapi&result={result}")]
    assert list(find(now + timedelta(hours=25))) == []
