"""A stand-in for GiftAPI, written from its contract: balance with overdraft, catalog, price list, signed orders, eSIM.

What the contract leaves open is decided so: errors are `{success: false, message, [errors]}`; a wrong signature answers
403, a time outside the window 401, a known external_id 409, anything else that is wrong with an order 422; an order
search is partial; lists come newest first, and cursors are opaque.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from ..lab_desk import Desk, PageFailed, lagging, read_object, sliced
from ..lab_goods import LabOrder, Product
from ..lab_http import Reply, Request, json_reply
from . import lab_esim, lab_notices, lab_orders
from .lab_catalog import CATEGORIES
from .lab_orders import OPEN_WORD, Refusal, error

CREDENTIALS = {"token": "lab-giftapi-token", "partner_secret": "lab-giftapi-partner-secret"}
PARTNER = {"uuid": "7d9b7f0e-5c1e-4d4f-8f5a-2b6d0c9e1a33", "name": "Lab Reseller", "email": "ops@reseller.test"}
CURRENCY = "USD"
WINDOW = timedelta(minutes=5)


class GiftAPI(Desk):
    operations = {
        "verifyToken": ("GET", "/me", "me"),
        "getBalance": ("GET", "/balance", "balance"),
        "listBalanceTransactions": ("GET", "/balance/history", "history"),
        "listProducts": ("GET", "/catalog/products", "products"),
        "getProduct": ("GET", "/catalog/products/{uuid}", "product"),
        "getPricelist": ("GET", "/catalog/pricelist", "pricelist"),
        "listCategories": ("GET", "/catalog/categories", "categories"),
        "listOrders": ("GET", "/orders", "orders"),
        "createOrder": ("POST", "/orders", "create_order"),
        "getOrder": ("GET", "/orders/{uuid}", "order"),
        "topupEsim": ("POST", "/services/esim/{iccid}/topup", "topup_esim"),
        "getEsimStatus": ("GET", "/services/esim/{iccid}/status", "esim_status"),
    }

    hooks = lab_notices
    webhook_secret = CREDENTIALS["partner_secret"]

    def refusal(self, operation: str, request: Request, params: dict[str, str]) -> Reply | None:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {CREDENTIALS['token']}".encode()):
            return error(401, "Unauthenticated.")
        if operation == "createOrder":
            item = (read_object(request.body) or {}).get("item")
            return self._unsigned(request, str(item.get("sku_id")) if isinstance(item, dict) else "")
        if operation == "topupEsim":
            return self._unsigned(request, params["iccid"])
        return None

    def me(self, request: Request) -> Reply:
        partner = {**PARTNER, "currency": CURRENCY, "is_active": True, "balance": self._balance()}
        return _told({"partner": partner})

    def balance(self, request: Request) -> Reply:
        return _told(self._balance())

    def history(self, request: Request) -> Reply:
        rows = self.books.ledger[::-1]
        return _by_second(request, rows) if request.fault("second_cursor") else _paged(request, rows, _show_row, 50, 100)

    def categories(self, request: Request) -> Reply:
        return _told([_show_category(number, *row, request) for number, row in CATEGORIES.items()])

    def products(self, request: Request) -> Reply:
        with_skus = request.query.get("include_skus", "").lower() in ("1", "true")
        rows = self._wanted(request)
        return _paged(request, rows, lambda row: self._show_product(request, row, with_skus), 100, 200)

    def product(self, request: Request, uuid: str) -> Reply:
        product = self.books.products.get(uuid)
        if product is None or product.is_gone or request.fault("vanish", product=uuid):
            return error(404, "Product not found")
        shown = self._show_product(request, product, with_skus=False)
        del shown["fields"]
        shown["skus"] = [self._show_sku(sku) | self._show_price(sku) for sku in product.skus]
        return _told(shown)

    def pricelist(self, request: Request) -> Reply:
        rows = [(product, sku) for product in self._wanted(request) for sku in product.skus]
        return _paged(request, rows, lambda row: self._show_list_price(row[1]), 100, 200)

    def orders(self, request: Request) -> Reply:
        seen = lagging(request, self.books.newest_first(), self.books.first_number)
        rows = lab_orders.filtered(seen, request.query)
        return _paged(request, rows, lambda order: self._read(request, order), 50, 100)

    def order(self, request: Request, uuid: str) -> Reply:
        found = self.books.orders.get(uuid)
        if found is None or not lagging(request, [found], self.books.first_number):
            return error(404, "Order not found")
        shown = self._read(request, found)
        shown["items"] = [{"id": found.number, **item} for item in shown["items"]]
        return _told(shown)

    def create_order(self, request: Request) -> Reply:
        try:
            order = lab_orders.accepted(self.books, request)
        except Refusal as refusal:
            return refusal.reply
        return _told(self._show(request, order), "Order created successfully")

    def topup_esim(self, request: Request, iccid: str) -> Reply:
        try:
            order = lab_esim.topped_up(self.books, request, iccid)
        except Refusal as refusal:
            return refusal.reply
        return _told(self._show(request, order), "Top-up order created successfully")

    def esim_status(self, request: Request, iccid: str) -> Reply:
        esim = self.books.esims.get(iccid)
        return error(404, "eSIM not found") if esim is None else _told(esim["shown"])

    def _unsigned(self, request: Request, signed_id: str) -> Reply | None:
        stamp, given = request.headers.get("x-timestamp", ""), request.headers.get("x-signature", "")
        external_id = str((read_object(request.body) or {}).get("external_id") or "")
        message = f"{stamp}{signed_id}{external_id}".encode()
        wanted = hmac.new(CREDENTIALS["partner_secret"].encode(), message, hashlib.sha256).hexdigest()
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 10 or not given:
            return error(401, "X-Timestamp and X-Signature are required")
        if abs(request.now.timestamp() - int(stamp)) > WINDOW.total_seconds():
            return error(401, "Request timestamp is outside the allowed window")
        if not hmac.compare_digest(given.encode("latin-1"), wanted.encode()):
            return error(403, "Invalid signature")
        return None

    def _balance(self) -> dict:
        books = self.books
        return {
            "balance": books.balances[CURRENCY],
            "currency": CURRENCY,
            "reserved_amount": books.reserved,
            "available_balance": books.balances[CURRENCY] - books.reserved + books.overdraft_limit,
            "allow_overdraft": books.overdraft_limit > 0,
            "overdraft_limit": books.overdraft_limit,
            "is_overdrafted": books.balances[CURRENCY] < 0,
        }

    def _wanted(self, request: Request) -> list[Product]:
        category, kind = request.query.get("category_id"), request.query.get("type")
        return [
            product
            for product in self.books.listed()
            if category in (None, str(product.category)) and kind in (None, product.kind)
        ]

    def _show_product(self, request: Request, product: Product, with_skus: bool) -> dict:
        is_russian = request.query.get("locale") == "ru"
        english, russian, _ = CATEGORIES[product.category]
        first = self.books.goods[product.skus[0]]
        shown = {
            "id": product.ref,
            "name": product.name,
            "type": product.kind,
            "denomination_type": "custom" if first.is_open else "fixed",
            "category": {"id": product.category, "name": russian if is_russian else english},
            "description": product.description_ru if is_russian else product.description,
            "image": product.image,
            "attributes": {"digital_acceptance": "online", **({"region": product.region} if product.region else {})},
            "fields": list(product.fields),
        }
        return shown | {"skus": [self._show_sku(sku) for sku in product.skus]} if with_skus else shown

    def _show_sku(self, sku: str) -> dict:
        good = self.books.goods[sku]
        attributes = {"denomination_currency": good.face_currency}
        if good.is_open:
            attributes |= {"min_amount": str(good.low), "max_amount": str(good.high), "step": str(good.step)}
        else:
            attributes["denomination"] = str(good.face)
        return {"id": sku, "name": good.name, "image": "", "attributes": attributes}

    def _show_price(self, sku: str) -> dict:
        good = self.books.goods[sku]
        shown = {"currency": good.currency, "stock": good.stock, "max_per_order": good.max_per_order}
        if not good.is_open:
            return {"price": good.price, **shown}
        return {**shown, "markup_percent": good.markup_percent, "markup_fixed": good.markup_fixed, "rate": good.rate}

    def _show_list_price(self, sku: str) -> dict:
        kind = "custom" if self.books.goods[sku].is_open else "fixed"
        return {"sku_id": sku, "denomination_type": kind, **self._show_price(sku)}

    def _read(self, request: Request, order: LabOrder) -> dict:
        self.books.was_read(order, request.now)
        return self._show(request, order)

    def _show(self, request: Request, order: LabOrder) -> dict:
        lab_esim.issue(self.books, order)
        if order.finished_at and request.fault("regression"):
            order = replace(order, status=OPEN_WORD, delivered=[], finished_at=None)
        shown = lab_orders.show(order, self.books.goods[order.sku])
        if word := request.fault("status_word"):
            shown["status"] = word["word"]
        if other := request.fault("echo"):
            lab_orders.disguise(shown, other)
        return shown


def _told(data, message: str = "") -> Reply:
    return json_reply({"success": True, **({"message": message} if message else {}), "data": data})


def _paged(request: Request, rows: list, show, usual: int, most: int) -> Reply:
    try:
        size = min(most, int(request.query.get("per_page", usual)))
        number = _page_of(request.query.get("cursor"))
        if size < 1:
            raise ValueError("below 1")
    except ValueError:
        return error(422, "The given data was invalid.", {"cursor": ["The cursor or page size is invalid."]})
    try:
        page = sliced(request, rows, number, size)
    except PageFailed as failed:
        return error(failed.args[0], "Server Error")
    following = _cursor(number + 1) if page.has_more else None
    meta = {"next_cursor": following, "prev_cursor": _cursor(number - 1) if number > 1 else None, "per_page": size}
    return json_reply({"success": True, "data": [show(row) for row in page.rows], "meta": meta})


def _by_second(request: Request, rows: list) -> Reply:
    """The ledger paged by time alone, as the documented cursor suggests: what shares a page edge's second is lost."""
    before = (read_object(_decoded(request.query.get("cursor"))) or {}).get("created_at")
    left = [row for row in rows if before is None or _moment(row.at) < before]
    size = min(100, int(request.query.get("per_page", 50)))
    edge = {"created_at": _moment(left[size - 1].at), "_pointsToNextItems": True} if len(left) > size else None
    meta = {"next_cursor": edge and _encoded(edge), "prev_cursor": None, "per_page": size}
    return json_reply({"success": True, "data": [_show_row(row) for row in left[:size]], "meta": meta})


