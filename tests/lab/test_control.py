"""Another process, or a person with a browser, can read the books and switch faults."""

import json
import re
from urllib.parse import urlencode

import pytest

from catalog.suppliers.lab_desk import Desk
from catalog.suppliers.lab_page import presets


@pytest.fixture
def control(ask_giftapi):
    def call(method, path, body=None, **headers):
        content = None if body is None else json.dumps(body).encode()
        return ask_giftapi.send(method, f"/lab{path}", content, {"Content-Type": "application/json", **headers})

    return call


def test_books_are_told(ask_giftapi, control):
    ask_giftapi.order()

    told = control("GET", "/books").json["giftapi"]
    assert (told["purchases_since_start"], told["charges_since_start"]) == (1, 1)
    assert told["balances"]["USD"] == str(ask_giftapi.books.balance("USD"))


def test_purchases_are_told_by_reference(ask_giftapi, control):
    ask_giftapi.order("REF-1")
    ask_giftapi.order("REF-2")

    told = control("GET", "/books/giftapi?ref=REF-1").json
    assert [row["ref"] for row in told["purchases"]] == ["REF-1"]
    assert len(told["charges"]) == 1


def test_fault_is_switched_on_and_off(ask_giftapi, control):
    made = control("POST", "/faults", {"supplier": "giftapi", "operation": "*", "fault": "error", "times": None,
                                       "options": {"status": 502}})
    broken = ask_giftapi.get("/me").status
    listed = control("GET", "/faults").json

    left = control("DELETE", f"/faults?id={made.json['id']}").json["faults"]

    assert (made.status, broken) == (201, 502)
    assert listed["faults"][0]["struck"] == 1
    assert "malformed" in listed["kinds"]
    assert left == []
    assert ask_giftapi.get("/me").status == 200


def test_faults_of_one_supplier_are_switched_off(lab, control):
    lab.fail("giftapi", "*", "error")
    lab.fail("plexy_gate", "*", "error")

    left = control("DELETE", "/faults?supplier=giftapi").json["faults"]

    assert [fault["supplier"] for fault in left] == ["plexy_gate"]


@pytest.mark.parametrize("body", [
    {}, {"supplier": "giftapi", "operation": "*", "fault": "explode"}, {"supplier": "giftapi", "fault": "error"},
])
def test_odd_fault_is_refused(lab, control, body):
    assert control("POST", "/faults", body).status == 400
    assert lab.board.standing() == []


def test_deposit_is_posted(ask_plexy, control):
    before = ask_plexy.books.balance("EUR")

    told = control("POST", "/books/plexy_gate", {"act": "deposit", "currency": "EUR", "amount": "50.00"})

    assert told.json["row"]["status"] == "posted"
    assert ask_plexy.books.balance("EUR") == before + 50


@pytest.mark.parametrize("body", [
    {"act": "forget"}, {"act": "deposit"}, {"act": "deposit", "currency": "EUR", "amount": "much"},
    {"act": "settle", "order_id": "nobody", "status": "failed"}, {"act": "post", "deposit_id": 1},
])
def test_odd_act_is_refused(control, body):
    assert control("POST", "/books/plexy_gate", body).status == 400


def test_everything_is_reset(ask_giftapi, control):
    ask_giftapi.order()

    control("POST", "/reset")

    assert ask_giftapi.books.purchases() == []


def test_page_shows_itself_as_a_test(ask_giftapi, control):
    ask_giftapi.order('REF-<b>"1"</b>')
    ask_giftapi.lab.fail("giftapi", "*", "error")

    page = control("GET", "/").raw.decode()

    assert "TEST" in page
    assert "REF-&lt;b&gt;" in page and "<b>" not in page
    assert "error: any status" in page


def test_page_switches_faults_by_plain_forms(ask_giftapi):
    form = {"supplier": "giftapi", "operation": "getBalance", "fault": "error", "times": "", "options": '{"status": 503}'}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    told = ask_giftapi.send("POST", "/lab/faults", urlencode(form), headers)

    assert (told.status, told.headers["location"]) == (303, "/lab/#giftapi")
    assert ask_giftapi.get("/balance").status == 503


