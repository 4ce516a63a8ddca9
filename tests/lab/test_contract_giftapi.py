"""Every documented operation of GiftAPI answers as its contract says."""

from decimal import Decimal

import pytest

from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID, SPENT_ICCID
from tests.conforming import contract, operations
from tests.lab.asking import faults_in


@pytest.fixture
def judged():
    def ask(operation, told, status=200):
        assert told.status == status
        assert faults_in("giftapi", operation, told) == []
        return told.json

    return ask


def walk(ask, path, **query):
    """The rows of every page."""
    rows, cursor = [], None
    while True:
        page = ask.get(path, **query, **({"cursor": cursor} if cursor else {})).json
        rows += page["data"]
        cursor = page["meta"]["next_cursor"]
        if cursor is None:
            return rows


def test_every_operation_is_answered(lab):
    written = {act["operationId"]: (method.upper(), path) for path, acts in contract("giftapi")["paths"].items()
               for method, act in acts.items() if method in ("get", "post")}

    answered = {name: (method, path) for name, (method, path, _) in lab.desks["giftapi"].operations.items()}
    assert answered == written
    assert set(answered) == set(operations("giftapi"))


@pytest.mark.parametrize(("operation", "path"), [
    ("verifyToken", "/me"), ("getBalance", "/balance"), ("listBalanceTransactions", "/balance/history"),
    ("listProducts", "/catalog/products"), ("listProducts", "/catalog/products?include_skus=true&locale=ru"),
    ("getPricelist", "/catalog/pricelist"), ("listCategories", "/catalog/categories"), ("listOrders", "/orders"),
])
def test_reads_obey_the_contract(ask_giftapi, judged, operation, path):
    path, _, query = path.partition("?")

    told = judged(operation, ask_giftapi.get(path, **dict(pair.split("=") for pair in query.split("&") if pair)))

    assert told["success"] is True
    assert told["data"]


def test_every_product_obeys_the_contract(ask_giftapi, judged):
    for product in ask_giftapi.books.listed():
        told = judged("getProduct", ask_giftapi.get(f"/catalog/products/{product.ref}"))
        assert "fields" not in told["data"]


def test_list_tells_no_prices(ask_giftapi):
    rows = ask_giftapi.get("/catalog/products", include_skus="true").json["data"]

    assert all("price" not in sku and "stock" not in sku for row in rows for sku in row["skus"])


def test_open_denomination_has_rate_and_markup_but_no_price(ask_giftapi):
    good = ask_giftapi.open_card()

    row = next(row for row in walk(ask_giftapi, "/catalog/pricelist", per_page=200) if row["sku_id"] == good.sku)
    assert row["denomination_type"] == "custom"
    assert {"rate", "markup_percent", "markup_fixed"} <= set(row)
    assert "price" not in row


def test_order_is_complete_at_once_by_default(ask_giftapi, judged):
    told = judged("createOrder", ask_giftapi.order(quantity=3, metadata={"note": "x"}))["data"]

    read = judged("getOrder", ask_giftapi.get(f"/orders/{told['id']}"))["data"]
    assert told["status"] == read["status"] == "completed"
    assert len(read["items"][0]["delivery_data"]) == read["items"][0]["quantity"] == 3
    assert isinstance(read["items"][0]["id"], int)
    assert read["metadata"] == {"note": "x"}


def test_open_amount_is_charged_by_the_formula(ask_giftapi, judged):
    good = ask_giftapi.open_card()

    told = judged("createOrder", ask_giftapi.order(sku=good.sku, amount=100))["data"]

    wanted = 100 * good.rate * (1 + good.markup_percent / 100) + good.markup_fixed
    assert Decimal(str(told["total_amount"])) == round(wanted, 2)


def test_search_by_external_id_is_partial(ask_giftapi):
    ask_giftapi.order("REF-1")
    ask_giftapi.order("REF-10")

    found = ask_giftapi.get("/orders", external_id="REF-1").json["data"]
    assert {row["external_id"] for row in found} == {"REF-1", "REF-10"}


