"""Reading webhooks, by the vectors of the contracts: who is believed, when, and what a notice hints at."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from catalog.suppliers.giftapi import notices as giftapi
from catalog.suppliers.giftapi.signing import signature
from catalog.suppliers.notices import BadSignature, OutOfTime, RefusedNotice, Unreadable
from catalog.suppliers.octopus_cards import notices as octopus

PARTNER_SECRET = "psec_test_4f1c9a"
KEY = "0f0e0d0c-0b0a-4908-8706-050403020100"
G4 = "55bb45fad28310d597050f7ff6bfc563b1135828ca7081985b53a75bb4e46fe0"
G4_AT = 1790000120

HOOK_SECRET = "whsec_test_77"
O1_BODY = (b'{"id":"evt_0017","type":"order.delivered","created_at":"2026-09-01T10:15:30Z","data":{"id":70017,'
           b'"reference_code":"BO-2026-000017","status":"DELIVERED","quantity":6,"delivered_quantity":6}}')
O1 = "1d8a2de00dcad1feb9b295f7785000c47a2cbc37f049b8bc102320540d4e9609"
O2 = "623d891877443bdde4ba18269cbd9c3f272abdf05b4812d62c297756fc8825c8"
O3 = "4cbb55a9b0aa9569d27d85f6c052d3e92c2afa43773e1aab13914a323932b7a0"


def gift_body(event="order.status_changed", key=KEY, **order):
    shown = {"id": "11111111-2222-4333-8444-555555555601", "external_id": "BO-2026-000017", "status": "completed", **order}
    return json.dumps({"event": event, "timestamp": "2026-09-01T10:15:33+00:00", "idempotency_key": key,
                       "data": {"order": shown}}).encode()


def gift(body=None, *, sign=G4, timestamp=str(G4_AT), at=G4_AT, secrets=(PARTNER_SECRET,)):
    return giftapi.read_notice(
        headers={"X-Timestamp": timestamp, "X-Signature": sign}, body=gift_body() if body is None else body,
        secrets=secrets, now=datetime.fromtimestamp(at, UTC))


def octo(body=O1_BODY, *, sign=O1, timestamp="1790000120", at=1790000120, secrets=(HOOK_SECRET,)):
    return octopus.read_notice(headers={"X-Timestamp": timestamp, "X-Signature": sign}, body=body, secrets=secrets,
                               now=datetime.fromtimestamp(at, UTC))


def octo_signed(body):
    return octo(body, sign=hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest())


def test_giftapi_vector_is_read():
    notice = gift()

    assert (notice.key, notice.event, notice.kind) == (KEY, "order.status_changed", "order")
    assert (notice.order_id, notice.ref, notice.word) == (
        "11111111-2222-4333-8444-555555555601", "BO-2026-000017", "completed")


def test_giftapi_signature_may_be_in_capitals():
    assert gift(sign=G4.upper()).key == KEY


@pytest.mark.fault("F51")
def test_either_secret_signs():
    assert gift(secrets=("another", PARTNER_SECRET)).key == gift(secrets=(PARTNER_SECRET, "another")).key == KEY


@pytest.mark.fault("F50")
@pytest.mark.parametrize("changed", [
    {"sign": G4[:-1] + "1"}, {"sign": ""}, {"sign": "ЯЯ"}, {"secrets": ("another",)}, {"secrets": ()},
    {"body": gift_body(event="order.created")}, {"body": gift_body(key=KEY[:-1] + "1")},
    {"timestamp": str(G4_AT + 1)},
])
def test_giftapi_refuses_what_it_did_not_sign(changed):
    with pytest.raises(BadSignature):
        gift(**changed)


@pytest.mark.fault("F50")
@pytest.mark.parametrize("read", [gift, octo])
@pytest.mark.parametrize("seconds", [-301, 301, 86400])
def test_stale_and_future_are_refused(read, seconds):
    with pytest.raises(OutOfTime):
        read(at=G4_AT + seconds)


@pytest.mark.parametrize("read", [gift, octo])
@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_fine(read, seconds):
    assert read(at=G4_AT + seconds).key


@pytest.mark.fault("F50")
@pytest.mark.parametrize("read", [gift, octo])
@pytest.mark.parametrize("timestamp", ["", "17900001200", "179000012", "1790000120.0", " 1790000120", "١٧٩٠٠٠٠١٢٠", "now"])
def test_notice_without_a_time_is_not_signed(read, timestamp):
    with pytest.raises(BadSignature):
        read(timestamp=timestamp)


@pytest.mark.fault("F50")
@pytest.mark.parametrize("body", [
    b"", b"[]", b"\xff", b"{", b"null", gift_body(key="17"), gift_body(key=KEY + "0"), gift_body(event="order.1"),
    gift_body(event=""), gift_body(event="a" * 61), gift_body().replace(b'"event"', b'"event": "x", "event"'),
    b'{"event": ["order.status_changed"], "idempotency_key": {}}', b"[" * 70 + b"]" * 70,
])
def test_giftapi_refuses_what_it_cannot_read(body):
    with pytest.raises(Unreadable):
        gift(body)


def test_a_letter_cannot_move_between_the_signed_parts():
    """The same bytes are signed, cut apart at another place."""
    event, key = "order.status_changed" + KEY[:1], KEY[1:]

    with pytest.raises(Unreadable):
        gift(gift_body(event=event, key=key))


@pytest.mark.fault("F49")
def test_giftapi_signs_nothing_of_the_order():
    """So whatever stands in the order is a hint and no more."""
    assert gift(gift_body(external_id="BO-2026-000099", status="failed")).ref == "BO-2026-000099"


def test_giftapi_event_that_nobody_announced_is_read_as_other():
    body = gift_body(event="esim.expired")
    notice = gift(body, sign=signature(PARTNER_SECRET, str(G4_AT), "esim.expired", KEY))

    assert (notice.kind, notice.event) == ("other", "esim.expired")


@pytest.mark.parametrize("data", [None, [], {"order": "x"}, {"order": {"id": [], "external_id": None}}])
def test_giftapi_notice_without_a_usable_order_names_none(data):
    body = json.dumps({"event": "order.status_changed", "idempotency_key": KEY, "data": data}).encode()

    assert (gift(body).order_id, gift(body).ref) == ("", "")


def test_octopus_vector_is_read():
    notice = octo()

    assert (notice.key, notice.event, notice.kind) == ("evt_0017", "order.delivered", "order")
    assert (notice.order_id, notice.ref, notice.word) == ("voucher:70017", "BO-2026-000017", "DELIVERED")


@pytest.mark.fault("F50")
@pytest.mark.parametrize("body", [json.dumps(json.loads(O1_BODY)).encode(), O1_BODY + b"\n", O1_BODY[:-1], b""],
                         ids=["O2 written anew", "O3 one newline more", "cut", "empty"])
def test_octopus_signs_the_exact_bytes(body):
    with pytest.raises(BadSignature):
        octo(body)


@pytest.mark.parametrize(("body", "expected"), [(json.dumps(json.loads(O1_BODY)).encode(), O2), (O1_BODY + b"\n", O3)],
                         ids=["O2", "O3"])
def test_octopus_other_bytes_have_their_own_signature(body, expected):
    assert octo(body, sign=expected).key == "evt_0017"


def test_octopus_clear_text_token_proves_nothing():
    headers = {"X-Timestamp": "1790000120", "X-OCTOPUS-WEBHOOK-TOKEN": HOOK_SECRET}

    with pytest.raises(BadSignature):
        octopus.read_notice(
            headers=headers, body=O1_BODY, secrets=(HOOK_SECRET,), now=datetime.fromtimestamp(1790000120, UTC))


@pytest.mark.parametrize(("event", "order_id"), [
    ("order.failed", "voucher:7"), ("topup.delivered", "topup:7"), ("esim.activated", "esim:7"), ("wallet.credited", ""),
])
def test_octopus_order_ids_say_of_which_sort_they_are(event, order_id):
    assert octo_signed(json.dumps({"id": "evt_1", "type": event, "data": {"id": 7}}).encode()).order_id == order_id


@pytest.mark.parametrize(("event", "kind"), [
    ("order.failed", "order"), ("order.cancelled", "order"), ("order.partially_delivered", "order"),
    ("wallet.credited", "money"), ("wallet.debited", "money"), ("topup.delivered", "order"), ("esim.activated", "order"),
    ("price.changed", "other"),
])
def test_octopus_events_by_kind(event, kind):
    body = json.dumps({"id": "evt_1", "type": event, "data": {"id": 7}}).encode()

    assert octo_signed(body).kind == kind


@pytest.mark.fault("F50")
@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"id": "", "type": "x"}', b'{"id": "evt"}', b'{"id": {}, "type": "x"}'])
def test_octopus_refuses_what_it_cannot_read(body):
    with pytest.raises(Unreadable):
        octo_signed(body)


def test_a_refusal_holds_nothing_of_the_notice():
    with pytest.raises(RefusedNotice) as refused:
        gift(sign="0" * 64)

    assert refused.value.args == ()