@pytest.mark.parametrize(("path", "form", "says"), [
    ("/lab/faults", {"supplier": "nobody", "preset": "0"}, "nobody"),
    ("/lab/faults", {"preset": "0"}, "Not known here, or missing: supplier"),
    ("/lab/books/plexy_gate", {"act": "deposit", "currency": "EUR", "amount": "much <b>"}, "That is no number"),
    ("/lab/books/plexy_gate", {"act": "deposit"}, "A field is missing"),
    ("/lab/books/plexy_gate", {"act": "settle", "order_id": "<b>", "status": "failed"}, "Nothing was changed"),
])
def test_form_that_cannot_be_carried_out_gets_the_page_with_the_reason(ask_giftapi, path, form, says):
    told = ask_giftapi.send("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    page = told.raw.decode()
    assert (told.status, says in page) == (400, True)
    assert "Failure lab" in page
    assert not re.search(r"<b>|\w+(Error|Exception|Operation)\b", page.partition("<section")[2].partition("</section>")[0])


def test_page_empties_by_plain_forms(ask_giftapi):
    fault = ask_giftapi.lab.fail("giftapi", "*", "error")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    ask_giftapi.send("POST", "/lab/faults/clear", urlencode({"id": fault.id}), headers)

    assert ask_giftapi.get("/balance").status == 200


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_other_sites_may_not_switch(control, lab, headers):
    body = {"supplier": "giftapi", "operation": "*", "fault": "error"}

    assert control("POST", "/faults", body, **headers).status == 403
    assert lab.board.standing() == []


@pytest.mark.parametrize("path", ["/nothing", "/books/nobody"])
def test_unknown_control_is_refused(control, path):
    assert control("GET", path).status in (400, 404)


def test_page_has_every_supplier_with_its_switches(lab, control):
    page = control("GET", "/").raw.decode()

    for name, desk in lab.desks.items():
        section = page.partition(f'<section id="{name}">')[2].partition("</section>")[0]
        assert all(f"<option>{operation}</option>" in section for operation in desk.names())
        assert all(f'name="act" value="{act.name}"' in section for act in lab.books[name].acts())


def test_supplier_added_later_is_on_the_page(lab, control):
    class Later(Desk):
        operations = {"buyAnything": ("POST", "/buy", "buy")}

    lab.desks["later_supplier"], lab.books["later_supplier"] = Later(lab.books["plexy_gate"]), lab.books["plexy_gate"]
    try:
        page = control("GET", "/").raw.decode()
    finally:
        del lab.desks["later_supplier"], lab.books["later_supplier"]

    assert "Later Supplier" in page
    assert "<option>buyAnything</option>" in page


def test_every_button_of_the_page_switches_something_on(lab, ask_giftapi):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    for name, desk in lab.desks.items():
        for number, (_, _, operation, fault, _) in presets(desk):
            told = ask_giftapi.send("POST", "/lab/faults", urlencode({"supplier": name, "preset": number}), headers)
            assert told.status == 303
            assert [(one.supplier, one.operation, one.name) for one in lab.board.standing()] == [(name, operation, fault)]
            lab.clear()


def test_star_strikes_every_way_to_order(lab, ask_octopus):
    lab.fail("octopus_cards", "create*", "error", times=2)

    assert (ask_octopus.get("/wallets").status, ask_octopus.top_up().status, ask_octopus.esim("REF-2").status) == (
        200, 500, 500)
    with pytest.raises(ValueError, match="no 'destroy"):
        lab.fail("octopus_cards", "destroy*", "error")


def test_page_ends_an_order_by_a_plain_form(lab, ask_octopus):
    lab.fail("octopus_cards", "create*", "hold")
    order = ask_octopus.top_up().json["id"]
    form = {"act": "settle", "order_id": order, "status": "failed", "reason": ""}

    told = ask_octopus.send("POST", "/lab/books/octopus_cards", urlencode(form),
                            {"Content-Type": "application/x-www-form-urlencoded"})

    assert (told.status, told.headers["location"]) == (303, "/lab/#octopus_cards")
    assert ask_octopus.get(f"/topups/orders/{order}").json["status"] == "FAILED"
