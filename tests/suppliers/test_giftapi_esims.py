"""What we ask GiftAPI about eSIMs, and what its documented examples mean."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.suppliers.errors import Invalid, Misread, Missing
from catalog.suppliers.giftapi.signing import signature
from catalog.suppliers.types import ProductKind
from tests.suppliers.test_giftapi import SIGNED_AT, calls, client, voucher
from tests.suppliers.wire import answer, sample, sample_value

ICCID = "8944422711108338982"
PACK = "029bc0dd-8562-7173-afd9-a5cc534fafb8"
STATUS = sample_value("giftapi/esim_status")
CREATED = sample_value("giftapi/esim_topup_created")


def top_up(**options):
    return voucher(**{"ref": "topup-12345", "sku_ref": PACK, "kind": ProductKind.ESIM, "iccid": ICCID, **options})


def status(**changes):
    return answer({**STATUS, "data": {**STATUS["data"], **changes}})


def created(item=None, **changes):
    data = CREATED["data"]
    return answer({**CREATED, "data": {**data, "items": [{**data["items"][0], **(item or {})}], **changes}})


def test_documented_status():
    made = client(sample("giftapi/esim_status"))

    told = made.esim_status(ICCID)

    (call,) = calls(made)
    assert (call.method, call.route, dict(call.params), call.is_evidence) == (
        "GET", "/services/esim/{iccid}/status", {"iccid": ICCID}, False)
    assert (told.iccid, told.word, told.can_renew, told.last_package, told.total, told.left, told.unit) == (
        ICCID, "Installed", True, "10GB Global Data", Decimal(10), Decimal("8.5"), "GB")
    assert [(one.name, one.word, one.left, one.expires_at) for one in told.packages] == [
        ("10GB Europe Data", "active", Decimal("8.5"), datetime(2026, 2, 15, 10, tzinfo=UTC))]
    assert [(one.country, one.country_code, one.network) for one in told.coverage] == [
        ("United Arab Emirates", "AE", "Etisalat"), ("United Kingdom", "GB", "Vodafone")]
    assert told.activation_code == "LPA:1$rsp-3104.idemia.io$ABC-123-DEF"
    assert "LPA" not in repr(told)


@pytest.mark.parametrize("odd", [None, "true", 1, "yes"])
def test_only_a_plain_yes_lets_an_esim_be_topped_up(odd):
    assert client(status(can_renew=odd)).esim_status(ICCID).can_renew is False


def test_status_of_another_esim_is_misread():
    with pytest.raises(Misread):
        client(status(iccid="8900000000000000011")).esim_status(ICCID)


@pytest.mark.parametrize("gap", [{"data_balance": None}, {"active_packages": None}, {"coverage": None}, {"qr_code": None}])
def test_status_with_a_gap_is_read(gap):
    assert client(status(**gap)).esim_status(ICCID).word == "Installed"


def test_unknown_esim_is_named():
    with pytest.raises(Missing, match="no eSIM of this ICCID"):
        client(answer({"success": False, "message": "eSIM not found"}, status=404)).esim_status(ICCID)


def test_top_up_is_composed_as_documented():
    assert json.loads(client(answer()).compose(top_up())) == sample_value("giftapi/esim_topup_request")


@pytest.mark.parametrize("odd", [{"quantity": 2}, {"amount": Decimal(5)}, {"sku_ref": ""}])
def test_top_up_is_one_package_with_its_sku(odd):
    with pytest.raises(Invalid):
        client(answer()).compose(top_up(**odd))


def test_top_up_is_signed_with_the_iccid():
    made = client(sample("giftapi/esim_topup_created"))

    placement = made.place(top_up(), b"{exact bytes}", signed_at=SIGNED_AT)

    (call,) = calls(made)
    signed = call.sign()
    assert (call.operation, call.method, call.route, dict(call.params), call.content, call.is_read, call.is_evidence) == (
        "topupEsim", "POST", "/services/esim/{iccid}/topup", {"iccid": ICCID}, b"{exact bytes}", False, True)
    assert signed["x-signature"] == signature("psec_test_4f1c9a", signed["x-timestamp"], ICCID, "topup-12345")
    assert (placement.sku_ref, placement.quantity, placement.total) == (PACK, 1, Decimal(15))


@pytest.mark.parametrize("odd", [
    created({"customer_data": {"iccid": "8900000000000000011"}}), created({"delivery_data": [{"iccid": "89"}]}),
    created({"sku_id": "other"}), created(external_id="other"), created({"quantity": 2})])
def test_top_up_of_another_is_flagged(odd):
    with pytest.raises(Misread) as caught:
        client(odd).place(top_up(), b"{}", signed_at=SIGNED_AT)
    assert caught.value.code == "echo_mismatch"


@pytest.mark.parametrize("gap", [
    {"customer_data": None, "delivery_data": None}, {"delivery_data": 7}, {"customer_data": []}])
def test_top_up_that_names_no_esim_stands(gap):
    assert client(created(gap)).place(top_up(), b"{}", signed_at=SIGNED_AT).order_id


def test_refusal_of_an_unknown_esim_is_no_trouble_with_the_account():
    with pytest.raises(Invalid):
        client(answer({"success": False, "message": "eSIM not found"}, status=404)).place(
            top_up(), b"{}", signed_at=SIGNED_AT)
