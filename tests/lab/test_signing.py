"""GiftAPI's stand-in checks token, signature and clock as the contract says."""

import time

import pytest

from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID
from tests.lab.asking import faults_in

SECRET = "psec_test_4f1c9a"
SKU = "01a2b3c4-0000-7000-8000-00000000a001"


@pytest.mark.parametrize(("stamp", "signed_id", "ref", "signature"), [
    ("1790000000", SKU, "BO-2026-000017", "c866a523ad85782f27d0f4dd919c55b6f524a945560babb2e2ee48de97e92ddf"),
    ("1790000000", SKU, "ЗАКАЗ-17", "d2aa90e4dfab8623a15107881d957c54d10066e1f87148e998fac6eb61c1f3ad"),
    ("1790000060", "8900000000000000017", "BO-2026-000018",
     "8f1c3fddfd1a4283cd1c0a3f3070c103bd63d822b0bcade827ea46fa8c4280f7"),
])
def test_our_own_signing_gives_the_contracts_vectors(ask_giftapi, stamp, signed_id, ref, signature):
    signed = ask_giftapi.signed(signed_id, ref, at=int(stamp), secret=SECRET)

    assert signed == {"X-Timestamp": stamp, "X-Signature": signature}


@pytest.fixture
def order(ask_giftapi):
    """Places one order with changed headers."""
    sku = ask_giftapi.card().sku

    def place(**changed):
        body = {"external_id": "REF-1", "item": {"sku_id": sku, "fields": {"quantity": 1}}}
        return ask_giftapi.post("/orders", body, sku, **changed)

    def signed(signed_id=sku, ref="REF-1", **options):
        return ask_giftapi.signed(signed_id, ref, **options)

    place.signed = signed
    return place


@pytest.mark.parametrize("token", ["Bearer wrong", "lab-giftapi-token", ""])
def test_wrong_token_is_refused(ask_giftapi, order, token):
    told = order(Authorization=token)

    assert told.status == 401
    assert faults_in("giftapi", "createOrder", told) == []
    assert ask_giftapi.books.purchases("REF-1") == []


def test_wrong_token_is_refused_for_reads(ask_giftapi):
    assert ask_giftapi.send("GET", "/giftapi/me", headers={"Authorization": "Bearer wrong"}).status == 401


@pytest.mark.parametrize("seconds", [-301, 301, 3600])
def test_time_outside_the_window_is_refused(ask_giftapi, order, seconds):
    told = order(**order.signed(at=time.time() + seconds))

    assert told.status == 401
    assert ask_giftapi.books.purchases("REF-1") == []


@pytest.mark.parametrize("seconds", [-295, 0, 295])
def test_time_inside_the_window_is_accepted(order, seconds):
    assert order(**order.signed(at=time.time() + seconds)).status == 200


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"ref": "REF-2"}, {"signed_id": "another"}])
def test_wrong_signature_is_refused(ask_giftapi, order, wrong):
    told = order(**order.signed(**wrong))

    assert told.status == 403
    assert faults_in("giftapi", "createOrder", told) == []
    assert ask_giftapi.books.purchases("REF-1") == []


@pytest.mark.parametrize("stamp", ["", "soon", "17900000000", "-5"])
def test_odd_timestamp_is_refused(order, stamp):
    assert order(**{"X-Timestamp": stamp}).status == 401


def test_top_up_is_signed_with_the_iccid_not_the_sku(ask_giftapi):
    sku = ask_giftapi.data_pack().sku
    body = {"external_id": "REF-1", "sku_uuid": sku}

    assert ask_giftapi.post(f"/services/esim/{KNOWN_ICCID}/topup", body, sku).status == 403
    assert ask_giftapi.post(f"/services/esim/{KNOWN_ICCID}/topup", body, KNOWN_ICCID).status == 200


def test_skewed_clock_moves_the_window_and_the_date(ask_giftapi, order):
    ask_giftapi.lab.fail("giftapi", "*", "clock_skew", seconds=-600)

    told = order()

    assert told.status == 401
    assert order(**order.signed(at=time.time() - 600)).status == 200
    assert told.headers["date"] != ask_giftapi.send("GET", "/plexy_gate/health").headers["date"]
