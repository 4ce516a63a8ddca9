"""One business order is bought once, however often it is sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def test_plexy_replay_answers_the_same_order(ask_plexy):
    first, second = ask_plexy.order(), ask_plexy.order()

    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"]
    assert len(ask_plexy.books.charges("REF-1")) == 1


def test_plexy_key_with_another_payload_conflicts(ask_plexy):
    ask_plexy.order()

    told = ask_plexy.order(external_ref="REF-2")

    assert (told.status, told.json["code"]) == (409, "idempotency_key_in_use")
    assert ask_plexy.books.purchases("REF-2") == []


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_plexy_asks_for_a_key(ask_plexy, key):
    assert ask_plexy.order(key=key).status == 400
    assert ask_plexy.books.purchases() == []


def test_plexy_reference_is_only_an_echo(ask_plexy):
    ask_plexy.order(key="key-1")
    ask_plexy.order(key="key-2")

    assert len(ask_plexy.books.purchases("REF-1")) == 2


def test_plexy_refusal_is_not_frozen_under_its_key(ask_plexy):
    ask_plexy.books.set_balance("USD", "0")
    refused = ask_plexy.order()
    ask_plexy.books.deposit("USD", "100.00")

    accepted = ask_plexy.order()

    assert (refused.status, refused.json["code"]) == (400, "insufficient_balance")
    assert accepted.status == 201


def test_plexy_refusal_can_be_frozen(ask_plexy):
    ask_plexy.lab.fail("plexy_gate", "createOrder", "freeze_refusal")
    ask_plexy.books.set_balance("USD", "0")
    ask_plexy.order()
    ask_plexy.books.deposit("USD", "100.00")

    assert ask_plexy.order().status == 400
    assert ask_plexy.order(key="key-2").status == 201


def test_plexy_can_forget_its_keys(ask_plexy):
    ask_plexy.order()
    ask_plexy.lab.fail("plexy_gate", "createOrder", "forget_keys")

    assert ask_plexy.order().status == 201
    assert len(ask_plexy.books.purchases("REF-1")) == 2


def test_giftapi_reference_is_unique(ask_giftapi):
    ask_giftapi.order()

    assert ask_giftapi.order().status == 409
    assert len(ask_giftapi.books.charges("REF-1")) == 1


def test_giftapi_can_let_references_repeat(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "createOrder", "allow_duplicates")
    ask_giftapi.order()

    assert ask_giftapi.order().status == 200
    assert len(ask_giftapi.books.purchases("REF-1")) == 2


def test_parallel_sends_of_one_key_buy_once(ask_plexy):
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda _: ask_plexy.order(), range(40)))

    assert sorted(one.status for one in told) == [200] * 39 + [201]
    assert len(ask_plexy.books.purchases("REF-1")) == len(ask_plexy.books.charges("REF-1")) == 1


def test_parallel_sends_of_one_reference_buy_once(ask_giftapi):
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda _: ask_giftapi.order(), range(40)))

    assert sorted(one.status for one in told) == [200] + [409] * 39
    assert len(ask_giftapi.books.purchases("REF-1")) == len(ask_giftapi.books.charges("REF-1")) == 1


def test_parallel_orders_never_overspend(ask_plexy):
    price = ask_plexy.order(key="price").json["charged_amount"]
    ask_plexy.books.set_balance("USD", "12.00")

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda number: ask_plexy.order(key=f"key-{number}", external_ref="RUN"), range(20)))

    bought = sum(one.status == 201 for one in told)
    assert bought == len(ask_plexy.books.purchases("RUN")) == 12 // float(price)
    assert ask_plexy.books.balance("USD") >= 0
