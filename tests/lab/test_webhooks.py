"""The stand-ins send webhooks as their contracts say, and spoil them where a fault says so."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from jsonschema import Draft202012Validator

from tests.conforming import contract

SECRET = "whsec_test_77"
O1 = (b'{"id":"evt_0017","type":"order.delivered","created_at":"2026-09-01T10:15:30Z","data":{"id":70017,'
      b'"reference_code":"BO-2026-000017","status":"DELIVERED","quantity":6,"delivered_quantity":6}}')


class Receiver:
    """Takes webhooks and keeps them; answers `statuses` one after the other, then 200."""

    def __init__(self):
        self.taken, self.statuses, self.on_arrival = [], [], lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.on_arrival()
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.end_headers()

            def log_message(self, *args):
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/x/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def events(self):
        return [json.loads(body) for _, body in self.taken]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def told(lab, receiver):
    """Both suppliers send to the receiver, without the usual waits; gives what is sent until nothing is left to send."""
    lab.webhooks.pace = 0.01
    lab.webhooks.address("giftapi", receiver.url)
    lab.webhooks.address("octopus_cards", receiver.url, SECRET)

    def wait():
        assert lab.webhooks.settled(30)
        return receiver.events

    return wait


def shaped(name, event, payload):
    """What the contract finds wrong with a webhook."""
    body = contract(name)["webhooks"][event]["post"]["requestBody"]["content"]["application/json"]
    schema = {**body["schema"], "components": contract(name)["components"]}
    return [fault.message for fault in Draft202012Validator(schema).iter_errors(payload)]


def gift_signature(headers, payload, secret):
    message = f"{headers['x-timestamp']}{payload['event']}{payload['idempotency_key']}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def test_giftapi_tells_of_a_finished_order(lab, ask_giftapi, receiver, told):
    order = ask_giftapi.order(quantity=2).json["data"]

    payload, (headers, _) = told()[0], receiver.taken[0]
    assert shaped("giftapi", "order.status_changed", payload) == []
    assert payload["data"]["order"]["id"] == order["id"]
    assert len(payload["data"]["order"]["items"][0]["delivery_data"]) == 2
    assert headers["x-signature"] == gift_signature(headers, payload, lab.credentials["giftapi"]["partner_secret"])
    assert abs(time.time() - int(headers["x-timestamp"])) < 30


@pytest.mark.parametrize(("status", "count"), [
    ("completed", 1), ("failed", 1), ("partially_completed", 1), ("cancelled", 0),
])
def test_giftapi_keeps_silent_about_some_ends(lab, ask_giftapi, told, status, count):
    lab.fail("giftapi", "createOrder", "finish", status=status)
    ask_giftapi.order(quantity=2)

    assert len(told()) == count


def test_octopus_tells_of_vouchers_and_wallets(ask_octopus, receiver, told):
    order = ask_octopus.vouchers(6).json["id"]
    ask_octopus.get(f"/orders/{order}")

    events = {event["type"]: event for event in told()}
    assert set(events) == {"wallet.debited", "order.delivered"}
    assert all(shaped("octopus_cards", name, event) == [] for name, event in events.items())
    assert events["order.delivered"]["data"]["id"] == order
    assert "vouchers" not in events["order.delivered"]["data"]
    for headers, body in receiver.taken:
        assert headers["x-signature"] == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-event-id"] == json.loads(body)["id"]
        assert headers["x-octopus-webhook-token"] == SECRET


def test_octopus_tells_nothing_of_top_ups_but_their_money(ask_octopus, told):
    ask_octopus.lab.fail("octopus_cards", "createTopupOrder", "finish")
    order = ask_octopus.top_up().json["id"]
    ask_octopus.get(f"/topups/orders/{order}")

    # Each is sent by a thread of its own, so they arrive in any order.
    assert sorted(event["type"] for event in told()) == ["wallet.credited", "wallet.debited"]


@pytest.mark.parametrize(("status", "event"), [
    ("failed", "order.failed"), ("cancelled", "order.cancelled"), ("partially_completed", "order.partially_delivered"),
])
def test_octopus_tells_every_end_of_vouchers(lab, ask_octopus, told, status, event):
    lab.fail("octopus_cards", "createVoucherOrder", "finish", status=status)
    ask_octopus.vouchers(4)

    assert event in [one["type"] for one in told()]


def test_published_signature_is_matched(lab):
    hooks, notice = lab.desks["octopus_cards"].hooks, type("Notice", (), {"key": "evt_0017", "event": "order.delivered"})

    assert hooks.headers(notice, O1, "0", SECRET)["X-Signature"] == (
        "1d8a2de00dcad1feb9b295f7785000c47a2cbc37f049b8bc102320540d4e9609")


def test_refused_webhook_is_tried_again_and_signed_afresh(lab, ask_giftapi, receiver, told):
    receiver.statuses = [500, 404]
    ask_giftapi.order()
    told()

    assert [(one.attempt, one.status) for one in lab.webhooks.sent] == [(1, 500), (2, 404), (3, 200)]
    assert len({event["idempotency_key"] for event in receiver.events}) == 1


@pytest.mark.parametrize(("supplier", "tries"), [("giftapi", 4), ("octopus_cards", 5)])
def test_tries_come_to_an_end(lab, ask_giftapi, ask_octopus, receiver, told, supplier, tries):
    lab.webhooks.pace = 0.0001
    receiver.statuses = [503] * 20
    if supplier == "giftapi":
        ask_giftapi.order()
    else:
        ask_octopus.top_up()

    assert len(told()) == tries


def test_silent_receiver_is_told_as_unanswered(lab, ask_giftapi, told):
    lab.webhooks.pace = 0.0001
    lab.webhooks.address("giftapi", "http://127.0.0.1:9/")
    ask_giftapi.order()
    told()

    assert {(one.status, one.error) for one in lab.webhooks.sent} == {(None, "ConnectionRefusedError")}


def test_webhook_comes_before_the_answer(lab, ask_giftapi, receiver, told):
    lab.fail("giftapi", "order.status_changed", "hook_early")
    seen = []
    receiver.on_arrival = lambda: seen.append(lab.calls("giftapi", "createOrder")[0].status)

    ask_giftapi.order()

    assert seen == [None]


def test_webhook_never_comes(lab, ask_giftapi, told):
    lab.fail("giftapi", "*", "hook_never")
    ask_giftapi.order()

    assert told() == []


def test_webhook_comes_many_times(lab, ask_giftapi, told):
    lab.fail("giftapi", "*", "hook_twice", copies=50)
    ask_giftapi.order()

    assert len({event["idempotency_key"] for event in told()}) == 1
    assert len(told()) == 50


def test_webhook_waits_until_it_may_land(lab, ask_giftapi, told):
    lab.fail("giftapi", "*", "hook_late", seconds=None)
    ask_giftapi.order()
    before = told()

    assert (before, lab.webhooks.land()) == ([], 1)
    assert len(told()) == 1


def test_webhooks_come_in_the_wrong_order(lab, ask_giftapi, told):
    lab.fail("giftapi", "*", "hook_reversed")
    ask_giftapi.order("REF-1")
    ask_giftapi.order("REF-2")

    assert [event["data"]["order"]["external_id"] for event in told()] == ["REF-2", "REF-1"]


@pytest.mark.parametrize("how", ["wrong", "missing"])
def test_signature_is_bad(lab, ask_giftapi, receiver, told, how):
    lab.fail("giftapi", "*", "hook_bad_signature", how=how)
    ask_giftapi.order()
    told()

    assert receiver.taken[0][0].get("x-signature") == {"wrong": "0" * 64, "missing": None}[how]


@pytest.mark.parametrize("seconds", [-301, 301])
def test_webhook_is_signed_for_another_time(lab, ask_giftapi, receiver, told, seconds):
    lab.fail("giftapi", "*", "hook_stale", seconds=seconds)
    ask_giftapi.order()
    payload, headers = told()[0], receiver.taken[0][0]

    assert abs(int(headers["x-timestamp"]) - time.time() - seconds) < 60
    assert headers["x-signature"] == gift_signature(headers, payload, lab.credentials["giftapi"]["partner_secret"])


def test_body_is_altered_and_giftapis_signature_still_fits(lab, ask_giftapi, receiver, told):
    lab.fail("giftapi", "*", "hook_altered")
    ask_giftapi.order()
    payload, headers = told()[0], receiver.taken[0][0]

    assert payload["data"]["order"]["status"] == "failed"
    assert headers["x-signature"] == gift_signature(headers, payload, lab.credentials["giftapi"]["partner_secret"])


def test_body_is_altered_and_octopus_signature_does_not_fit(lab, ask_octopus, receiver, told):
    lab.fail("octopus_cards", "*", "hook_altered")
    ask_octopus.top_up()
    told()
    headers, body = receiver.taken[0]

    assert headers["x-signature"] != hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_body_is_oversized(lab, ask_giftapi, receiver, told):
    lab.fail("giftapi", "*", "hook_oversized", mebibytes=2)
    ask_giftapi.order()
    told()

    assert len(receiver.taken[0][1]) > 2 << 20


def test_nothing_is_sent_without_an_address(lab, ask_giftapi, receiver):
    ask_giftapi.order()

    assert lab.webhooks.settled(5)
    assert (receiver.taken, list(lab.webhooks.sent)) == ([], [])


@pytest.mark.parametrize(("supplier", "url"), [
    ("giftapi", "http://example.com/"), ("giftapi", "ftp://127.0.0.1/"), ("plexy_gate", "http://127.0.0.1/"), ("nobody", ""),
])
def test_odd_address_is_refused(lab, supplier, url):
    with pytest.raises(ValueError, match="webhooks"):
        lab.webhooks.address(supplier, url)


def test_addresses_are_set_and_shown_from_outside(lab, ask_giftapi, receiver):
    def control(method, path, body=None):
        return ask_giftapi.send(method, f"/lab/webhooks{path}", json.dumps(body).encode() if body else None,
                                {"Content-Type": "application/json"})

    lab.webhooks.pace = 0.01
    control("POST", "", {"supplier": "giftapi", "url": receiver.url, "secret": SECRET})
    ask_giftapi.order()
    assert lab.webhooks.settled()
    key = receiver.events[0]["idempotency_key"]
    control("POST", "/again", {"key": key})
    assert lab.webhooks.settled()

    shown = control("GET", "").json
    assert shown["addresses"] == {"giftapi": receiver.url}
    assert [(row["key"], row["status"]) for row in shown["sent"]] == [(key, 200)] * 2
    assert SECRET not in json.dumps(shown)
    assert receiver.taken[0][0]["x-signature"] == gift_signature(*[receiver.taken[0][0], receiver.events[0]], SECRET)
    assert control("POST", "", {"supplier": "giftapi", "url": "http://example.com/"}).status == 400
    assert control("POST", "/again", {"key": "nobody"}).status == 400
