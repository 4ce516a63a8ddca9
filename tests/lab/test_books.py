"""The stand-ins' money is coherent, and orders end as they are told to."""

from collections import defaultdict
from decimal import Decimal

import pytest


def assert_chain(books):
    balances = {}
    for row in books.ledger:
        if row.currency in balances:
            assert row.balance_after == balances[row.currency] + row.amount
        balances[row.currency] = row.balance_after
    assert balances == books.balances


@pytest.mark.parametrize("supplier", ["plexy_gate", "giftapi"])
def test_sixty_days_of_history_lead_to_the_balances(lab, supplier):
    books = lab.books[supplier]

    assert_chain(books)
    assert all(row.balance_after >= -books.overdraft_limit for row in books.ledger)
    assert 50 < (books.ledger[-1].at - books.ledger[0].at).days < 70


def test_history_belongs_to_orders(ask_giftapi):
    charged = defaultdict(Decimal)
    for row in ask_giftapi.books.ledger:
        charged[row.order_id] += row.amount

    assert all(charged[order.id] == -order.total for order in ask_giftapi.books.orders.values())


def test_accounts_are_healthy_low_and_overdrawn(ask_plexy, ask_giftapi):
    told = ask_giftapi.get("/balance").json["data"]

    assert ask_plexy.books.balance("USD") > 1000 > 50 > ask_plexy.books.balance("EUR") > 0
    assert told["is_overdrafted"] is True
    assert told["available_balance"] == pytest.approx(told["balance"] - told["reserved_amount"] + told["overdraft_limit"])


def test_deposits_are_posted_and_pending(ask_plexy):
    assert {row.status for row in ask_plexy.books.deposits} == {"posted", "pending"}


def test_overdraft_is_spent_to_its_limit_and_not_further(ask_giftapi):
    price = ask_giftapi.card().price
    ask_giftapi.books.set_balance("USD", -5000 + price)

    assert ask_giftapi.order("REF-1").status == 200
    refused = ask_giftapi.order("REF-2")

    assert refused.status == 422
    assert "balance" in refused.json["message"].lower()
    assert ask_giftapi.books.balance("USD") == -5000
    assert ask_giftapi.books.purchases("REF-2") == []


def test_plexy_has_no_overdraft(ask_plexy):
    ask_plexy.books.set_balance("USD", "0.01")

    assert ask_plexy.order().json["code"] == "insufficient_balance"
    assert ask_plexy.books.balance("USD") == Decimal("0.01")


def test_test_order_charges_nothing(ask_plexy):
    before = ask_plexy.books.balance("USD")

    told = ask_plexy.order(test=True).json

    assert told["is_test"] is True
    assert ask_plexy.books.balance("USD") == before


def test_failed_order_is_given_back(ask_giftapi):
    before = ask_giftapi.books.balance("USD")
    ask_giftapi.lab.fail("giftapi", "createOrder", "finish", status="failed", reason="Number is not active")

    told = ask_giftapi.order().json["data"]

    assert (told["status"], told["items"][0]["error_message"]) == ("failed", "Number is not active")
    assert told["items"][0]["delivery_data"] is None
    assert ask_giftapi.books.balance("USD") == before
    assert [row.kind for row in ask_giftapi.books.ledger[-2:]] == ["charge", "refund"]
    assert_chain(ask_giftapi.books)


def test_refund_can_be_missing(ask_plexy):
    before = ask_plexy.books.balance("USD")
    placed = ask_plexy.order().json

    ask_plexy.books.settle(placed["id"], "failed", refund=False)

    told = ask_plexy.get(f"/orders/{placed['id']}").json
    assert (told["status"], bool(told["failed_at"]), told["completed_at"]) == ("failed", True, None)
    assert ask_plexy.books.balance("USD") < before


def test_partial_delivery_gives_the_rest_back_and_may_be_completed(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "createOrder", "finish", status="partially_completed", delivered=3)
    placed = ask_giftapi.order(quantity=5).json["data"]
    first = [unit["pin"] for unit in placed["items"][0]["delivery_data"]]
    order = ask_giftapi.books.order(placed["id"])
    assert order.refunded == round(order.total * 2 / 5, 2)

    ask_giftapi.books.settle(placed["id"], "completed")

    units = ask_giftapi.get(f"/orders/{placed['id']}").json["data"]["items"][0]["delivery_data"]
    assert len(first) == 3
    assert [unit["pin"] for unit in units][:3] == first
    assert len({unit["pin"] for unit in units}) == 5
    assert order.refunded == 0
    assert_chain(ask_giftapi.books)


def test_cancelled_order_is_given_back(ask_giftapi):
    before = ask_giftapi.books.balance("USD")
    ask_giftapi.books.pace(seconds=3600)
    placed = ask_giftapi.order().json["data"]

    ask_giftapi.books.settle(placed["id"], "cancelled")

    assert ask_giftapi.get(f"/orders/{placed['id']}").json["data"]["status"] == "cancelled"
    assert ask_giftapi.books.balance("USD") == before


def test_orders_end_after_some_reads(ask_giftapi):
    ask_giftapi.books.pace(reads=3)
    placed = ask_giftapi.order().json["data"]

    words = [ask_giftapi.get(f"/orders/{placed['id']}").json["data"]["status"] for _ in range(3)]

    assert [placed["status"], *words] == ["processing", "processing", "processing", "completed"]


def test_orders_end_after_some_seconds(ask_plexy, time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    ask_plexy.books.pace(seconds=30)
    placed = ask_plexy.order().json

    early = ask_plexy.get(f"/orders/{placed['id']}").json["status"]
    time_machine.shift(31)

    assert early == "pending"
    assert ask_plexy.get(f"/orders/{placed['id']}").json["status"] == "completed"


def test_held_order_waits_to_be_settled(ask_plexy):
    ask_plexy.lab.fail("plexy_gate", "createOrder", "hold")
    placed = ask_plexy.order().json
    words = [ask_plexy.get(f"/orders/{placed['id']}").json["status"] for _ in range(3)]

    ask_plexy.books.settle(placed["id"], "completed")

    assert words == ["pending"] * 3
    assert ask_plexy.get(f"/orders/{placed['id']}").json["status"] == "completed"


def test_any_word_can_be_told(ask_plexy):
    placed = ask_plexy.order().json

    ask_plexy.books.settle(placed["id"], "reviewing")

    told = ask_plexy.get(f"/orders/{placed['id']}").json
    assert (told["status"], told["completed_at"], told["failed_at"]) == ("reviewing", None, None)


def test_stock_goes_down(ask_giftapi):
    sku = ask_giftapi.card().sku
    ask_giftapi.books.set_stock(sku, 3)

    assert ask_giftapi.order("REF-1", sku, quantity=2).status == 200
    assert ask_giftapi.order("REF-2", sku, quantity=2).status == 422
    assert ask_giftapi.books.goods[sku].stock == 1


def test_reset_forgets_everything(ask_giftapi):
    before = ask_giftapi.books.balance("USD")
    sku = ask_giftapi.card().sku
    ask_giftapi.order()
    ask_giftapi.books.set_price(sku, "99.00")

    ask_giftapi.lab.reset()

    assert ask_giftapi.books.purchases() == ask_giftapi.books.charges() == ask_giftapi.lab.calls("giftapi") == []
    assert ask_giftapi.books.balance("USD") == before
    assert ask_giftapi.books.goods[sku].price != 99
