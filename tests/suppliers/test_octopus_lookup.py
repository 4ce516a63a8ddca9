"""Finding orders at Octopus Cards again, and telling where their receipts go."""

import json
from datetime import UTC, datetime

import pytest

from catalog.suppliers.errors import Invalid, Missing
from tests.suppliers.octopus import asked, calls, client, esim, esim_order, listed, placed, refusal, voucher_order
from tests.suppliers.wire import answer

LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(("sku_ref", "route"), [
    ("topup:91001:1.99", "/api/v1/topups/orders"), ("voucher:311:25", "/api/v1/orders"),
    ("esim:7:4.5", "/api/v1/esim/orders")])
def test_reference_is_looked_for_among_goods_of_its_sort(sku_ref, route):
    made = client(listed())

    assert made.find("BO-40", sku_ref=sku_ref, since=LONG_AGO) == ()

    assert [route for _, route in asked(made)] == [route]
    assert [call.query["client_reference"] for call in calls(made)] == ["BO-40"]


def test_order_is_found_although_its_sort_of_goods_was_switched_off_since():
    made = client(listed(esim_order()), verticals=("topup",))

    assert [order.order_id for order in made.find("BO-40", sku_ref="esim:7:4.5", since=LONG_AGO)] == ["esim:7700"]


def test_all_orders_are_listed_one_sort_after_the_other():
    made = client(listed(placed(), more=True), listed(), listed(voucher_order()), listed(esim_order()))

    first = made.orders(None)
    second = made.orders(first.next_cursor)

    assert [order.order_id for order in first.items + second.items] == ["topup:9123456", "voucher:40030", "esim:7700"]
    assert (first.next_cursor, second.next_cursor) == ("topup:2", None)


def test_other_references_are_not_ours():
    made = client(listed(placed(client_reference="CAMPAIGN_DEC_244")))

    assert made.find("CAMPAIGN_DEC_24", sku_ref="topup:4218", since=LONG_AGO) == ()


def test_order_number_alone_names_no_order():
    with pytest.raises(Invalid):
        client(answer(placed())).fetch("9123456")


def test_unknown_order_is_missing():
    with pytest.raises(Missing):
        client(refusal("NOT_FOUND", "Not found", status=404)).fetch("topup:1")


@pytest.mark.parametrize(("order_id", "takes"), [("topup:1", True), ("esim:1", True), ("voucher:1", False)])
def test_which_orders_take_an_address_for_receipts(order_id, takes):
    assert client().takes_receipt_email(order_id) is takes


def test_address_for_receipts_is_set_on_the_order():
    made = client(answer(b"", status=204))

    made.set_receipt_email("esim:7700", "buyer@example.org")

    (call,) = calls(made)
    assert asked(made) == [("PATCH", "/api/v1/esim/orders/7700/notification-email")]
    assert json.loads(call.content) == {"email": "buyer@example.org"}


def test_esim_is_found_by_its_iccid_and_read_from_its_order():
    installed = esim_order(activation_code=None, activation_status="ACTIVE", activated_at="2026-09-02T08:00:00Z")
    made = client(listed(esim_order(id=7701, iccid="8944000000000000013"), more=True), listed(esim_order()),
                  answer(installed))

    told = made.esim_status("8944000000000000005")

    assert (told.word, told.can_renew, told.total, told.unit, told.left, told.activation_code) == (
        "ACTIVE", False, 3, "GB", None, "")
    assert told.packages[0].activated_at == datetime(2026, 9, 2, 8, tzinfo=UTC)
    assert asked(made)[-1] == ("GET", "/api/v1/esim/orders/7700")


def test_esim_of_nobody_is_missing():
    with pytest.raises(Missing, match="no eSIM of this ICCID"):
        client(listed(esim_order())).esim_status("8944000000000000021")


def test_nothing_is_added_to_an_esim():
    with pytest.raises(Invalid, match="Sell a new one"):
        client().compose(esim(iccid="8944000000000000005"))
