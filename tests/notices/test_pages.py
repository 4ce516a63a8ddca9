"""The inbox as staff see it: what came, what came of it, what was refused; and nothing that may be secret."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from orders import inbox, redacting, refusals, tasks
from orders.models import Notice, NoticeRefusal

from . import sender

pytestmark = pytest.mark.django_db

LIST = "/monitoring/webhooks/"


@pytest.fixture
def operations(page_client):
    return page_client("operations")


def text_of(response):
    return response.content.decode()


def test_list_shows_what_came_and_leads_to_the_order(accepted, send, operations):
    send(accepted)
    tasks.follow_notice(Notice.objects.get().pk)

    page = text_of(operations.get(LIST))

    assert sender.EVENT in page
    assert "Order read" in page
    assert accepted.order.reference in page


def test_list_is_narrowed_by_supplier_result_and_kind(giftapi, send, operations, now):
    send()
    Notice.objects.filter(event=sender.EVENT).update(result="stranger", due_at=None, handled_at=now)
    send(event="esim.expired")

    assert "esim.expired" not in text_of(operations.get(LIST, {"result": "stranger"}))
    assert sender.EVENT not in text_of(operations.get(LIST, {"kind": "other"}))
    assert "esim.expired" in text_of(operations.get(LIST, {"supplier": "giftapi", "kind": "other", "result": "waiting"}))
    assert "No webhook matches" in text_of(operations.get(LIST, {"result": "stuck"}))


@pytest.mark.parametrize("odd", [{"result": "x"}, {"supplier": "nobody"}, {"kind": "z"}, {"after": "w"}])
def test_odd_filter_is_said_to_be_odd(send, operations, odd):
    send()
    answer = operations.get(LIST, odd)

    assert answer.status_code == 422
    assert sender.EVENT not in text_of(answer)


def test_list_goes_on_page_by_page(giftapi, operations, now):
    Notice.objects.bulk_create(
        Notice(supplier=giftapi, event_key=str(n), body_digest="0" * 64, kind="other", event=f"event.{n:03}", due_at=now,
               received_at=now - timedelta(minutes=n), last_received_at=now) for n in range(60))

    first = operations.get(LIST)
    second = operations.get(LIST + first.context["older"])

    assert [notice.event for notice in first.context["notices"]][::49] == ["event.000", "event.049"]
    assert [notice.event for notice in second.context["notices"]][::9] == ["event.050", "event.059"]


def test_list_keeps_to_its_queries(giftapi, operations, now, django_assert_max_num_queries):
    for number in range(30):
        Notice.objects.create(
            supplier=giftapi, event_key=str(number), body_digest="0" * 64, kind="other", event="e", due_at=now,
            received_at=now, last_received_at=now)

    with django_assert_max_num_queries(9):
        operations.get(LIST)


def test_refused_are_counted_by_reason(giftapi, send, operations):
    for _ in range(3):
        send(signed_by="another")

    assert [(row["words"], row["n"]) for row in operations.get(LIST).context["refused"]] == [("Wrong signature", 3)]


@pytest.mark.fault("F49")
def test_detail_covers_codes_and_amounts(accepted, send, operations):
    send(accepted, total_amount=4711.5)
    page = text_of(operations.get(f"{LIST}{Notice.objects.get().pk}/"))

    assert accepted.supplier_order_id in page
    assert "CODE-IN-THE-NOTICE" not in page
    assert "4711.5" not in page


@pytest.mark.fault("F49")
def test_what_an_altered_notice_says_stands_on_no_page_of_the_order(accepted, send, page_client):
    send(accepted, total_amount=4711.5, status="cancelled")
    tasks.follow_notice(Notice.objects.get().pk)
    page = text_of(page_client("lead").get(f"/orders/{accepted.order_id}/"))

    assert "CODE-IN-THE-NOTICE" not in page
    assert "4711.5" not in page
    assert "cancelled" not in page.lower()


def test_order_tells_in_its_timeline_that_a_webhook_came(accepted, send, operations):
    send(accepted)
    tasks.follow_notice(Notice.objects.get().pk)

    assert [moment.text for moment in operations.get(f"/orders/{accepted.order_id}/").context["timeline"]
            if moment.kind == "notice"] == [sender.EVENT]


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 80, b'{"a": NaN}'])
def test_what_is_no_json_is_covered_whole(body):
    assert redacting.redacted(body) == redacting.COVER


def test_only_known_names_are_shown():
    told = {"id": "x" * 101, "event": "e", "pin": "1", "data": {"status": "s", "order": {"quantity": 2, "is_test": True}}}

    assert json.loads(redacting.redacted(json.dumps(told).encode())) == {
        "id": "•••", "event": "e", "pin": "•••", "data": {"status": "s", "order": {"quantity": 2, "is_test": True}}}


@pytest.mark.parametrize("body", [
    {"data": {"vouchers": [{"id": "CANARY"}]}}, {"id": ["CANARY"]}, {"data": {"order": {"customer": {"id": "CANARY"}}}},
    {"data": {"CANARY": 1}}, {"input_data": {"id": "CANARY"}}, {"data": {"order": {"items": [{"status": "CANARY"}]}}},
])
def test_goods_and_buyers_are_covered_whatever_their_fields_are_called(body):
    assert "CANARY" not in redacting.redacted(json.dumps(body).encode())


def test_replay_is_asked_for_on_the_page(accepted, send, operations):
    send(accepted)
    notice = Notice.objects.get()
    tasks.follow_notice(notice.pk)

    assert operations.post(f"{LIST}{notice.pk}/replay/").status_code == 302
    notice.refresh_from_db()
    assert (notice.result, notice.replayed_by) == ("waiting", operations.user)
    assert operations.user.username in text_of(operations.get(f"{LIST}{notice.pk}/"))


def test_auditor_sees_and_may_not_replay(page_client, send):
    send()
    auditor, address = page_client("auditor"), f"{LIST}{Notice.objects.get().pk}/"

    assert "Replay" not in text_of(auditor.get(address))
    assert auditor.post(f"{address}replay/").status_code == 403
    assert Notice.objects.get().replayed_at is None


def test_support_does_not_see_the_inbox(page_client):
    assert page_client("support").get(LIST).status_code == 403


def test_unreadable_body_is_said(send, operations):
    send()
    Notice.objects.update(sealed_body="a.b.c")

    assert "FIELD_KEYS" in text_of(operations.get(f"{LIST}{Notice.objects.get().pk}/"))


def test_notice_moved_to_another_row_does_not_open(send):
    send(), send()
    first, second = Notice.objects.order_by("pk")
    first.sealed_body = second.sealed_body

    with pytest.raises(inbox.vault.Unreadable):
        inbox.open_body(first)


def test_old_refusals_are_not_shown_and_then_forgotten(giftapi, operations, now):
    NoticeRefusal.objects.create(supplier=giftapi, reason="size", since=now - timedelta(days=31), count=1, last_at=now)

    assert operations.get(LIST).context["refused"] == []
    assert refusals.forget(now=timezone.now()) == 1
