"""Whatever a supplier sends, a client answers with values or with a SupplierError; nothing else gets out."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.suppliers.errors import SupplierError
from catalog.suppliers.ports import OrderDesk
from catalog.suppliers.registry import APIS, supports
from catalog.suppliers.transactions import TransactionQuery
from catalog.suppliers.types import OrderRequest, ProductKind
from tests.suppliers.wire import SAMPLES, Wire, answer, products_of, signed_in

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CREDENTIALS = {"api_key": "k", "agent_id": "a", "token": "t", "partner_secret": "s",
               "api_secret": "s", "webhook_secret": "w", "provider_id": "1", "access_key": "a", "private_key": "p"}
REQUEST = OrderRequest(ref="r", sku_ref="1", product_ref="1", kind=ProductKind.VOUCHER, currency="USD", amount=Decimal(5))
SORT = {"octopus_cards": "topup:"}  # what its ids begin with
QUERY = TransactionQuery(token="3dc8fe01-2018-486e-9632-35aef21028a5", player_id=1, site_id=1, game_id="example",
                         currency="EUR", amount=Decimal("50.50"), round_id="r", transaction_id="t", action="debit")
ACTS = {
    "types": lambda client: client.types(),
    "categories": lambda client: client.categories(),
    "products": lambda client: products_of(client),
    "prices": lambda client: client.prices(None),
    "quote": lambda client: client.quote(request_for(client)),
    "place": lambda client: client.place(request_for(client), b"{}", signed_at=NOW),
    "fetch": lambda client: client.fetch(request_for(client).product_ref),
    "find": lambda client: client.find("r", sku_ref=request_for(client).sku_ref, since=NOW),
    "balances": lambda client: client.balances(),
    "entries": lambda client: client.entries("2"),
    "probe": lambda client: client.probe(),
    "look_up_phone": lambda client: client.look_up_phone("+447700900123"),
    "set_receipt_email": lambda client: client.set_receipt_email("esim:1", "buyer@example.org"),
    "esim_status": lambda client: client.esim_status("8944422711108338982"),
    "transaction_status": lambda client: client.transaction_status(QUERY),
}
DOCUMENTED = [json.loads(path.read_text()) for path in sorted(SAMPLES.rglob("*.json"))]
NAMES = sorted({name for value in DOCUMENTED for name in json.dumps(value).split('"')[1::2]})
WORDS = st.sampled_from(NAMES) | st.text(max_size=12)
LEAVES = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
          | st.sampled_from(["1", "12.50", "USD", "completed", "2026-01-01T00:00:00Z", "9" * 40, "custom",
                             "\x00", "\ud800"]))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=8), max_leaves=25)


@st.composite
def spoiled(draw):
    """A documented answer with one place in it replaced by anything."""
    value = json.loads(json.dumps(draw(st.sampled_from(DOCUMENTED))))
    node = value
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return value
        key = draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or draw(st.booleans()):
            node[key] = draw(VALUES)
            return value
        node = node[key]


def request_for(client):
    sort = next((sort for name, sort in SORT.items() if isinstance(client, APIS[name].client)), "")
    return replace(REQUEST, sku_ref=f"{sort}1", product_ref=f"{sort}1")


def ask(name, act, *replies):
    tokens = {"tokens": signed_in()} if APIS[name].keeps_tokens else {}
    client = APIS[name].client(Wire(*replies), CREDENTIALS, {}, **tokens)
    if not hasattr(client, act):
        return None
    try:
        ACTS[act](client)
    except SupplierError as error:
        return error
    return None


@pytest.mark.parametrize("name", APIS)
@given(act=st.sampled_from(sorted(ACTS)), value=VALUES | spoiled())
@settings(max_examples=150, deadline=None)
def test_any_json_is_met_calmly(name, act, value):
    ask(name, act, answer(json.dumps(value).encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("name", APIS)
@given(act=st.sampled_from(sorted(ACTS)), first=spoiled(), second=spoiled())
@settings(max_examples=80, deadline=None)
def test_any_two_answers_are_met_calmly(name, act, first, second):
    ask(name, act, *(answer(json.dumps(value).encode()) for value in (first, second)))


@pytest.mark.parametrize("name", APIS)
@given(act=st.sampled_from(sorted(ACTS)), body=st.binary(max_size=60), status=st.integers(200, 599),
       content_type=st.sampled_from(["", "application/json", "text/html", "application/problem+json"]))
@settings(max_examples=80, deadline=None)
@pytest.mark.fault("F14")
def test_any_bytes_are_met_calmly(name, act, body, status, content_type):
    error = ask(name, act, answer(body, status=status, content_type=content_type))

    assert error is None or len(str(error)) <= 300


@pytest.mark.parametrize("name", [name for name in APIS if supports(name, OrderDesk)])
@given(value=VALUES | spoiled())
@settings(max_examples=150, deadline=None)
def test_purchase_is_never_refused_by_a_success(name, value):
    """With a 2xx the supplier has not said no, so the outcome may only be an order or unknown."""
    error = ask(name, "place", answer(json.dumps(value).encode("utf-8", "surrogatepass"), status=201))

    assert error is None or type(error).__name__ == "Misread"
