"""Stand-ins behave otherwise when told, for as many calls as told."""

from decimal import Decimal

import pytest


def fail(ask, operation, fault, **options):
    name = "plexy_gate" if hasattr(ask, "agent") else "giftapi"
    return ask.lab.fail(name, operation, fault, **options)


def test_faults_strike_as_often_as_told(ask_giftapi):
    fail(ask_giftapi, "getBalance", "error", times=2)

    assert [ask_giftapi.get("/balance").status for _ in range(3)] == [500, 500, 200]


def test_faults_strike_one_after_another(ask_giftapi):
    fail(ask_giftapi, "getBalance", "error")
    fail(ask_giftapi, "getBalance", "waf")

    assert [ask_giftapi.get("/balance").status for _ in range(3)] == [500, 403, 200]


def test_fault_strikes_only_its_operation_and_supplier(ask_giftapi, ask_plexy):
    fail(ask_giftapi, "getBalance", "error", times=None)

    assert ask_giftapi.get("/me").status == ask_plexy.get("/balance").status == 200


def test_fault_can_be_switched_off(ask_giftapi):
    fail(ask_giftapi, "*", "revoked")

    ask_giftapi.lab.clear("giftapi")

    assert ask_giftapi.get("/me").status == 200


@pytest.mark.parametrize(("supplier", "operation", "fault", "options"), [
    ("nobody", "*", "error", {}), ("giftapi", "buy", "error", {}), ("giftapi", "*", "explode", {}),
    ("giftapi", "*", "error", {"colour": "red"}),
])
def test_misspelt_fault_is_refused(lab, supplier, operation, fault, options):
    with pytest.raises(ValueError):
        lab.fail(supplier, operation, fault, **options)


@pytest.mark.parametrize(("options", "field", "told"), [
    ({}, "external_id", "SOMEBODY-ELSE-1"), ({"ref": "X"}, "external_id", "X"), ({"currency": "EUR"}, "currency", "EUR"),
])
def test_giftapi_echoes_another_order(ask_giftapi, options, field, told):
    fail(ask_giftapi, "createOrder", "echo", **options)

    assert ask_giftapi.order().json["data"][field] == told
    assert len(ask_giftapi.books.purchases("REF-1")) == 1


@pytest.mark.parametrize(("options", "field", "told"), [({"sku": "X"}, "sku_id", "X"), ({"quantity": 7}, "quantity", 7)])
def test_giftapi_echoes_another_item(ask_giftapi, options, field, told):
    fail(ask_giftapi, "createOrder", "echo", **options)

    assert ask_giftapi.order().json["data"]["items"][0][field] == told


@pytest.mark.parametrize(("options", "field", "told"), [
    ({}, "external_ref", "SOMEBODY-ELSE-1"), ({"ref": "X"}, "external_ref", "X"), ({"sku": 7}, "product_id", 7),
    ({"currency": "EUR"}, "currency_code", "EUR"),
])
def test_plexy_echoes_another_order(ask_plexy, options, field, told):
    fail(ask_plexy, "createOrder", "echo", **options)

    assert ask_plexy.order().json[field] == told


def test_charge_is_above_the_quote(ask_giftapi):
    price = ask_giftapi.card().price
    fail(ask_giftapi, "createOrder", "charge_above", by="0.50")

    assert Decimal(str(ask_giftapi.order().json["data"]["total_amount"])) == price + Decimal("0.50")
    assert ask_giftapi.books.charges("REF-1")[0].amount == -(price + Decimal("0.50"))


def test_funds_can_be_short_whatever_the_balance(ask_giftapi, ask_plexy):
    fail(ask_giftapi, "createOrder", "insufficient_funds")
    fail(ask_plexy, "createOrder", "insufficient_funds")

    assert (ask_giftapi.order().status, ask_plexy.order().status) == (422, 400)
    assert (ask_giftapi.order().status, ask_plexy.order().status) == (200, 201)


def test_unknown_status_word(ask_giftapi, ask_plexy):
    fail(ask_giftapi, "createOrder", "status_word")
    fail(ask_plexy, "createOrder", "status_word", word="on_hold")

    assert ask_giftapi.order().json["data"]["status"] == "reviewing"
    assert ask_plexy.order().json["status"] == "on_hold"


def test_finished_order_is_told_as_open(ask_giftapi, ask_plexy):
    gift, plexy = ask_giftapi.order().json["data"]["id"], ask_plexy.order().json["id"]
    ask_plexy.get(f"/orders/{plexy}")
    fail(ask_giftapi, "getOrder", "regression")
    fail(ask_plexy, "getOrder", "regression")

    told = ask_giftapi.get(f"/orders/{gift}").json["data"]
    assert (told["status"], told["items"][0]["delivery_data"]) == ("processing", None)
    told = ask_plexy.get(f"/orders/{plexy}").json
    assert (told["status"], "voucher_code" in told["order_content"], told["completed_at"]) == ("pending", False, None)
    assert ask_plexy.get(f"/orders/{plexy}").json["status"] == "completed"


def test_new_orders_are_missing_for_some_calls(ask_giftapi):
    ask_giftapi.order()
    fail(ask_giftapi, "listOrders", "lookup_lag", times=2)

    found = [len(ask_giftapi.get("/orders", external_id="REF-1").json["data"]) for _ in range(3)]

    assert found == [0, 0, 1]


def test_new_orders_are_missing_for_some_seconds(ask_plexy, time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    placed = ask_plexy.order().json["id"]
    fail(ask_plexy, "*", "lookup_lag", seconds=90)

    early = ask_plexy.get(f"/orders/{placed}").status, placed in str(ask_plexy.get("/orders").json)
    time_machine.shift(91)

    assert early == (404, False)
    assert ask_plexy.get(f"/orders/{placed}").status == 200


def test_listed_product_is_not_found(ask_giftapi):
    product = ask_giftapi.card().product
    fail(ask_giftapi, "getProduct", "vanish")

    assert [ask_giftapi.get(f"/catalog/products/{product}").status for _ in range(2)] == [404, 200]


def test_only_the_named_product_is_not_found(ask_plexy):
    gone, other = ask_plexy.voucher("USD").ref, ask_plexy.voucher("EUR").ref
    fail(ask_plexy, "getProduct", "vanish", product=gone, times=None)

    assert [ask_plexy.get(f"/products/{ref}").status for ref in (other, gone, gone)] == [200, 404, 404]


def test_calls_are_remembered_with_their_bytes(ask_plexy):
    fail(ask_plexy, "createOrder", "error")
    ask_plexy.order()
    ask_plexy.order()

    first, second = ask_plexy.lab.calls("plexy_gate", "createOrder")
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == "key-1"
    assert (first.status, second.status) == (500, 200)
