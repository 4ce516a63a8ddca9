"""The clients against the stand-ins of the failure lab, over real loopback HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.suppliers import errors, registry
from catalog.suppliers.paging import walk
from catalog.suppliers.types import Denomination, OrderRequest, Outcome, ProductKind
from tests.suppliers.wire import read

LONG_AGO = datetime.now(UTC) - timedelta(days=2)
REF = "6f9e3f0a-8f5b-4c52-9a55-3b0f6d2c0a11"


@pytest.fixture(params=["plexy_gate", "giftapi"])
def name(request):
    return request.param


@pytest.fixture
def client(name, lab, connect):
    return make_client(name, lab, connect)


@pytest.fixture
def plexy_client(lab, connect):
    return make_client("plexy_gate", lab, connect)


@pytest.fixture
def gift_client(lab, connect):
    return make_client("giftapi", lab, connect)


def make_client(name, lab, connect, **credentials):
    api = registry.APIS[name]
    return api.client(connect(f"{lab.url}/{name}"), {**lab.credentials[name], **credentials}, {})


def offers(client, denomination=Denomination.FIXED, kind=None):
    """Products with their first SKU that fit, prices merged in where the supplier lists them apart."""
    prices = {row.sku_ref: row for page in walk(client.prices) for row in page.items}
    found = []
    for product in (product for page in walk(client.products) for product in read(page)):
        for offer in product.offers:
            price = prices.get(offer.ref, offer)
            if offer.denomination == denomination and kind in (None, product.kind) and product.is_active and (
                    price.stock is None or price.stock > 2) and (price.max_per_order or 9) > 0:
                found.append((product, offer, price))
    return found


def whole(page):
    return replace(page, items=tuple(read(page)))


def request_for(client, **options):
    product, offer, price = offers(client)[0]
    return OrderRequest(**{"ref": REF, "sku_ref": offer.ref, "product_ref": product.ref, "kind": product.kind,
                           "currency": price.currency, **options})


def buy(client, request):
    return client.place(request, client.compose(request), signed_at=datetime.now(UTC))


def test_whole_catalog_maps(client):
    types = {row.ref: row.kind for row in client.types()}
    categories = {row.ref for row in client.categories()}
    products = [product for page in walk(client.products) for product in read(page)]

    assert len({product.ref for product in products}) == len(products) > 40
    assert {product.kind for product in products} <= set(types.values())
    assert {product.category_ref for product in products} <= categories
    assert all(product.offers for product in products)


def test_fixed_offer_is_quoted_and_bought(client, name, lab):
    request = request_for(client)
    quote = client.quote(request)

    placement = buy(client, request)
    told = client.fetch(placement.order_id)

    assert placement.ref == request.ref
    assert placement.currency == quote.currency
    assert Decimal(0) < placement.total <= quote.total
    assert told.outcome == Outcome.COMPLETED
    assert len(told.deliveries) == 1
    assert told.deliveries[0].code.startswith("TEST-")
    assert len(lab.books[name].purchases(request.ref)) == 1


def test_recorded_answer_reads_as_the_placement(client, notebook):
    placement = buy(client, request_for(client))

    assert client.read_placement(notebook.records[-1].response_body) == placement


def test_same_request_has_the_same_bytes(client):
    request = request_for(client, fields={"b": "2", "a": "1"})

    assert client.compose(request) == client.compose(request_for(client, fields={"a": "1", "b": "2"}))


def test_open_offer_is_estimated_and_bought(client):
    product, offer, price = next(found for found in offers(client, Denomination.OPEN) if found[1].step or found[2].rate)
    amount = (offer.min_amount or Decimal(50)).quantize(Decimal("0.000001"))
    request = OrderRequest(
        ref=REF, sku_ref=offer.ref, product_ref=product.ref, kind=product.kind, currency=price.currency, amount=amount,
        face_currency=price.face_currency, fields={field.name: "5551234567" for field in product.fields})
    quote = client.quote(request)

    placement = buy(client, request)

    assert quote.is_estimate
    assert quote.currency == placement.currency
    assert Decimal(0) < placement.total <= quote.total + Decimal("0.01")


def test_order_is_found_by_its_reference_only(client):
    bought = buy(client, request_for(client))
    buy(client, request_for(client, ref=REF[:-1] + "2"))

    assert [order.order_id for order in client.find(REF, sku_ref="1", since=LONG_AGO)] == [bought.order_id]
    assert client.find(REF[:-1], sku_ref="1", since=LONG_AGO) == ()


def test_balances_and_books_map(client):
    readings = client.balances()
    entries = [entry for page in walk(client.entries) for entry in page.items]

    assert readings
    assert len({entry.key for entry in entries}) == len(entries) > 3
    assert {entry.currency for entry in entries} <= {reading.currency for reading in readings}


def test_charge_appears_in_giftapis_ledger(gift_client):
    placement = buy(gift_client, request_for(gift_client))

    newest = gift_client.entries(None).items[0]

    assert (newest.order_id, newest.amount) == (placement.order_id, -placement.total)


def test_probe_says_healthy(client):
    assert client.probe().healthy


def test_wrong_key_is_unauthorised(name, lab, connect):
    wrong = {"plexy_gate": {"api_key": "wrong"}, "giftapi": {"token": "wrong"}}[name]

    with pytest.raises(errors.Unauthorised):
        make_client(name, lab, connect, **wrong).balances()


def test_wrong_secret_is_unauthorised(lab, connect):
    client = make_client("giftapi", lab, connect, partner_secret="wrong")

    with pytest.raises(errors.Unauthorised):
        buy(client, request_for(client))


def test_replay_gives_the_same_order_at_plexy(plexy_client, lab):
    request = request_for(plexy_client)

    assert buy(plexy_client, request).order_id == buy(plexy_client, request).order_id
    assert len(lab.books["plexy_gate"].purchases(REF)) == 1


def test_reference_with_other_content_is_a_duplicate(client):
    buy(client, request_for(client))
    product, offer, price = offers(client)[1]
    other = OrderRequest(ref=REF, sku_ref=offer.ref, product_ref=product.ref, kind=product.kind, currency=price.currency)

    with pytest.raises(errors.Duplicate):
        buy(client, other)


def test_short_balance_is_told(client, name, lab):
    lab.fail(name, "createOrder", "insufficient_funds")

    with pytest.raises(errors.NotEnoughFunds):
        buy(client, request_for(client))


@pytest.mark.parametrize(("fault", "options"), [
    ("reset", {}), ("close", {}), ("truncated", {}), ("truncated", {"declared": "full"}), ("html", {}), ("empty", {}),
    ("waf", {}), ("rate_limit", {}), ("error", {}), ("error", {"status": 503, "retry_after": "garbage"}),
    ("error", {"status": 418, "body": {"message": "I am a teapot"}}), ("error", {"status": 400, "html": True}),
    *[("malformed", {"what": what}) for what in ("nan", "infinity", "huge", "duplicate", "digits", "deep")],
    *[("echo", {what: odd}) for what, odd in (("ref", "ELSE-1"), ("currency", "XYZ"))],
])
def test_unclear_answer_to_a_purchase_is_unanswered(client, name, lab, fault, options):
    lab.fail(name, "createOrder", fault, **options)

    with pytest.raises(errors.Unanswered) as caught:
        buy(client, request_for(client))
    assert not isinstance(caught.value, errors.Refused)
    assert len(lab.calls(name, "createOrder")) == 1


@pytest.mark.parametrize("what", [{"ref": "ELSE-1"}, {"sku": "9999"}])
def test_order_of_somebody_else_is_flagged(client, name, lab, what):
    lab.fail(name, "createOrder", "echo", **what)

    with pytest.raises(errors.Misread) as caught:
        buy(client, request_for(client))
    assert caught.value.code == "echo_mismatch"


def test_other_quantity_is_flagged_at_giftapi(gift_client, lab):
    lab.fail("giftapi", "createOrder", "echo", quantity=2)

    with pytest.raises(errors.Misread) as caught:
        buy(gift_client, request_for(gift_client))
    assert caught.value.code == "echo_mismatch"


def test_order_is_found_after_the_answer_was_lost(client, name, lab):
    request = request_for(client)
    lab.fail(name, "createOrder", "reset", when="after")

    with pytest.raises(errors.Unanswered):
        buy(client, request)
    assert [order.ref for order in client.find(REF, sku_ref="1", since=LONG_AGO)] == [REF]


@pytest.mark.parametrize("fault", ["page_repeat", "page_endless", "page_error"])
def test_list_that_cannot_be_walked_proves_nothing(client, name, lab, fault):
    lab.fail(name, "listProducts", fault, **({"page": 2} if fault != "page_endless" else {}), times=9)

    with pytest.raises(errors.Unanswered):
        list(walk(lambda cursor: whole(client.products(cursor))))


def test_unknown_word_is_unknown(client, name, lab):
    lab.fail(name, "getOrder", "status_word", word="reviewing")
    placement = buy(client, request_for(client))

    told = client.fetch(placement.order_id)

    assert (told.outcome, told.word) == (Outcome.UNKNOWN, "reviewing")


def test_failed_order_is_told_with_its_reason(gift_client, lab):
    lab.fail("giftapi", "createOrder", "finish", status="failed", reason="Vendor refused")
    placement = buy(gift_client, request_for(gift_client))

    told = gift_client.fetch(placement.order_id)

    assert (told.outcome, told.reason) == (Outcome.FAILED, "Vendor refused")


def test_product_that_is_gone_is_missing(client, name, lab):
    request = request_for(client)
    lab.fail(name, "getProduct", "vanish", product=request.product_ref)

    with pytest.raises(errors.Missing):
        client.quote(request)


def test_clock_that_is_off_is_followed(gift_client, lab):
    lab.fail("giftapi", "*", "clock_skew", seconds=600)
    gift_client.balances()  # tells the time

    assert buy(gift_client, request_for(gift_client)).ref == REF


def test_bomb_is_cut(client, name, lab):
    lab.fail(name, "getBalance", "bomb", times=9)

    with pytest.raises(errors.Unanswered, match="longer than"):
        client.balances()


def test_kinds_that_need_input_ask_for_it(client):
    asked = {product.kind for page in walk(client.products) for product in read(page) if product.fields}

    assert asked & {ProductKind.TOP_UP, ProductKind.RECHARGE}

