"""Orders that a supplier would refuse are refused, with nothing bought."""

import pytest


@pytest.mark.parametrize(("changed", "code"), [
    ({"product_id": 1}, "product_not_found"),
    ({"quantity": 0}, "invalid_quantity"), ({"quantity": 11}, "invalid_quantity"), ({"quantity": "1"}, "invalid_quantity"),
    ({"currency_code": "XYZ"}, "currency_not_supported"),
    ({"topup_request": {"amount": "5", "customer_account": {"login": "x"}}}, "topup_request_not_allowed"),
])
def test_plexy_refuses_a_wrong_voucher_order(ask_plexy, changed, code):
    told = ask_plexy.order(**changed)

    assert (told.status, told.json["code"]) == (400, code)
    assert ask_plexy.books.purchases() == []


@pytest.mark.parametrize(("top_up", "code"), [
    (None, "topup_request_required"),
    ({"amount": "10.00"}, "customer_account_required"),
    ({"amount": "10.00", "customer_account": {}}, "customer_account_required"),
    ({"amount": 10, "customer_account": {"login": "x"}}, "invalid_amount"),
    ({"amount": "1e1", "customer_account": {"login": "x"}}, "invalid_amount"),
    ({"amount": "4.00", "customer_account": {"login": "x"}}, "amount_out_of_range"),
    ({"amount": "101", "customer_account": {"login": "x"}}, "amount_out_of_range"),
    ({"amount": "10.50", "customer_account": {"login": "x"}}, "amount_off_step"),
])
def test_plexy_refuses_a_wrong_top_up(ask_plexy, top_up, code):
    told = ask_plexy.order(product_id=int(ask_plexy.top_up().ref), topup_request=top_up)

    assert (told.status, told.json["code"]) == (400, code)
    assert ask_plexy.books.purchases() == []


def test_plexy_refuses_a_body_that_is_no_object(ask_plexy):
    assert ask_plexy.post(b"[1]", "key-1").status == 400
    assert ask_plexy.post(b"{", "key-1").status == 400


def test_plexy_product_can_stay_listed_but_unsold(ask_plexy):
    product = ask_plexy.voucher().ref
    ask_plexy.books.retire(product, listed=True)

    assert ask_plexy.get(f"/products/{product}").json["is_active"] is False
    assert ask_plexy.order(product_id=int(product)).json["code"] == "product_inactive"


def test_plexy_product_can_go(ask_plexy):
    product = ask_plexy.voucher().ref
    ask_plexy.books.retire(product)

    assert ask_plexy.get(f"/products/{product}").status == 404
    assert ask_plexy.order(product_id=int(product)).json["code"] == "product_not_found"


@pytest.mark.parametrize("fields", [{"quantity": 0}, {"quantity": 100}, {"quantity": True}, {"amount": 5}])
def test_giftapi_refuses_a_wrong_card_order(ask_giftapi, fields):
    assert ask_giftapi.order(**fields).status == 422
    assert ask_giftapi.books.purchases() == []


@pytest.mark.parametrize("amount", [None, "much", 0, -5, 10**9, 10.001])
def test_giftapi_refuses_a_wrong_amount(ask_giftapi, amount):
    assert ask_giftapi.order(sku=ask_giftapi.open_card().sku, amount=amount).status == 422
    assert ask_giftapi.books.purchases() == []


def test_giftapi_asks_for_the_products_fields(ask_giftapi):
    goods, products = ask_giftapi.books.goods, ask_giftapi.books.products
    sku = next(good.sku for good in goods.values() if products[good.product].kind == "recharge_fixed")

    assert "item.fields.phone" in ask_giftapi.order(sku=sku).json["errors"]
    assert ask_giftapi.order(sku=sku, phone="+971500000000").status == 200


def test_giftapi_refuses_an_unknown_sku(ask_giftapi):
    assert ask_giftapi.order(sku="01a2b3c4-0000-7000-8000-00000000a001").status == 422


def test_giftapi_product_goes_from_every_list(ask_giftapi):
    good = ask_giftapi.card()
    ask_giftapi.books.retire(good.product)

    assert ask_giftapi.get(f"/catalog/products/{good.product}").status == 404
    assert ask_giftapi.order(sku=good.sku).status == 422
    assert good.product not in {row["id"] for row in ask_giftapi.get("/catalog/products", per_page=200).json["data"]}


def test_new_price_is_charged(ask_giftapi):
    sku = ask_giftapi.card().sku
    ask_giftapi.books.set_price(sku, "7.77")

    assert ask_giftapi.order(sku=sku, quantity=2).json["data"]["total_amount"] == 15.54
