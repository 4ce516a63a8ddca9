"""What we ask GiftAPI."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import msgspec

from ..declaring import Credential, Setting, complete, one_of, path, whole_between
from ..decoding import decode, ident, plain_amount, record
from ..errors import Invalid, Misread, Missing
from ..exchange import MAX_PAGE_BYTES, Call
from ..judging import expect_echo, judge
from ..paging import walk
from ..slicing import context, unread
from ..traits import DeskTraits
from ..types import Denomination
from . import catalog_mapping, esim_mapping, mapping, notices
from .signing import signed_headers, supplier_time

PURCHASE_S = 30.0
PAGE_S = 30.0
ORDERS_PER_PAGE = 100
ENTRIES_PER_PAGE = 100

PATHS = {
    "me": "/me",
    "balance": "/balance",
    "history": "/balance/history",
    "products": "/catalog/products",
    "product": "/catalog/products/{uuid}",
    "pricelist": "/catalog/pricelist",
    "categories": "/catalog/categories",
    "orders": "/orders",
    "order": "/orders/{uuid}",
    "esim_status": "/services/esim/{iccid}/status",
    "esim_topup": "/services/esim/{iccid}/topup",
}


def _path_setting(name, default):
    return Setting(label=f"Path of {name}", default=default, parse=path(*re.findall(r"{(\w+)}", default)),
                   help=f"Path of the {name} operation below the base address, as your contract with GiftAPI says.")


CREDENTIALS = {
    "token": Credential("Token", "Sent with every call. GiftAPI gives it to each partner."),
    "partner_secret": Credential("Partner secret", "Signs orders and proves notices. It is never sent."),
}
SETTINGS = {
    **{f"path_{name}": _path_setting(name, default) for name, default in PATHS.items()},
    "locale": Setting(
        label="Language", default="en", parse=one_of("", "en", "ru"), help="Language of catalog texts: en or ru."),
    "page_size": Setting(
        label="Page size", default=100, parse=whole_between(1, 200), help="How many catalog rows we ask for per page."),
    "price_minutes": Setting(
        label="Minutes between price readings", default=15, parse=whole_between(0, 1440),
        help="How often prices and stock alone are read between whole walks; 0 leaves them to the whole walk."),
}

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class GiftApi:
    """A client of one partner's account at GiftAPI. Has every port but those for phone numbers and receipts.

    Our reference is sent as external_id. Nothing documents what a repeated one gets, so it counts as not enforced; but a
    signature dies five minutes after its timestamp, and with it every delayed copy of the request.
    """

    signs_orders_only = True
    traits = DeskTraits(
        ref_enforced=False, replay_window_s=None, fence_s=300, lookup_lag_s=60, books_show_orders=True, tops_up_esims=True)
    notice_secret = "partner_secret"  # noqa: S105 - a name
    read_notice = staticmethod(notices.read_notice)

    has_price_list = True

    def __init__(self, transport, credentials, settings):
        self._transport = transport
        self._headers = {"authorization": f"Bearer {credentials['token']}"}
        self._secret = credentials["partner_secret"]
        self._settings = complete(SETTINGS, settings)
        self._currency = ""

    def types(self):
        """The documented types; the API has no list of them."""
        return catalog_mapping.TYPES

    def categories(self):
        return catalog_mapping.read_categories(mapping.data_of(self._read(
            "listCategories", "categories", query=self._locale(), is_long=True)))

    def products(self, cursor):
        """A page of products with their SKUs; prices are in `prices`."""
        answer = self._ask_page("listProducts", "products", cursor, is_long=True,
                                query={**self._catalog_page(), "include_skus": "true"})
        around, items = unread(answer.body, "data", catalog_mapping.read_product, refs_of=catalog_mapping.refs_of,
                               context=context())
        if items is None:
            return mapping.read_page(record(around, "envelope"), catalog_mapping.read_product, asked=cursor)
        return mapping.page_of(items, around, asked=cursor)

    def prices(self, cursor):
        return self._prices(cursor)

    def quote(self, request):
        """Fresh price and stock: exact for a fixed SKU, an estimate for an open one.

        A package for an eSIM is available only while the eSIM can be topped up.
        """
        quote = self._quote(request)
        if request.iccid and not self.esim_status(request.iccid).can_renew:
            return replace(quote, is_available=False, note="The supplier says that this eSIM cannot be topped up now.")
        return quote

    def _quote(self, request):
        fetched_at = datetime.now(UTC)
        product = mapping.data_of(self._read("getProduct", "product", params={"uuid": request.product_ref},
                                             query=self._locale()))
        sku = catalog_mapping.find_sku(product, request.sku_ref)
        if sku is None:
            raise Missing("The supplier no longer sells this SKU. Synchronise the catalog.", operation="getProduct")
        if request.amount is None:
            return catalog_mapping.fixed_quote(sku, quantity=request.quantity, fetched_at=fetched_at)
        category = product.get("category") if isinstance(product.get("category"), dict) else {}
        return catalog_mapping.open_quote(self._price_of(request.sku_ref, ident(category, "id")), amount=request.amount,
                                          quantity=request.quantity, fetched_at=fetched_at)

    def compose(self, request):
        """The bytes of the order. Raises Invalid for what this API cannot order, before anything is sent."""
        if request.is_test:
            raise Invalid("GiftAPI has no test orders. Use a connection to its sandbox.", code="is_test")
        if request.quantity < 1:
            raise Invalid("The quantity must be 1 or more.", code="quantity")
        if request.iccid:
            return self._compose_top_up(request)
        amount = {} if request.amount is None else {"amount": Decimal(plain_amount(request.amount))}
        return _encoder.encode({"external_id": request.ref, "item": {
            "sku_id": request.sku_ref, "fields": {**request.fields, **amount, "quantity": request.quantity}}})

    def place(self, request, body, *, signed_at):
        """An order, or a top-up where the request names an eSIM; the signature covers the one or the other."""
        where = ({"operation": "topupEsim", "route": self._settings["path_esim_topup"], "params": {"iccid": request.iccid}}
                 if request.iccid else {"operation": "createOrder", "route": self._settings["path_orders"]})
        answer = self._ask(Call(
            **where, method="POST", headers=self._headers, content=body, is_read=False,
            sign=partial(self._sign, signed_at=signed_at, subject=request.iccid or request.sku_ref, external_id=request.ref),
            is_evidence=True, deadline_s=PURCHASE_S, ref=request.ref))
        placement = self.read_placement(answer.body)
        if request.iccid and esim_mapping.named_iccids(placement.raw) - {request.iccid}:
            raise Misread("The supplier answered with a top-up of another eSIM.", code="echo_mismatch")
        expect_echo(placement, ref=request.ref, sku_ref=request.sku_ref, quantity=request.quantity,
                    currency=request.currency)
        return placement

    def fetch(self, order_id):
        return self.read_placement(self._ask(self._call(
            "getOrder", "order", params={"uuid": order_id}, is_evidence=True)).body)

    def find(self, ref, *, sku_ref, since):
        """The filter may match parts of a reference, so every page is read and compared exactly."""
        query = {"external_id": ref, "per_page": str(ORDERS_PER_PAGE)}
        read = partial(self._page, "listOrders", "orders", read_row=mapping.read_order, query=query)
        found = {order.order_id: order for page in walk(read) for order in page.items if order.ref == ref}
        return tuple(found.values())

    def orders(self, cursor):
        return self._page(
            "listOrders", "orders", cursor, mapping.read_order, query={"per_page": str(ORDERS_PER_PAGE)})

    def read_placement(self, body):
        return mapping.read_order(mapping.data_of(decode(body)))

    def esim_status(self, iccid):
        try:
            told = self._read("getEsimStatus", "esim_status", params={"iccid": iccid})
        except Missing as missing:
            raise Missing("The supplier knows no eSIM of this ICCID.", operation="getEsimStatus",
                          status=missing.status) from missing
        return esim_mapping.read_status(mapping.data_of(told), iccid=iccid)

    def balances(self):
        reading = mapping.read_balance(mapping.data_of(self._read("getBalance", "balance")))
        self._currency = reading.currency
        return (reading,)

    def entries(self, cursor):
        """The ledger: charges, top-ups and whatever else moved the balance."""
        return self._page("listBalanceTransactions", "history", cursor, mapping.read_transaction,
                          query={"per_page": str(ENTRIES_PER_PAGE)})

    def probe(self):
        return mapping.read_partner(self._read("verifyToken", "me"))

    def _compose_top_up(self, request):
        """Always with its SKU: without one the supplier would choose, at a price that nobody has seen."""
        if request.quantity != 1 or request.amount is not None or not request.sku_ref:
            raise Invalid("An eSIM is topped up by one package of a fixed price at a time.", code="quantity")
        return _encoder.encode({"external_id": request.ref, "sku_uuid": request.sku_ref})

    def _sign(self, *, signed_at, subject, external_id):
        now = supplier_time(signed_at.timestamp(), self._transport.skew_s)
        return signed_headers(self._secret, now=now, subject=subject, external_id=external_id)

    def _price_of(self, sku_ref, category_ref):
        """The row of one SKU in the price list, which can be narrowed by category only."""
        for page in walk(partial(self._prices, category_ref=category_ref)):
            row = next((row for row in page.items if row.sku_ref == sku_ref), None)
            if row is not None and row.denomination == Denomination.OPEN:
                return row
        raise Missing("The supplier's price list does not have this SKU now.", operation="getPricelist")

    def _prices(self, cursor, *, category_ref=""):
        query = {**self._catalog_page(), **({"category_id": category_ref} if category_ref else {})}
        read_row = partial(catalog_mapping.read_price, own_currency=self._own_currency)
        return self._page("getPricelist", "pricelist", cursor, read_row, query=query, is_long=True)

    def _own_currency(self):
        """The currency of our account there, which is the one we pay in."""
        if not self._currency:
            self.balances()
        return self._currency

    def _catalog_page(self):
        return {**self._locale(), "per_page": str(self._settings["page_size"])}

    def _locale(self):
        return {"locale": self._settings["locale"]} if self._settings["locale"] else {}

    def _page(self, operation, name, cursor, read_row, *, query, is_long=False):
        answer = self._ask_page(operation, name, cursor, query=query, is_long=is_long)
        return mapping.read_page(record(decode(answer.body), "envelope"), read_row, asked=cursor)

    def _ask_page(self, operation, name, cursor, *, query, is_long):
        asked = {**query, **({"cursor": cursor} if cursor else {})}
        return self._ask(self._call(operation, name, query=asked, is_long=is_long))

    def _read(self, operation, name, **options):
        return decode(self._ask(self._call(operation, name, **options)).body)

    def _call(self, operation, name, *, is_long=False, **options):
        if is_long:
            options |= {"max_bytes": MAX_PAGE_BYTES, "deadline_s": PAGE_S}
        return Call(operation=operation, method="GET", route=self._settings[f"path_{name}"], headers=self._headers,
                    **options)

    def _ask(self, call):
        answer = self._transport.send(call)
        judge(answer, asked="read" if call.is_read else "purchase", rules=mapping.RULES, operation=call.operation)
        return answer
