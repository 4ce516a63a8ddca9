"""Every documented operation of Plexy Gate answers as its contract says."""

from decimal import Decimal

import pytest

from tests.conforming import contract, operations
from tests.lab.asking import faults_in


@pytest.fixture
def judged(ask_plexy):
    """Asks for a path and fails on whatever the contract finds wrong with the answer."""

    def ask(operation, told, status=200):
        assert told.status == status
        assert faults_in("plexy_gate", operation, told) == []
        return told.json

    return ask


def test_every_operation_is_answered(lab):
    assert set(lab.desks["plexy_gate"].operations) == set(operations("plexy_gate"))


def test_paths_are_those_of_the_contract(lab):
    written = {act["operationId"]: (method.upper(), path) for path, acts in contract("plexy_gate")["paths"].items()
               for method, act in acts.items() if method in ("get", "post")}

    answered = {name: (method, path.replace("product_id", "productId").replace("order_id", "orderId"))
                for name, (method, path, _) in lab.desks["plexy_gate"].operations.items()}
    assert answered == written


@pytest.mark.parametrize(("operation", "path"), [
    ("listProductTypes", "/product-types"), ("listProductCategories", "/product-categories"), ("listProducts", "/products"),
    ("listOrders", "/orders"), ("getBalance", "/balance"), ("listDeposits", "/deposits"),
])
def test_lists_obey_the_contract(ask_plexy, judged, operation, path):
    judged(operation, ask_plexy.get(path))


def test_every_product_obeys_the_contract(ask_plexy, judged):
    for product in ask_plexy.books.listed():
        judged("getProduct", ask_plexy.get(f"/products/{product.ref}"))


def test_voucher_goes_from_pending_to_completed(ask_plexy, judged):
    placed = judged("createOrder", ask_plexy.order(), 201)

    read = judged("getOrder", ask_plexy.get(f"/orders/{placed['id']}"))
    assert (placed["status"], read["status"]) == ("pending", "completed")
    assert read["order_content"]["voucher_code"].startswith("TEST-")
    assert read["completed_at"] and not read["failed_at"]


def test_top_up_charges_more_than_its_amount(ask_plexy, judged):
    product = ask_plexy.top_up()
    account = {"amount": "10.00", "customer_account": {"login": "player"}}

    placed = judged("createOrder", ask_plexy.order(product_id=int(product.ref), topup_request=account), 201)

    assert Decimal(10) < Decimal(placed["charged_amount"]) <= Decimal("12.50")


def test_accepting_charges_the_balance_at_once(ask_plexy, judged):
    before = ask_plexy.books.balance("USD")

    placed = judged("createOrder", ask_plexy.order(), 201)

    charged = Decimal(placed["charged_amount"])
    assert (Decimal(placed["balance_before"]), Decimal(placed["balance_after"])) == (before, before - charged)
    assert ask_plexy.books.balance("USD") == before - charged


def test_missing_objects_obey_the_contract(ask_plexy, judged):
    judged("getProduct", ask_plexy.get("/products/1"), 404)
    judged("getOrder", ask_plexy.get("/orders/3d2b8a60-6a0e-4f5f-9a2c-7c1d5be0a911"), 404)


def test_health_asks_for_no_key(ask_plexy):
    assert ask_plexy.send("GET", "/plexy_gate/health").status == 200


@pytest.mark.parametrize("key", [None, "wrong", "Bearer lab-plexy-api-key"])
def test_wrong_key_is_refused(ask_plexy, judged, key):
    headers = {} if key is None else {"Authorization": key}

    judged("getBalance", ask_plexy.send("GET", f"{ask_plexy.agent}/balance", headers=headers), 401)


def test_wrong_agent_is_refused(ask_plexy):
    key = {"Authorization": ask_plexy.lab.credentials["plexy_gate"]["api_key"]}

    assert ask_plexy.send("GET", "/plexy_gate/agent/somebody/balance", headers=key).status == 404


def test_pages_cover_every_product_once(ask_plexy):
    pages = [ask_plexy.get("/products", page=number, pageSize=50).json for number in range(1, 6)]

    refs = [row["id"] for page in pages for row in page["items"]]
    assert len(refs) == len(set(refs)) == pages[0]["total"] == len(ask_plexy.books.listed())


def test_page_size_has_a_limit(ask_plexy):
    assert ask_plexy.get("/products", pageSize=5000).json["pageSize"] == 200


@pytest.mark.parametrize("query", [{"page": 0}, {"page": "x"}, {"pageSize": 0}])
def test_odd_page_is_refused(ask_plexy, query):
    assert ask_plexy.get("/orders", **query).status == 400


def test_orders_are_filtered(ask_plexy):
    placed = ask_plexy.order().json

    pending = ask_plexy.get("/orders", status="pending").json
    assert [row["id"] for row in pending["items"]] == [placed["id"]]
    assert ask_plexy.get("/orders", product_id=placed["product_id"], status="failed").json["total"] == 0


def test_deposits_are_pending_then_posted(ask_plexy):
    before = ask_plexy.books.balance("EUR")
    sent = ask_plexy.books.deposit("EUR", "100.00", status="pending")
    assert ask_plexy.books.balance("EUR") == before

    ask_plexy.books.post(sent.id)

    newest = ask_plexy.get("/deposits", status="posted").json["items"][0]
    assert (newest["id"], newest["status"], newest["amount"]) == (sent.id, "posted", "100.00")
    assert newest["posted_at"]
    assert ask_plexy.books.balance("EUR") == before + 100
