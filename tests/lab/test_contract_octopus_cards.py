"""Every documented operation of Octopus Cards answers as its contract says."""

import pytest

from tests.conforming import contract, operations
from tests.lab.asking import faults_in

PHONE = "+919812345671"


@pytest.fixture
def judged():
    def ask(operation, told, status=200):
        assert (told.status, faults_in("octopus_cards", operation, told)) == (status, [])
        return told.json

    return ask


def walk(ask, path, **query):
    """The rows of every page."""
    rows, number = [], 0
    while True:
        number += 1
        page = ask.get(path, page=number, **query)
        rows += page.json
        if page.headers["x-has-more"] != "true":
            assert len(rows) == int(page.headers["x-total-count"])
            return rows


def test_every_operation_is_answered(lab):
    written = {act["operationId"]: (method.upper(), path) for path, acts in contract("octopus_cards")["paths"].items()
               for method, act in acts.items()}

    answered = {name: (method, path) for name, (method, path, _) in lab.desks["octopus_cards"].operations.items()}
    assert answered == written
    assert set(answered) == set(operations("octopus_cards"))


@pytest.mark.parametrize(("operation", "path"), [
    ("listTopupProducts", "/topups/products"), ("listTopupProducts", "/topups/products?type=UTILITY"),
    ("listTopupProducts", "/topups/products?search=pubg"), ("listTopupOrders", "/topups/orders"),
    ("listTopupOrders", "/topups/orders?country=GLO&status=DELIVERED"), ("listVoucherProducts", "/products"),
    ("listVoucherProducts", "/products?category=Games&country_id=1&currency_id=1&sort_by=name&sort_dir=desc"),
    ("listVoucherOrders", "/orders"), ("listEsimProducts", "/esim/products"),
    ("listEsimProducts", "/esim/products?country_code=TUR"), ("listEsimOrders", "/esim/orders"),
    ("listWallets", "/wallets"), ("getWallet", "/wallets/3"), ("listTransactions", "/transactions"),
    ("listTransactions", "/transactions?wallet_id=4&limit=5"), ("getTransaction", "/transactions/80001"),
    ("listCurrencies", "/currencies"), ("listCountries", "/countries"), ("getCountry", "/countries/8"),
    ("listCategories", "/categories"), ("getCategory", "/categories/1"), ("listSubcategories", "/subcategories"),
    ("getSubcategory", "/subcategories/1"),
])
def test_reads_obey_the_contract(ask_octopus, judged, operation, path):
    path, _, query = path.partition("?")

    told = judged(operation, ask_octopus.get(path, **dict(pair.split("=") for pair in query.split("&") if pair)))

    assert told


def test_every_product_obeys_the_contract(ask_octopus, judged):
    for kind, product_operation, variant_operation in (
            ("topups", "getTopupProduct", "listTopupVariants"), ("esim", "getEsimProduct", "listEsimVariants")):
        for row in walk(ask_octopus, f"/{kind}/products", per_page=20):
            judged(product_operation, ask_octopus.get(f"/{kind}/products/{row['id']}"))
            judged(variant_operation, ask_octopus.get(f"/{kind}/products/{row['id']}/variants"))
    for row in walk(ask_octopus, "/products", limit=20):
        judged("getVoucherProduct", ask_octopus.get(f"/products/{row['id']}"))


def test_variants_are_told_one_by_one(ask_octopus, judged):
    topup = ask_octopus.get("/topups/products/4218/variants").json[0]
    esim = ask_octopus.get("/esim/products/880/variants").json[0]

    assert judged("getTopupVariant", ask_octopus.get(f"/topups/variants/{topup['id']}")) == topup
    assert judged("getEsimVariant", ask_octopus.get(f"/esim/variants/{esim['id']}")) == esim
    judged("getTopupVariant", ask_octopus.get(f"/topups/variants/{esim['id']}"), 404)


def test_amounts_of_variants_are_strings_and_the_rest_numbers(ask_octopus):
    fixed = ask_octopus.get("/topups/products/4218/variants").json
    ranged = ask_octopus.get("/topups/products/4234/variants").json[0]

    assert fixed[1]["fixed_amounts"] == ["4.99"]
    assert (ranged["min_amount"], ranged["max_amount"], ranged["fixed_amounts"]) == (500, 100000, [])


@pytest.mark.parametrize(("number", "guesses"), [
    (PHONE, [True]), ("+919812345678", [False] * 4), ("+919812345679", [True, False, False, False]),
    ("+919812345670", []), ("+8885550006", []), ("+15005550006", [True]),
])
def test_numbers_have_one_operator_or_several_or_none(ask_octopus, judged, number, guesses):
    told = judged("lookupMobile", ask_octopus.post("/topups/lookup", mobile_number=number))

    assert [row["identified"] for row in told] == guesses


@pytest.mark.parametrize("number", [None, "0049 151 234", "+49-151", 49151])
def test_odd_number_is_refused(ask_octopus, judged, number):
    told = judged("lookupMobile", ask_octopus.post("/topups/lookup", mobile_number=number), 400)

    assert told["error"]["code"] == "VALIDATION_FAILURE"


