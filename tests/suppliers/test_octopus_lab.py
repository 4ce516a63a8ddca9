"""The Octopus Cards client against its stand-in, over real loopback HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.suppliers import errors
from catalog.suppliers.octopus_cards.client import OctopusCards
from catalog.suppliers.paging import walk
from catalog.suppliers.types import OrderRequest, Outcome, ProductKind

NAME = "octopus_cards"
LONG_AGO = datetime.now(UTC) - timedelta(days=2)
REF = "6f9e3f0a-8f5b-4c52-9a55-3b0f6d2c0a11"
GAME = {"sku_ref": "topup:91001:4.99", "product_ref": "topup:4218", "kind": ProductKind.TOP_UP,
        "fields": {"player_id": "5123456789", "server": "asia"}, "category": "In-Game Currency"}
CARD = {"sku_ref": "voucher:311:25", "product_ref": "voucher:311", "kind": ProductKind.VOUCHER}
PLAN = {"product_ref": "esim:880", "kind": ProductKind.ESIM}


@pytest.fixture
def client(lab, connect):
    return OctopusCards(connect(f"{lab.url}/{NAME}"), lab.credentials[NAME], {"reads_per_minute": 0})


def wanted(**options):
    return OrderRequest(**{"ref": REF, "currency": "USD", "face_currency": "USD", **options})


def found(client, vertical, sku=None):
    """The first product of a vertical that has SKUs, with the first of them."""
    client._settings["verticals"] = (vertical,)
    product = next(product for page in walk(client.products) for product in page.items
                   if product.offers and (sku is None or sku in [offer.ref for offer in product.offers]))
    return product, product.offers[0]


def game(client, **options):
    product = next(row for row in client.products(None).items if row.ref == "topup:4218")
    offer = next(offer for offer in product.offers if offer.face_value == Decimal("4.99"))
    return wanted(**{**GAME, "sku_ref": offer.ref, "category": offer.category, **options})


def plan(client, **options):
    product, offer = found(client, "esim")
    return wanted(**{**PLAN, "product_ref": product.ref, "sku_ref": offer.ref, **options})


def buy(client, request):
    return client.place(request, client.compose(request), signed_at=datetime.now(UTC))


def test_whole_catalog_maps(client):
    types = {row.ref: row.kind for row in client.types()}
    categories = {row.ref for row in client.categories()}
    products = [product for page in walk(client.products) for product in page.items]

    assert len({product.ref for product in products}) == len(products) > 60
    assert {product.kind for product in products} == set(types.values())
    assert {product.category_ref for product in products} <= categories | {""}
    assert [product.ref for product in products if not product.offers] == []
    refs = [offer.ref for product in products for offer in product.offers]
    assert len(set(refs)) == len(refs)


@pytest.mark.parametrize("choose", [game, plan, lambda client: wanted(**CARD, quantity=2)])
def test_what_is_quoted_is_charged(client, choose):
    request = choose(client)
    quote = client.quote(request)

    placement = buy(client, request)

    assert (placement.total, placement.currency) == (quote.total, quote.currency)
    assert placement.ref == REF


def test_top_up_is_delivered_without_a_code(client):
    placement = buy(client, game(client))

    told = client.fetch(placement.order_id)

    assert (placement.outcome, told.outcome, told.deliveries) == (Outcome.PENDING, Outcome.COMPLETED, ())


def test_few_vouchers_come_at_once(client):
    placement = buy(client, wanted(**CARD, quantity=5))

    assert (placement.outcome, len(placement.deliveries)) == (Outcome.COMPLETED, 5)


def test_many_vouchers_come_later(client):
    placement = buy(client, wanted(**CARD, quantity=7))

    told = client.fetch(placement.order_id)

    assert (placement.outcome, placement.deliveries) == (Outcome.PENDING, ())
    assert (told.outcome, len(told.deliveries)) == (Outcome.COMPLETED, 7)
    assert len({unit.code for unit in told.deliveries}) == 7


def test_esim_comes_with_its_activation_code(client):
    placement = buy(client, plan(client))

    (unit,) = placement.deliveries
    assert unit.code.startswith("LPA:1$")
    assert unit.serial.startswith("89")


def test_recorded_answer_reads_as_the_placement(client, notebook):
    placement = buy(client, wanted(**CARD))

    assert client.read_placement(notebook.records[-1].response_body) == placement


def test_order_is_found_by_its_reference_only(client):
    bought = buy(client, wanted(**CARD))
    buy(client, wanted(**CARD, ref=REF[:-1] + "2"))

    assert [order.order_id for order in client.find(REF, sku_ref=CARD["sku_ref"], since=LONG_AGO)] == [bought.order_id]
    assert client.find(REF[:-1], sku_ref=CARD["sku_ref"], since=LONG_AGO) == ()


def test_repeated_reference_is_a_duplicate_and_buys_nothing(client, lab):
    buy(client, wanted(**CARD))

    with pytest.raises(errors.Duplicate):
        buy(client, wanted(**CARD))
    assert len(lab.books[NAME].purchases(REF)) == 1


@pytest.mark.parametrize(("odd", "says"), [
    ({"fields": {"player_id": "5"}}, "server is required"),
    ({"fields": {"player_id": "5", "server": "asia", "zone": "1"}}, "unknown key: zone"),
    ({"fields": {"player_id": "5", "server": "moon"}}, "must be one of")])
def test_inputs_must_be_exact(client, odd, says):
    with pytest.raises(errors.Invalid, match=says):
        buy(client, game(client, **odd))


def test_product_that_does_not_exist_is_refused_after_a_look(client, lab):
    with pytest.raises(errors.Invalid, match="Invalid product ID"):
        buy(client, wanted(**{**CARD, "product_ref": "voucher:999999"}))
    assert len(lab.calls(NAME, "listVoucherOrders")) == 1


def test_short_wallet_is_told(client, lab):
    lab.fail(NAME, "createVoucherOrder", "insufficient_funds")

    with pytest.raises(errors.NotEnoughFunds):
        buy(client, wanted(**CARD))


def test_unknown_recipient_fails_with_advice(client):
    placement = buy(client, game(client, fields={"player_id": "0000", "server": "asia"}))

    told = client.fetch(placement.order_id)

    assert told.outcome == Outcome.FAILED
    assert told.reason == "The recipient does not exist. Check the number. Correct the input in a new order."


@pytest.mark.parametrize(("fault", "options"), [
    ("reset", {}), ("close", {}), ("truncated", {}), ("html", {}), ("empty", {}), ("waf", {}), ("rate_limit", {}),
    ("error", {}), ("error", {"status": 418, "body": {"message": "I am a teapot"}}),
    *[("malformed", {"what": what}) for what in ("nan", "duplicate", "deep")],
    ("echo", {"ref": "ELSE-1"}),
])
def test_unclear_answer_to_a_purchase_is_unanswered(client, lab, fault, options):
    lab.fail(NAME, "createVoucherOrder", fault, **options)

    with pytest.raises(errors.Unanswered) as caught:
        buy(client, wanted(**CARD))
    assert not isinstance(caught.value, errors.Refused)
    assert len(lab.calls(NAME, "createVoucherOrder")) == 1


def test_order_is_found_after_the_answer_was_lost(client, lab):
    lab.fail(NAME, "createVoucherOrder", "reset", when="after")

    with pytest.raises(errors.Unanswered):
        buy(client, wanted(**CARD))
    assert [order.ref for order in client.find(REF, sku_ref=CARD["sku_ref"], since=LONG_AGO)] == [REF]


def test_revoked_tokens_are_got_anew(client, lab):
    client.balances()
    lab.desks[NAME]._tokens.revoke_all()

    assert client.balances()
    assert len(lab.calls(NAME, "login")) == 2


def test_goods_that_are_switched_off_are_told(client, lab):
    lab.fail(NAME, "*", "feature_off", vertical="vouchers")

    with pytest.raises(errors.Unauthorised, match="not switched on"):
        list(walk(client.products))


def test_balances_and_books_map(client):
    readings = client.balances()
    entries = [entry for page in walk(client.entries) for entry in page.items]

    assert len({reading.currency for reading in readings}) == len(readings) > 1
    assert len({entry.key for entry in entries}) == len(entries) > 3
    assert {entry.currency for entry in entries} <= {reading.currency for reading in readings}


def test_charge_appears_in_the_books_with_the_number_of_its_order(client):
    placement = buy(client, wanted(**CARD))

    newest = client.entries(None).items[0]

    assert (newest.amount, newest.order_id) == (-placement.total, placement.order_id.partition(":")[2])


def test_phone_number_finds_its_operators(client):
    best, *others = client.look_up_phone("+919812345671")

    assert best.is_best
    assert not any(match.is_best for match in others)
    assert client.look_up_phone("+999000000000") == ()


def test_address_for_receipts_is_kept_until_the_order_ends(client, lab):
    lab.fail(NAME, "createTopupOrder", "hold", times=1)
    placement = buy(client, game(client))

    client.set_receipt_email(placement.order_id, "buyer@example.org")

    with pytest.raises(errors.Invalid):
        client.set_receipt_email(placement.order_id, "no address")


def test_probe_says_healthy(client):
    assert client.probe().healthy


def test_wrong_secret_is_unauthorised(lab, connect):
    client = OctopusCards(connect(f"{lab.url}/{NAME}"), {**lab.credentials[NAME], "api_secret": "wrong"}, {})

    with pytest.raises(errors.Unauthorised):
        client.balances()
