"""What we ask Plexy Gate, and what its documented examples mean."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.suppliers.errors import Invalid, Misread
from catalog.suppliers.plexy_gate.client import PlexyGate
from catalog.suppliers.types import Denomination, EntryKind, EntryStatus, OrderRequest, Outcome, ProductKind
from tests.suppliers.wire import Wire, answer, products_of, sample, sample_value

SIGNED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
AGENT = "0f4c4f9d-0000-4000-8000-00000000a9e7"
START = datetime(2024, 11, 1, tzinfo=UTC)


def client(*answers, **settings):
    return PlexyGate(Wire(*answers), {"api_key": "key-1", "agent_id": AGENT}, settings)


def calls(made):
    return made._transport.calls


def top_up(**options):
    return OrderRequest(**{
        "ref": "INV-1001", "sku_ref": "456", "product_ref": "456", "kind": ProductKind.TOP_UP, "currency": "USD",
        "amount": Decimal("10.000000"), "fields": {"steam_login": "player123", "email": "user@example.com"}, **options})


def page(*rows, number=1, size=50, total=None):
    return answer({"items": list(rows), "page": number, "pageSize": size, "total": len(rows) if total is None else total})


def order(**changes):
    return {**sample_value("plexy_gate/order_completed"), **changes}


def test_types():
    assert {row.ref: row.kind for row in client(sample("plexy_gate/product_types")).types()} == {
        "1": ProductKind.VOUCHER, "2": ProductKind.TRANSFER, "3": ProductKind.TOP_UP}


def test_new_type_is_of_unknown_kind():
    assert client(answer([{"id": 9, "code": "hologram", "name": "H"}])).types()[0].kind == ProductKind.UNKNOWN


@pytest.mark.parametrize("body", [[{"id": 31, "name": "Wallets"}], {"items": [{"id": 31, "name": "Wallets"}]}])
def test_categories_come_in_two_forms(body):
    (row,) = client(answer(body)).categories()

    assert (row.ref, row.name) == ("31", "Wallets")


def test_product_has_one_sku_of_its_own_id():
    made = client(sample("plexy_gate/product_types"), page(sample_value("plexy_gate/product")))

    (product,) = products_of(made)

    (offer,) = product.offers
    assert (product.ref, product.name, product.kind, product.type_ref, product.category_ref, product.region) == (
        "456", "Steam Wallet Top Up", ProductKind.TOP_UP, "3", "10", "GLOBAL")
    assert [field.name for field in product.fields] == ["steam_login", "email"]
    assert (offer.ref, offer.denomination, offer.price, offer.currency) == ("456", Denomination.OPEN, None, "USD")
    assert (offer.min_amount, offer.max_amount, offer.step, offer.max_per_order) == (5, 100, 1, 1)
    assert product.raw == sample_value("plexy_gate/product")


def test_voucher_has_a_price():
    voucher = {**sample_value("plexy_gate/product"), "product_type_id": 1, "min_amount": None, "max_amount": None,
        "step": None}
    made = client(sample("plexy_gate/product_types"), page(voucher))

    offer = products_of(made)[0].offers[0]

    assert (offer.denomination, offer.price, offer.min_amount) == (Denomination.FIXED, 10, None)


def test_fields_can_be_set_per_product():
    made = client(sample("plexy_gate/product_types"), page(sample_value("plexy_gate/product")),
                  account_fields={"456": ("orbit_login",)})

    assert [field.name for field in products_of(made)[0].fields] == ["orbit_login"]


def test_unknown_top_up_asks_for_an_account():
    odd = {**sample_value("plexy_gate/product"), "slug": "orbit-refill"}
    made = client(sample("plexy_gate/product_types"), page(odd))

    assert [field.name for field in products_of(made)[0].fields] == ["account"]


def test_pages_go_on_by_number_until_all_were_seen():
    made = client(sample("plexy_gate/product_types"), page(*[{"id": 1, "name": "a"}], size=1, total=2),
                  page({"id": 2, "name": "b"}, number=2, size=1, total=2))

    first = made.products(None)
    second = made.products(first.next_cursor)

    assert (first.next_cursor, second.next_cursor) == ("2", None)
    assert calls(made)[-1].query == {"page": "2", "pageSize": "50"}


def test_bare_array_is_the_whole_list():
    made = client(sample("plexy_gate/product_types"), answer([{"id": 1, "name": "a"}]))

    assert made.products(None).next_cursor is None


def test_other_page_than_asked_is_misread():
    with pytest.raises(Misread, match="another page"):
        client(sample("plexy_gate/deposits")).entries("2")


def test_quote_is_an_upper_estimate():
    quote = client(sample("plexy_gate/product")).quote(top_up(amount=Decimal("10.01")))

    assert (quote.total, quote.currency, quote.is_estimate, quote.is_available) == (Decimal("12.52"), "USD", True, True)


def test_ratio_of_the_charge_can_be_set():
    made = client(sample("plexy_gate/product"), charge_ratio=Decimal("1.08"))

    assert made.quote(top_up()).total == Decimal("10.80")


def test_product_off_sale_is_not_available():
    assert not client(answer({**sample_value("plexy_gate/product"), "is_active": False})).quote(top_up()).is_available


@pytest.mark.parametrize("documented", ["order_create_request_topup", "order_create_request_with_currency"])
def test_order_is_composed_as_documented(documented):
    body = json.loads(client(answer()).compose(top_up()))

    expected = {**sample_value(f"plexy_gate/{documented}"), "currency_code": "USD", "quantity": 1}
    expected.pop("test", None)  # false is the default
    assert body == expected


def test_voucher_order_has_no_top_up_request():
    body = json.loads(client(answer()).compose(top_up(kind=ProductKind.VOUCHER, amount=None, fields={}, is_test=True)))

    assert body == {"product_id": 456, "currency_code": "USD", "external_ref": "INV-1001", "quantity": 1, "test": True}


@pytest.mark.parametrize(("odd", "code"), [
    ({"quantity": 2}, "quantity"), ({"quantity": 0}, "quantity"), ({"sku_ref": "abc"}, "sku"), ({"currency": ""},
    "currency"),
    ({"amount": None}, "topup_request"), ({"fields": {}}, "topup_request")])
def test_what_cannot_be_ordered_is_refused_before_sending(odd, code):
    made = client(answer())

    with pytest.raises(Invalid) as caught:
        made.compose(top_up(**odd))
    assert (caught.value.code, calls(made)) == (code, [])


def test_order_is_placed_under_our_reference():
    made = client(answer(order(status="pending", idempotency_key="INV-1001"), status=201))

    placement = made.place(top_up(), b"{exact bytes}", signed_at=SIGNED_AT)

    (call,) = calls(made)
    assert (call.method, call.route, call.params) == ("POST", "/agent/{agent_id}/orders", {"agent_id": AGENT})
    assert call.headers == {"authorization": "key-1", "idempotency-key": "INV-1001"}
    assert (call.content, call.is_read, call.is_evidence, call.ref) == (b"{exact bytes}", False, True, "INV-1001")
    assert (placement.outcome, placement.total, placement.deliveries) == (Outcome.PENDING, Decimal("12.50"), ())


@pytest.mark.parametrize("odd", [
    {"external_ref": "ELSE"}, {"product_id": 457}, {"currency_code": "EUR"}, {"external_ref": None,
    "idempotency_key": None}])
def test_order_of_another_is_flagged(odd):
    with pytest.raises(Misread) as caught:
        client(answer(order(**odd), status=201)).place(top_up(), b"{}", signed_at=SIGNED_AT)
    assert caught.value.code == "echo_mismatch"


def test_completed_order_delivers_its_code():
    placement = client(sample("plexy_gate/order_completed")).fetch("5c1f4f9d-8b5a-4e8b-8c0e-1d1c2f3a4b5c")

    assert (placement.order_id, placement.ref, placement.sku_ref, placement.outcome) == (
        "5c1f4f9d-8b5a-4e8b-8c0e-1d1c2f3a4b5c", "INV-1001", "456", Outcome.COMPLETED)
    assert [unit.code for unit in placement.deliveries] == ["ABCD-EFGH-IJKL"]
    assert (placement.balance_after, placement.finished_at) == (
        Decimal("87.50"), datetime(2024, 11, 1, 10, 1, 30, tzinfo=UTC))


def test_pending_order_delivers_nothing():
    placement = client(sample("plexy_gate/order_pending")).fetch("5c1f4f9d")

    assert (placement.outcome, placement.word, placement.deliveries, placement.finished_at) == (
        Outcome.PENDING, "pending", (), None)
    assert placement.raw["order_content"] == {"vendor_order_id": "LC-123456"}


@pytest.mark.parametrize(("content", "codes"), [
    (None, []), ({}, []), ({"vendor_order_id": "LC-1"}, []), ({"voucher_code": ""}, []), ({"pin": 1234}, ["1234"]),
    ({"voucher_codes": ["A", "B"], "vendor_order_id": "LC-1"}, ["A", "B"]), ({"something_new": "X"}, [""]), ("CODE",
    ["CODE"]),
    ([{"code": "A"}, {"code": "B"}], ["A", "B"])])
def test_only_goods_are_delivered(content, codes):
    placement = client(answer(order(order_content=content))).fetch("1")

    assert [unit.code for unit in placement.deliveries] == codes


def test_unknown_goods_are_kept_as_details():
    (unit,) = client(answer(order(order_content={"something_new": {"a": 1}}))).fetch("1").deliveries

    assert unit.details == {"something_new": '{"a": 1}'}


def test_unknown_status_is_not_final():
    placement = client(answer(order(status="reviewing"))).fetch("1")

    assert (placement.outcome, placement.word, placement.deliveries) == (Outcome.UNKNOWN, "reviewing", ())


def test_find_walks_all_pages_and_compares_exactly():
    rows = [order(id=f"id-{number}", external_ref=f"R-{number}", idempotency_key=None) for number in range(4)]
    made = client(page(*rows[:2], size=2, total=4), page(rows[1], rows[2], number=2, size=2, total=4))

    found = made.find("R-2", sku_ref="42", since=START)

    assert [placement.order_id for placement in found] == ["id-2"]
    assert [call.query["page"] for call in calls(made)] == ["1", "2"]


def test_find_in_a_list_that_breaks_off_is_no_search():
    rows = [order(id=f"o-{number}") for number in range(2)]

    with pytest.raises(Misread, match="2 of 9 rows"):
        client(page(*rows, size=2, total=9), page(number=2, size=2, total=9)).find("R", sku_ref="42", since=START)


def test_find_knows_an_order_by_its_key_too():
    made = client(page(order(external_ref=None, idempotency_key="R-9")))

    assert [found.ref for found in made.find("R-9", sku_ref="42", since=START)] == ["R-9"]


def test_same_page_twice_proves_no_absence():
    rows = [order(id="id-1"), order(id="id-2")]

    with pytest.raises(Misread, match="same page twice"):
        client(page(*rows, size=2, total=9), page(*rows, number=2, size=2, total=9)).find("R", sku_ref="42", since=START)


def test_order_without_id_is_misread_by_its_field():
    with pytest.raises(Misread, match="lacks a usable order id"):
        client(answer(order(id=None))).fetch("1")


def test_balances_one_per_currency():
    usd, eur = client(sample("plexy_gate/balance")).balances()

    assert (usd.currency, usd.balance, usd.available) == ("USD", Decimal("87.50"), Decimal("87.50"))
    assert (eur.currency, eur.available, eur.supplier_updated_at) == (
        "EUR", Decimal("10.00"), datetime(2024, 11, 1, 9, tzinfo=UTC))
    assert (usd.overdraft_limit, usd.allow_overdraft) == (0, False)


def test_deposits_are_the_statement():
    posted, pending = client(sample("plexy_gate/deposits")).entries(None).items

    assert (posted.key, posted.kind, posted.status, posted.amount, posted.method, posted.external_ref) == (
        "1201", EntryKind.DEPOSIT, EntryStatus.POSTED, Decimal("250.00"), "bank_wire", "WIRE-2024-10-17")
    assert (pending.status, pending.posted_at, pending.external_ref) == (EntryStatus.PENDING, None, "")


def test_probe_asks_health_alone():
    made = client(answer(b"OK", content_type="text/plain"))

    assert made.probe().healthy
    assert calls(made)[0].route == "/health"


def test_orders_sample_is_a_page():
    assert [found.order_id for found in client(sample("plexy_gate/orders")).find("INV-1001", sku_ref="42", since=START)] == [
        "5c1f4f9d-8b5a-4e8b-8c0e-1d1c2f3a4b5c"]