def test_top_up_is_pending_and_then_delivered(ask_octopus, judged):
    told = judged("createTopupOrder", ask_octopus.top_up(), 201)
    read = judged("getTopupOrder", ask_octopus.get(f"/topups/orders/{told['id']}"))
    listed = judged("listTopupOrders", ask_octopus.get("/topups/orders", client_reference="REF-1"))

    assert (told["status"], told["amount"], told["currency"]) == ("PENDING", 4.7405, "USD")
    assert "transaction_id" not in told
    assert read["status"] == "DELIVERED"
    assert listed == [read]
    assert ask_octopus.get(f"/transactions/{read['transaction_id']}").json["remarks"].endswith(f"Order #{told['id']}")


def test_few_vouchers_come_at_once_and_many_later(ask_octopus, judged):
    few = judged("createVoucherOrder", ask_octopus.vouchers(5), 201)
    many = judged("createVoucherOrder", ask_octopus.vouchers(6, "REF-2"), 201)
    later = judged("getVoucherOrder", ask_octopus.get(f"/orders/{many['id']}"))

    assert (few["status"], len(few["vouchers"])) == ("DELIVERED", 5)
    assert (few["amount"], few["discount"]) == (125, 3.75)
    assert (many["status"], many["vouchers"]) == ("PENDING", [])
    assert (later["status"], len(later["vouchers"])) == ("DELIVERED", 6)


def test_esim_loses_its_code_once_installed(ask_octopus, judged):
    told = judged("createEsimOrder", ask_octopus.esim(quantity=3))
    listed = judged("listEsimOrders", ask_octopus.get("/esim/orders", client_reference="REF-1"))[0]
    ask_octopus.books.install(told["id"])
    after = judged("getEsimOrder", ask_octopus.get(f"/esim/orders/{told['id']}"))

    assert told["activation_code"].startswith("LPA:1$")
    assert (told["activation_status"], after["activation_status"]) == ("NOT_INSTALLED", "ACTIVE")
    assert "activation_code" not in listed and "activation_code" not in after
    assert len(ask_octopus.books.charges("REF-1")) == 1


@pytest.mark.parametrize(("operation", "path", "body"), [
    ("quoteTopup", "/topups/charges", {"product_id": 4218, "amount": 4.99}),
    ("quoteTopup", "/topups/charges", {"product_id": 5101, "amount": 299, "category": "Bundle", "wallet_id": 3}),
    ("quoteVoucher", "/products/311/charges", {"denomination": 25, "quantity": 7}),
    ("quoteEsim", "/esim/charges", {"product_id": 880, "amount": 3.2}),
    ("checkVoucherAvailability", "/products/330/availability", {"denomination": 50, "quantity": 13}),
])
def test_questions_before_an_order_obey_the_contract(ask_octopus, judged, operation, path, body):
    assert judged(operation, ask_octopus.post(path, **body))


def test_receipt_address_changes_while_pending(ask_octopus, judged):
    order = ask_octopus.top_up().json["id"]

    def change(email):
        return ask_octopus.ask("PATCH", f"/topups/orders/{order}/notification-email", {"email": email})

    judged("setTopupNotificationEmail", change("a@b.test"))
    judged("setTopupNotificationEmail", change("nobody"), 400)
    assert ask_octopus.books.notes[f"email/{order}"] == {"email": "a@b.test"}
    ask_octopus.get(f"/topups/orders/{order}")
    judged("setTopupNotificationEmail", change("late@b.test"), 400)


def test_receipt_address_of_an_esim(ask_octopus, judged):
    ask_octopus.lab.fail("octopus_cards", "createEsimOrder", "hold")
    order = ask_octopus.esim().json["id"]
    asked = {"email": "a@b.test"}

    judged("setEsimNotificationEmail", ask_octopus.ask("PATCH", f"/esim/orders/{order}/notification-email", asked))
    judged("setEsimNotificationEmail", ask_octopus.ask("PATCH", f"/esim/orders/{order + 1}/notification-email", asked), 404)


@pytest.mark.parametrize(("operation", "path"), [
    ("getTopupProduct", "/topups/products/9"), ("getTopupOrder", "/topups/orders/1"), ("getVoucherProduct", "/products/1"),
    ("getVoucherOrder", "/orders/1"), ("getEsimProduct", "/esim/products/1"), ("getEsimOrder", "/esim/orders/1"),
    ("getWallet", "/wallets/99"), ("getTransaction", "/transactions/1"),
])
def test_missing_objects_obey_the_contract(ask_octopus, judged, operation, path):
    assert judged(operation, ask_octopus.get(path), 404)["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(("operation", "path"), [
    ("getCountry", "/countries/99"), ("getCategory", "/categories/99"), ("getSubcategory", "/subcategories/99"),
    ("listTransactions", "/transactions?wallet_id=0"),
])
def test_odd_questions_are_refused(ask_octopus, judged, operation, path):
    path, _, query = path.partition("?")

    judged(operation, ask_octopus.get(path, **dict([query.split("=")] if query else [])), 400)


def test_one_id_stands_in_two_verticals(ask_octopus):
    top_up = ask_octopus.get("/topups/products/4218").json
    voucher = ask_octopus.get("/products/4218").json

    assert (top_up["name"], voucher["name"]) == ("PUBG Mobile UC", "Roblox Gift Card")
