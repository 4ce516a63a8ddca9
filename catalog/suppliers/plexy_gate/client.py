"""What we ask Plexy Gate."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import msgspec

from ..declaring import Credential, Setting, complete, decimal_between, whole_between
from ..decoding import decode, plain_amount, record
from ..errors import Invalid
from ..exchange import MAX_PAGE_BYTES, Call
from ..judging import expect_echo, judge
from ..paging import page_number, walk
from ..slicing import context, unread
from ..traits import DeskTraits
from ..types import Health, Page, ProductKind
from . import mapping
from .accounts import parse_account_fields

PURCHASE_S = 30.0
PAGE_S = 30.0

CREDENTIALS = {
    "api_key": Credential("API key", "Plexy Gate gives one per agent and environment."),
    "agent_id": Credential("Agent ID", "The identifier that stands behind /agent/ in your addresses."),
}
SETTINGS = {
    "charge_ratio": Setting(
        label="Highest charge",
        default=Decimal("1.25"), parse=decimal_between("1", "10"),
        help="What an order is charged, at most, as a multiple of the listed price or top-up amount. Plexy Gate adds its "
             "margin on its side and tells it only with the order."),
    "page_size": Setting(
        label="Page size", default=50, parse=whole_between(1, 500), help="How many rows we ask for per page."),
    "account_fields": Setting(
        label="Inputs of top-ups",
        default={}, parse=parse_account_fields,
        help="Inputs that the top-ups of a product need, by product id: 456=steam_login,email; 902=orbit_login. "
             "Plexy Gate has no call that tells them."),
}


class PlexyGate:
    """A client of one agent's account at Plexy Gate. Has every port but those for eSIMs and notices.

    Our reference is sent both as external_ref and as Idempotency-Key, so the same bytes may be sent again for an hour and
    answer the same order.
    """

    traits = DeskTraits(ref_enforced=True, replay_window_s=3600, fence_s=None, lookup_lag_s=60, test_orders=True,
                        tells_charges=False)

    def __init__(self, transport, credentials, settings):
        self._transport = transport
        self._headers = {"authorization": credentials["api_key"]}
        self._agent_id = credentials["agent_id"]
        self._settings = complete(SETTINGS, settings)
        self._kinds = None

    def types(self):
        types = mapping.read_types(self._read("listProductTypes", "/product-types"))
        self._kinds = {row.ref: row.kind for row in types}
        return types

    def categories(self):
        return mapping.read_categories(self._read("listProductCategories", "/product-categories", is_long=True))

    def products(self, cursor):
        """A page of products; what kind each is, the types tell, which are read first."""
        if self._kinds is None:
            self.types()
        goes_by = {"kinds": self._kinds, "account_fields": self._settings["account_fields"]}
        read_row = partial(mapping.read_product, **goes_by)
        number, body = self._ask_page("listProducts", "/products", cursor, max_bytes=MAX_PAGE_BYTES, deadline_s=PAGE_S)
        place = {"number": number, "page_size": self._settings["page_size"]}
        around, items = unread(body, "items", read_row, refs_of=mapping.refs_of, context=context(goes_by))
        return mapping.read_page(around, read_row, **place) if items is None else mapping.page_of(items, around, **place)

    def prices(self, cursor):
        """Prices come with the products."""
        return Page(items=())

    def quote(self, request):
        fetched_at = datetime.now(UTC)
        node = self._read("getProduct", "/products/{product_id}", params={"product_id": request.product_ref})
        return mapping.read_quote(record(node, "product"), amount=request.amount, fetched_at=fetched_at,
                                  charge_ratio=self._settings["charge_ratio"])

    def compose(self, request):
        """The bytes of the order. Raises Invalid for what this API cannot order, before anything is sent."""
        if request.quantity != 1:
            raise Invalid("Plexy Gate sells one unit per order. Place one order for each.", code="quantity")
        if not (request.sku_ref.isascii() and request.sku_ref.isdigit()):
            raise Invalid("This is not a product number of Plexy Gate. Synchronise the catalog.", code="sku")
        if not request.currency:
            raise Invalid("The order names no currency. Synchronise the catalog.", code="currency")
        if request.kind == ProductKind.TOP_UP and (request.amount is None or not request.fields):
            raise Invalid("A top-up needs an amount and the account to top up.", code="topup_request")
        order = {"product_id": int(request.sku_ref), "currency_code": request.currency, "external_ref": request.ref,
                 "quantity": 1}
        if request.amount is not None or request.fields:
            amount = {"amount": plain_amount(request.amount)} if request.amount is not None else {}
            order["topup_request"] = {**amount, "customer_account": dict(request.fields)}
        if request.is_test:
            order["test"] = True
        return msgspec.json.encode(order, order="deterministic")

    def place(self, request, body, *, signed_at):
        """The key alone tells copies apart here; no time is sent."""
        answer = self._ask(Call(
            operation="createOrder", method="POST", route="/agent/{agent_id}/orders", params={"agent_id": self._agent_id},
            headers={**self._headers, "idempotency-key": request.ref}, content=body, is_read=False, is_evidence=True,
            deadline_s=PURCHASE_S, ref=request.ref))
        placement = self.read_placement(answer.body)
        expect_echo(placement, ref=request.ref, sku_ref=request.sku_ref, currency=request.currency)
        return placement

    def fetch(self, order_id):
        return self.read_placement(self._ask(self._call(
            "getOrder", "/orders/{order_id}", params={"order_id": order_id}, is_evidence=True)).body)

    def find(self, ref, *, sku_ref, since):
        """The list has no filter for references and no stated order, so all of it is walked."""
        found = {order.order_id: order for page in walk(self.orders) for order in page.items
                 if ref in (order.raw.get("external_ref"), order.raw.get("idempotency_key"))}
        return tuple(found.values())

    def orders(self, cursor):
        return self._page("listOrders", "/orders", cursor, mapping.read_order)

    def read_placement(self, body):
        return mapping.read_order(decode(body))

    def balances(self):
        return mapping.read_balances(self._read("getBalance", "/balance"))

    def entries(self, cursor):
        """Deposits; the API shows no other movements."""
        return self._page("listDeposits", "/deposits", cursor, mapping.read_deposit)

    def probe(self):
        self._ask(Call(operation="getHealth", method="GET", route="/health", headers=self._headers))
        return Health(healthy=True, detail="Plexy Gate says it is alive.")

    def _page(self, operation, route, cursor, read_row):
        number, body = self._ask_page(operation, route, cursor)
        return mapping.read_page(decode(body), read_row, number=number, page_size=self._settings["page_size"])

    def _ask_page(self, operation, route, cursor, **options):
        """The number of the page that `cursor` stands for, and its bytes."""
        number, size = page_number(cursor), self._settings["page_size"]
        query = {"page": str(number), "pageSize": str(size)}
        return number, self._ask(self._call(operation, route, query=query, **options)).body

    def _read(self, operation, route, *, is_long=False, **options):
        if is_long:
            options |= {"max_bytes": MAX_PAGE_BYTES, "deadline_s": PAGE_S}
        return decode(self._ask(self._call(operation, route, **options)).body)

    def _call(self, operation, route, *, params=None, **options):
        return Call(operation=operation, method="GET", route="/agent/{agent_id}" + route, headers=self._headers,
                    params={"agent_id": self._agent_id, **(params or {})}, **options)

    def _ask(self, call):
        answer = self._transport.send(call)
        judge(answer, asked="read" if call.is_read else "purchase", rules=mapping.RULES, operation=call.operation)
        return answer
