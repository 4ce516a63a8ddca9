"""What we ask GiftAPI, and what its documented examples mean."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.suppliers.errors import Invalid, Misread, Missing
from catalog.suppliers.giftapi.client import GiftApi
from catalog.suppliers.giftapi.signing import signature
from catalog.suppliers.types import EntryStatus, OrderRequest, Outcome, ProductKind
from tests.suppliers.wire import Wire, answer, sample, sample_value

SIGNED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SKU = "019bc0dd-8562-7173-afd9-a5cc534fafb7"
START = datetime(2026, 1, 1, tzinfo=UTC)
CREATED = sample_value("giftapi/order_created")


def client(*answers, **settings):
    return GiftApi(Wire(*answers), {"token": "token-1", "partner_secret": "psec_test_4f1c9a"}, settings)


def calls(made):
    return made._transport.calls


def voucher(**options):
    return OrderRequest(**{"ref": "ORD-12345", "sku_ref": SKU, "product_ref": "p", "kind": ProductKind.VOUCHER,
                           "currency": "USD", **options})


def order(item=None, **changes):
    data = CREATED["data"]
    return answer({**CREATED, "data": {**data, "items": [{**data["items"][0], **(item or {})}], **changes}})


def page(*rows, cursor=None):
    return answer({"success": True, "data": list(rows), "meta": {"next_cursor": cursor}})


def test_order_is_composed_as_documented():
    assert json.loads(client(answer()).compose(voucher())) == sample_value("giftapi/order_create_request")


def test_open_amount_and_inputs_are_fields():
    body = client(answer()).compose(voucher(amount=Decimal("50.500000"), fields={"phone": "971"}, quantity=2))

    assert body == (b'{"external_id":"ORD-12345","item":{"fields":{"amount":50.50,"phone":"971","quantity":2},'
                    b'"sku_id":"019bc0dd-8562-7173-afd9-a5cc534fafb7"}}')


def test_inputs_cannot_change_the_quantity():
    body = json.loads(client(answer()).compose(voucher(fields={"quantity": "99", "amount": "1"}, amount=Decimal(5))))

    assert body["item"]["fields"] == {"amount": 5.0, "quantity": 1}


@pytest.mark.parametrize("odd", [{"quantity": 0}, {"is_test": True}])
def test_what_cannot_be_ordered_is_refused_before_sending(odd):
    with pytest.raises(Invalid):
        client(answer()).compose(voucher(**odd))


def test_order_is_placed_and_signed():
    made = client(sample("giftapi/order_created"))

    placement = made.place(voucher(), b"{exact bytes}", signed_at=SIGNED_AT)

    (call,) = calls(made)
    signed = call.sign()
    assert (call.method, call.route, call.content, call.is_read, call.is_evidence, call.ref) == (
        "POST", "/orders", b"{exact bytes}", False, True, "ORD-12345")
    assert call.headers == {"authorization": "Bearer token-1"}
    assert signed["x-timestamp"] == str(int(SIGNED_AT.timestamp()))
    assert signed["x-signature"] == signature("psec_test_4f1c9a", signed["x-timestamp"], SKU, "ORD-12345")
    assert (placement.order_id, placement.ref, placement.sku_ref, placement.quantity, placement.total,
        placement.currency) == (
        "12161770-8560-4377-9795-e8a70aaceb07", "ORD-12345", SKU, 1, Decimal("29.09"), "USD")
    assert [unit.code for unit in placement.deliveries] == ["8f8649ff5c017b31869c99a37749d0d6"]


def test_signature_carries_the_time_of_the_claim_however_late_it_is_made():
    made = client(sample("giftapi/order_created"))
    made.place(voucher(), b"{}", signed_at=SIGNED_AT)

    assert {calls(made)[0].sign()["x-timestamp"] for _ in range(2)} == {str(int(SIGNED_AT.timestamp()))}


@pytest.mark.fault("F52")
def test_signature_follows_the_suppliers_clock():
    made = client(sample("giftapi/order_created"))
    made.place(voucher(), b"{}", signed_at=SIGNED_AT)
    made._transport.skew_s = 300.0

    assert int(calls(made)[0].sign()["x-timestamp"]) == int(SIGNED_AT.timestamp()) + 300


@pytest.mark.parametrize("odd", [
    order(external_id="ORD-1"), order({"sku_id": "other"}), order({"quantity": 2}), order({"quantity": None}),
    order(currency="EUR"), order(items=[]), order(items=None)])
def test_order_of_another_is_flagged(odd):
    with pytest.raises(Misread) as caught:
        client(odd).place(voucher(), b"{}", signed_at=SIGNED_AT)
    assert caught.value.code == "echo_mismatch"


@pytest.mark.parametrize("odd", [
    answer(b""), answer(b"<html>", content_type="text/html"), answer([]), answer({}), answer({"success": True,
        "data": None}),
    answer({"success": False, "message": "no"}), answer({"success": "true", "data": CREATED["data"]}), order(id=None),
    order(status=None), order(items=[7])])
def test_success_that_is_no_order_is_misread(odd):
    with pytest.raises(Misread):
        client(odd).place(voucher(), b"{}", signed_at=SIGNED_AT)


@pytest.mark.parametrize(("word", "outcome"), [
    ("created", Outcome.PENDING), ("processing", Outcome.PENDING), ("completed", Outcome.COMPLETED), ("failed",
    Outcome.FAILED),
    ("partially_completed", Outcome.PARTIAL), ("cancelled", Outcome.CANCELLED), ("refunded", Outcome.UNKNOWN)])
def test_status_words(word, outcome):
    placement = client(order(status=word)).fetch("x")

    assert (placement.outcome, placement.word) == (outcome, word)


def test_codes_of_a_part_are_kept():
    units = [{"pin": "A"}, {"pin": "B", "serial_number": "S2", "expiration_date": "2027-01-15"}]

    placement = client(order({"delivery_data": units}, status="partially_completed")).fetch("x")

    assert [(unit.code, unit.serial, str(unit.expires_on)) for unit in placement.deliveries] == [
        ("A", "", "None"), ("B", "S2", "2027-01-15")]


@pytest.mark.parametrize(("unit", "read"), [
    ({"pin": "P", "expiration": None, "serialNumber": ""}, ("P", "", {})),
    ({"pin": "P", "expiration": "2027", "serialNumber": "S"}, ("P", "S", {"expiration": "2027"})),
    ({"code": "C", "pin": "P"}, ("C", "", {"pin": "P"})),
    ({"iccid": "89", "status": "recharged", "message": "Done"}, ("", "", {"iccid": "89", "status": "recharged",
    "message": "Done"})),
    ({"qr_code": "LPA:1$x", "iccid": "89"}, ("LPA:1$x", "", {"iccid": "89"})),
    ("BARE", ("BARE", "", {})),
])
def test_spellings_of_delivered_goods(unit, read):
    (got,) = client(order({"delivery_data": [unit]})).fetch("x").deliveries

    assert (got.code, got.serial, dict(got.details)) == read


def test_reason_of_a_failure():
    placement = client(order({"error_message": "Out of stock", "delivery_data": None}, status="failed")).fetch("x")

    assert (placement.reason, placement.deliveries) == ("Out of stock", ())


@pytest.mark.parametrize(("name", "order_id"), [
    ("giftapi/order", "7898e683-4e56-44a3-9782-eca3f758a844"),
    ("giftapi/order_created", "12161770-8560-4377-9795-e8a70aaceb07"),
    ("giftapi/esim_topup_created", "42161770-8560-4377-9795-e8a70aaceb10")])
def test_documented_orders(name, order_id):
    placement = client(sample(name)).fetch("x")

    assert (placement.order_id, placement.outcome, placement.quantity, len(placement.deliveries)) == (
        order_id, Outcome.COMPLETED, 1, 1)


def test_order_in_a_notice_reads_like_any_other():
    notice = sample_value("giftapi/webhook_order_status_changed")["data"]["order"]

    placement = client(answer({"success": True, "data": notice})).fetch("x")

    assert [(unit.code, unit.serial, str(unit.expires_on)) for unit in placement.deliveries] == [
        ("ABCD-EFGH-IJKL-MNOP", "VOUCHER123456", "2027-01-15")]
    assert placement.finished_at == datetime(2026, 1, 15, 12, 58, 23, tzinfo=UTC)


def test_find_compares_exactly_over_all_cursors():
    rows = [{**CREATED["data"], "id": f"id-{ref}", "external_id": ref} for ref in ("ORD-12345", "ORD-123456", "ORD-1")]
    made = client(page(rows[1], cursor="c1"), page(cursor="c2"), page(rows[0], rows[2]))

    assert [found.order_id for found in made.find("ORD-12345", sku_ref="sku-1", since=START)] == ["id-ORD-12345"]
    assert [call.query.get("cursor") for call in calls(made)] == [None, "c1", "c2"]
    assert {call.query["external_id"] for call in calls(made)} == {"ORD-12345"}


@pytest.mark.parametrize("pages", [
    [page(cursor="c1"), page(cursor="c1")],
    [page(cursor="c1"), page(cursor="c2"), page(cursor="c1")],
    [page(cursor="c" * 3000)],
    [page(cursor=7)],
    [page(CREATED["data"], cursor="c1"), page(CREATED["data"], cursor="c2")],
])
def test_walk_without_end_proves_no_absence(pages):
    with pytest.raises(Misread):
        client(*pages).find("ORD-9", sku_ref="sku-1", since=START)


def test_sample_list_is_a_page():
    assert len(client(sample("giftapi/orders")).find("ORD-12345", sku_ref="sku-1", since=START)) == 1


def test_balance_with_overdraft():
    (reading,) = client(sample("giftapi/balance")).balances()

    assert (reading.currency, reading.balance, reading.available, reading.reserved) == (
        "USD", Decimal("-29.09"), Decimal("70.91"), 0)
    assert (reading.overdraft_limit, reading.allow_overdraft, reading.is_overdrafted) == (100, True, True)


@pytest.mark.parametrize(("allow", "available"), [(True, Decimal("65.91")), (False, Decimal("-34.09"))])
def test_available_is_reckoned_where_it_is_not_told(allow, available):
    data = {**sample_value("giftapi/balance")["data"], "reserved_amount": 5, "allow_overdraft": allow,
        "available_balance": None}

    assert client(answer({"success": True, "data": data})).balances()[0].available == available


def test_ledger_rows_have_a_key_of_their_content():
    read = client(sample("giftapi/balance_history")).entries(None)

    charge, top_up = read.items
    assert (charge.key, charge.word, charge.amount, charge.balance_after, charge.status) == (
        "2026-02-24T11:37:58+00:00|charge|-29.09|-58.18|12161770-8560-4377-9795-e8a70aaceb07", "charge", Decimal("-29.09"),
        Decimal("-58.18"), EntryStatus.POSTED)
    assert (top_up.key, top_up.method) == ("2026-02-23T11:37:58+00:00|topup|500.00|441.82|", "bank_transfer")
    assert read.next_cursor == sample_value("giftapi/balance_history")["meta"]["next_cursor"]


def test_probe_accepts_the_token():
    assert client(sample("giftapi/verify_token")).probe().healthy


def test_inactive_partner_is_not_healthy():
    told = sample_value("giftapi/verify_token")
    told["data"]["partner"]["is_active"] = False

    health = client(answer(told)).probe()

    assert (health.healthy, health.detail) == (False, "GiftAPI says the partner account is not active.")


def test_paths_are_settings():
    made = client(sample("giftapi/order"), path_order="/v2/purchases/{uuid}")
    made.fetch("7898e683")

    assert (calls(made)[0].route, calls(made)[0].params) == ("/v2/purchases/{uuid}", {"uuid": "7898e683"})


def test_sku_that_left_its_product_is_missing():
    with pytest.raises(Missing, match="no longer sells"):
        client(sample("giftapi/product")).quote(voucher(sku_ref="gone"))
