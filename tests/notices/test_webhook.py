"""The suppliers' way in: what is taken, what is refused, and that a refusal leaves nothing but a count."""

import logging
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from catalog import connecting, gateway
from catalog.models import Supplier
from config.logs import RefusalsInOneLine
from orders import inbox, refusals
from orders.models import Notice, NoticeRefusal
from orders.views_webhook import LARGEST

from . import sender

pytestmark = pytest.mark.django_db


def refused():
    return dict(NoticeRefusal.objects.values_list("reason", "count"))


def test_signed_notice_is_stored_and_rings_for_a_worker(send):
    assert send().status_code == 200

    notice = Notice.objects.get()
    assert (notice.kind, notice.event, notice.result, notice.copies) == ("order", sender.EVENT, "waiting", 1)
    assert OrmQ.objects.get().task["args"] == (notice.pk,)


def test_what_came_is_sealed(send):
    body = sender.body_of()
    send(body=body)

    notice = Notice.objects.get()
    assert "CODE-IN-THE-NOTICE" not in notice.sealed_body
    assert inbox.open_body(notice) == body


def test_copy_is_counted_and_answered_like_the_first(send):
    body = sender.body_of()
    answers = [send(body=body).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert Notice.objects.get().copies == 3
    assert OrmQ.objects.count() == 1


def test_event_that_nobody_announced_is_stored(send):
    assert send(event="esim.expired").status_code == 200
    assert Notice.objects.get().event == "esim.expired"


@pytest.mark.fault("F50")
def test_wrong_signature_leaves_a_count_only(send):
    assert send(signed_by="another").status_code == 401

    assert not Notice.objects.exists()
    assert refused() == {"signature": 1}


@pytest.mark.fault("F50")
@pytest.mark.parametrize("seconds", [-310, 310])
def test_stale_and_future_leave_a_count_only(send, seconds):
    assert send(at=timezone.now().timestamp() + seconds).status_code == 401

    assert not Notice.objects.exists()
    assert refused() == {"time": 1}


def test_wrong_signature_and_wrong_time_look_alike(send):
    answers = [send(signed_by="another"), send(at=1_700_000_000)]

    assert len({(answer.status_code, answer.content, *sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.fault("F50")
@pytest.mark.parametrize(("body", "content_type", "status"), [
    (b"", "application/json", 400), (b"{", "application/json", 400), (b"{}", "application/json", 400),
    (b"{}", "text/plain", 400), (b"a=1", "application/x-www-form-urlencoded", 400),
    (b"x" * (LARGEST + 1), "application/json", 413), (b"x" * (10 * 1024 * 1024), "application/json", 413),
])
def test_misshaped_is_refused(giftapi, body, content_type, status):
    headers = {"X-Timestamp": str(int(timezone.now().timestamp())), "X-Signature": "0" * 64}

    assert sender.post("giftapi", body, headers, content_type=content_type).status_code == status
    assert not Notice.objects.exists()
    assert sum(refused().values()) == 1


@pytest.mark.fault("F50")
def test_large_body_is_not_read(giftapi):
    class Untouched:
        def read(self, *args):
            raise AssertionError("the body was read")

        readline = read

    answer = Client().generic("POST", "/webhooks/giftapi/", **{
        "wsgi.input": Untouched(), "CONTENT_LENGTH": str(LARGEST + 1), "CONTENT_TYPE": "application/json"})

    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["nobody", "plexy"])
def test_who_sends_none_is_not_found(plexy, name):
    answer = sender.post(name, b"{}", {})

    assert (answer.status_code, answer.content) == (404, b"")
    assert not NoticeRefusal.objects.exists()


def test_only_posting_is_possible(giftapi):
    assert [Client().get(f"/webhooks/{name}/").status_code for name in ("giftapi", "nobody")] == [405, 405]


def test_nothing_is_asked_of_the_database_before_the_signature_but_the_secret(giftapi, send):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    with CaptureQueriesContext(connection) as asked:
        client.post("/webhooks/giftapi/", data=b"{}", content_type="application/json")

    assert ["catalog_supplier" in query["sql"] or "orders_noticerefusal" in query["sql"] for query in asked] == [True, True]


def test_unreadable_secret_is_our_trouble_and_the_supplier_tries_again(giftapi, send):
    Supplier.objects.update(credentials="a.b.c")

    assert send().status_code == 503


def test_a_key_comes_with_eight_texts_at_most(send):
    """Only the key is signed: one good signature must not fill the disk."""
    key = "0f0e0d0c-0b0a-4908-8706-050403020100"
    answers = [send(key=key, total_amount=number).status_code for number in range(inbox.VARIANTS + 2)]

    assert answers == [200] * inbox.VARIANTS + [429, 429]
    assert Notice.objects.count() == inbox.VARIANTS
    assert refused() == {"variants": 2}


def test_copies_of_a_known_text_are_taken_even_then(send):
    key = "0f0e0d0c-0b0a-4908-8706-050403020100"
    bodies = [sender.body_of(key=key) for _ in range(inbox.VARIANTS + 2)]

    assert [send(body=body).status_code for body in [*bodies, bodies[0]]][-3:] == [429, 429, 200]


@pytest.mark.fault("F51")
def test_both_secrets_are_good_while_one_replaces_the_other(giftapi, send, secret, now):
    connecting.replace_secret(supplier=giftapi, secret="the new one", overlap=timedelta(hours=1), by=None, now=now)

    assert [send(signed_by=one).status_code for one in (secret, "the new one")] == [200, 200]


@pytest.mark.fault("F51")
def test_only_the_new_secret_is_good_after_the_overlap(giftapi, send, secret, now):
    connecting.replace_secret(
        supplier=giftapi, secret="the new one", overlap=timedelta(hours=1), by=None, now=now - timedelta(hours=2))

    assert [send(signed_by=one).status_code for one in (secret, "the new one")] == [401, 200]


@pytest.mark.fault("F51")
def test_only_the_new_secret_is_good_once_the_former_is_retired(giftapi, send, secret, now):
    connecting.replace_secret(supplier=giftapi, secret="the new one", overlap=timedelta(hours=1), by=None, now=now)
    connecting.retire_secret(supplier=giftapi, by=None, now=now)

    assert [send(signed_by=one).status_code for one in (secret, "the new one")] == [401, 200]


def test_a_secret_does_not_travel_to_another_address(giftapi, send, secret, lab, now):
    connecting.replace_secret(supplier=giftapi, secret="the new one", overlap=timedelta(hours=1), by=None, now=now)
    giftapi.base_url = f"{lab.url}/elsewhere"
    connecting.connect(supplier=giftapi, credentials={"token": "t", "partner_secret": "third"}, by=None, now=now)

    assert [send(signed_by=one).status_code for one in (secret, "the new one", "third")] == [401, 401, 200]


def test_other_credentials_leave_the_overlap_alone(giftapi, send, secret, now):
    connecting.replace_secret(supplier=giftapi, secret="the new one", overlap=timedelta(hours=1), by=None, now=now)
    gateway.add_credentials(giftapi, {"token": "another"}, former_until=now)

    assert send(signed_by=secret).status_code == 200


def test_counts_are_written_one_by_one_until_there_are_too_many():
    seconds = [0.0]
    tally = refusals.Tally(clock=lambda: seconds[0])

    written = [tally.add("key") for _ in range(100)]
    seconds[0] = 1.0
    later = tally.add("key")

    assert (sum(written), written.count(1)) == (refusals.WRITES_PER_S, refusals.WRITES_PER_S)
    assert later == 100 - refusals.WRITES_PER_S + 1


def test_counts_stand_in_one_row_for_ten_minutes(giftapi, now):
    for minutes in (0, 0, 11):
        refusals.count(supplier=giftapi, reason="signature", now=now + timedelta(minutes=minutes))

    assert sorted(NoticeRefusal.objects.values_list("count", flat=True)) == [1, 2]
    assert [row["n"] for row in refusals.recent(since=now)] == [3]


@pytest.mark.parametrize(("path", "is_told"), [("/webhooks/giftapi/", False), ("/orders/", True)])
def test_a_refusal_leaves_no_line_in_the_log(path, is_told):
    request = RequestFactory().post(path)
    record = logging.makeLogRecord({"name": "django.request", "status_code": 401, "request": request, "msg": "no"})

    assert RefusalsInOneLine().filter(record) is is_told