def test_orders_are_filtered_by_time_and_status(ask_giftapi):
    ask_giftapi.order()

    assert len(ask_giftapi.get("/orders", date_to="2000-01-01T00:00:00").json["data"]) == 0
    assert len(ask_giftapi.get("/orders", status="failed").json["data"]) == 0
    assert walk(ask_giftapi, "/orders", date_from="2000-01-01T00:00:00Z", status="completed")[0]["external_id"] == "REF-1"


def test_cursors_cover_every_sku_once(ask_giftapi):
    refs = [row["sku_id"] for row in walk(ask_giftapi, "/catalog/pricelist", per_page=77)]

    assert len(refs) == len(set(refs)) == len(ask_giftapi.books.goods)


def test_strange_cursor_is_refused(ask_giftapi):
    assert ask_giftapi.get("/orders", cursor="not-a-cursor").status == 422


def test_pricelist_is_filtered_by_type(ask_giftapi):
    rows = walk(ask_giftapi, "/catalog/pricelist", type="esim")

    goods = ask_giftapi.books.goods
    assert rows and {goods[row["sku_id"]].face_currency for row in rows} == {"GB"}


def test_locale_changes_the_texts(ask_giftapi):
    english, russian = (ask_giftapi.get("/catalog/categories", locale=locale).json["data"][0] for locale in ("en", "ru"))

    assert english["id"] == russian["id"]
    assert english["name"] != russian["name"]


def test_missing_objects_obey_the_contract(ask_giftapi, judged):
    judged("getProduct", ask_giftapi.get("/catalog/products/01a2b3c4-0000-7000-8000-00000000b001"), 404)
    judged("getOrder", ask_giftapi.get("/orders/01a2b3c4-0000-7000-8000-00000000b001"), 404)
    judged("getEsimStatus", ask_giftapi.get("/services/esim/8900000000000009999/status"), 404)


def test_esim_is_topped_up(ask_giftapi, judged):
    pack = ask_giftapi.data_pack()
    before = judged("getEsimStatus", ask_giftapi.get(f"/services/esim/{KNOWN_ICCID}/status"))["data"]

    told = judged("topupEsim", ask_giftapi.top_up(KNOWN_ICCID, sku_uuid=pack.sku))["data"]

    after = judged("getEsimStatus", ask_giftapi.get(f"/services/esim/{KNOWN_ICCID}/status"))["data"]
    assert told["items"][0]["delivery_data"][0]["iccid"] == KNOWN_ICCID
    assert after["data_balance"]["total_gb"] == before["data_balance"]["total_gb"] + pack.face
    assert len(ask_giftapi.books.charges("REF-1")) == 1


def test_esim_that_cannot_be_renewed_is_refused(ask_giftapi, judged):
    judged("topupEsim", ask_giftapi.top_up(SPENT_ICCID, sku_uuid=ask_giftapi.data_pack().sku), 422)

    assert ask_giftapi.books.purchases("REF-1") == []


def test_top_up_reference_is_unique_over_all_orders(ask_giftapi, judged):
    ask_giftapi.order("REF-1")

    judged("topupEsim", ask_giftapi.top_up(KNOWN_ICCID, "REF-1", sku_uuid=ask_giftapi.data_pack().sku), 409)


def test_bought_esim_has_a_status(ask_giftapi, judged):
    bought = ask_giftapi.order(sku=ask_giftapi.data_pack().sku).json["data"]
    iccid = bought["items"][0]["delivery_data"][0]["iccid"]

    assert judged("getEsimStatus", ask_giftapi.get(f"/services/esim/{iccid}/status"))["data"]["can_renew"] is True


def test_judging_finds_what_is_wrong(ask_giftapi):
    told = ask_giftapi.get("/balance")
    told.raw = told.raw.replace(b'"currency"', b'"coin"')

    assert faults_in("giftapi", "getBalance", told) == ["['data']: 'currency' is a required property"]
    told.status = 402
    assert faults_in("giftapi", "getBalance", told) == ["status 402 is not in the contract"]