def _cursor(number: int) -> str:
    return _encoded({"id": number, "_pointsToNextItems": True})


def _page_of(cursor: str | None) -> int:
    """Raises ValueError on a cursor that is not ours."""
    if not cursor:
        return 1
    return max(1, int((read_object(_decoded(cursor)) or {}).get("id", "")))


def _encoded(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _decoded(cursor: str | None) -> bytes:
    cursor = cursor or ""
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _show_category(number: int, english: str, russian: str, parent: int | None, request: Request) -> dict:
    sku = {"code": "denomination", "name": "Face value", "type": "text", "target": "sku"}
    product = {"code": "region", "name": "Region", "type": "text", "target": "product"}
    target = request.query.get("target")
    return {
        "id": number,
        "name": russian if request.query.get("locale") == "ru" else english,
        "parent_id": parent,
        "attributes": [row for row in (product, sku) if target in (None, row["target"])],
    }


def _show_row(row) -> dict:
    return {
        "type": row.kind,
        "amount": row.amount,
        "balance_after": row.balance_after,
        "currency": row.currency,
        "created_at": _moment(row.at),
        "order_id": row.order_id or None,
        "payment_method": row.method or None,
        "fee_amount": Decimal(0),
        "original_amount": None,
        "original_currency": None,
        "exchange_rate": None,
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
