"""A stand-in for Plexy Gate, written from its contract: agent-scoped catalogue, orders, balances, deposits, liveness.

What the contract leaves open is decided so: errors are flat `{code, message}`; a replayed key answers 200 with the
order as it stands; a refusal is not frozen under its key; a failed order is given back; a test order charges nothing;
lists come newest first and at most 200 rows a page.
"""

import hashlib
import hmac
import re
from dataclasses import replace

from ..lab_books import Books, NotCovered
from ..lab_desk import Desk, PageFailed, lagging, sliced
from ..lab_goods import LabOrder, Product
from ..lab_http import Reply, Request, json_reply
from .lab_catalog import CATEGORIES, TYPES
from .lab_orders import OPEN_WORD, Refusal, accepted, error, moment, show

CREDENTIALS = {"api_key": "lab-plexy-api-key", "agent_id": "6f1d2c3b-4a59-4e68-9c77-0b1a2c3d4e5f"}
MOST_PER_PAGE = 200


class PlexyGate(Desk):
    operations = {
        "listProductTypes": ("GET", "/agent/{agent_id}/product-types", "product_types"),
        "listProductCategories": ("GET", "/agent/{agent_id}/product-categories", "product_categories"),
        "listProducts": ("GET", "/agent/{agent_id}/products", "products"),
        "getProduct": ("GET", "/agent/{agent_id}/products/{product_id}", "product"),
        "listOrders": ("GET", "/agent/{agent_id}/orders", "orders"),
        "createOrder": ("POST", "/agent/{agent_id}/orders", "create_order"),
        "getOrder": ("GET", "/agent/{agent_id}/orders/{order_id}", "order"),
        "getBalance": ("GET", "/agent/{agent_id}/balance", "balance"),
        "listDeposits": ("GET", "/agent/{agent_id}/deposits", "deposits"),
        "getHealth": ("GET", "/health", "health"),
    }

    def __init__(self, books: Books):
        super().__init__(books)
        self._frozen: dict[str, Reply] = {}

    def forget(self) -> None:
        self._frozen.clear()

    def refusal(self, operation: str, request: Request, params: dict[str, str]) -> Reply | None:
        if operation == "getHealth":
            return None
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, CREDENTIALS["api_key"].encode()):
            return error(401, "unauthorized", "Key missing or not accepted")
        if params.pop("agent_id") != CREDENTIALS["agent_id"]:
            return error(404, "agent_not_found", "No such agent for this key")
        return None

    def health(self, request: Request) -> Reply:
        return json_reply({"status": "ok"})

    def product_types(self, request: Request) -> Reply:
        return json_reply([{"id": number, "code": code, "name": name} for code, (number, name) in TYPES.items()])

    def product_categories(self, request: Request) -> Reply:
        return json_reply([{"id": number, "name": name} for number, name in CATEGORIES.items()])

    def products(self, request: Request) -> Reply:
        return _paged(request, self.books.listed(), self._show_product)

    def product(self, request: Request, product_id: str) -> Reply:
        product = self.books.products.get(product_id)
        if product is None or product.is_gone or request.fault("vanish", product=product_id):
            return error(404, "not_found", "No such product")
        return json_reply(self._show_product(product))

    def balance(self, request: Request) -> Reply:
        rows = [
            {"currency_code": currency, "available": f"{amount:f}", "updated_at": moment(self.books.touched[currency])}
            for currency, amount in self.books.balances.items()
        ]
        return json_reply({"items": rows})

    def deposits(self, request: Request) -> Reply:
        status = request.query.get("status")
        rows = [row for row in reversed(self.books.deposits) if status in (None, row.status)]
        return _paged(request, rows, _show_deposit)

    def orders(self, request: Request) -> Reply:
        status, product = request.query.get("status"), request.query.get("product_id")
        rows = [
            order
            for order in lagging(request, self.books.newest_first(), self.books.first_number)
            if status in (None, order.status) and product in (None, order.product)
        ]
        return _paged(request, rows, lambda order: self._read(request, order))

    def order(self, request: Request, order_id: str) -> Reply:
        found = self.books.orders.get(order_id)
        if found is None or not lagging(request, [found], self.books.first_number):
            return error(404, "not_found", "No such order")
        return json_reply(self._read(request, found))

    def create_order(self, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        try:
            if (stored := self._replayed(request, key)) is not None:
                return stored
            order = accepted(self.books, request, key)
        except Refusal as refusal:
            return refusal.reply
        except NotCovered:
            return self._not_covered(request, key)
        return json_reply(self._show(request, order), 201)

    def _replayed(self, request: Request, key: str) -> Reply | None:
        if not 0 < len(key) <= 255:
            raise Refusal("idempotency_key_required", "Send an Idempotency-Key of 1 to 255 characters")
        if key in self._frozen:
            return self._frozen[key]
        known = self.books.by_idempotency_key(key)
        if known is None or request.fault("forget_keys") or request.fault("allow_duplicates"):
            return None
        if known.digest != hashlib.sha256(request.body).hexdigest():
            raise Refusal("idempotency_key_in_use", "Key was used with another payload", 409)
        return json_reply(self._show(request, known), 200)

    def _not_covered(self, request: Request, key: str) -> Reply:
        reply = error(400, "insufficient_balance", "Agent balance is too low")
        if request.fault("freeze_refusal"):
            self._frozen[key] = reply
        return reply

    def _read(self, request: Request, order: LabOrder) -> dict:
        self.books.was_read(order, request.now)
        return self._show(request, order)

    def _show(self, request: Request, order: LabOrder) -> dict:
        if order.finished_at and request.fault("regression"):
            order = replace(order, status=OPEN_WORD, delivered=[], finished_at=None)
        word = request.fault("status_word")
        shown = show(order, self.books.products[order.product].region)
        if word:
            shown |= {"status": word["word"], "completed_at": None, "failed_at": None}
        if other := request.fault("echo"):
            names = {"external_ref": other["ref"], "product_id": other["sku"], "currency_code": other["currency"]}
            given = {name: value for name, value in names.items() if value is not None}
            shown |= given or {"external_ref": "SOMEBODY-ELSE-1"}
        return shown

    def _show_product(self, product: Product) -> dict:
        good = self.books.goods[product.ref]
        return {
            "id": int(product.ref),
            "name": product.name,
            "slug": re.sub(r"[^a-z0-9]+", "-", product.name.lower()).strip("-"),
            "category_id": product.category,
            "product_type_id": TYPES[product.kind][0],
            "region_code": product.region,
            "currency_code": good.currency,
            "logo": product.image or None,
            "price": good.price,
            "min_amount": good.low,
            "max_amount": good.high,
            "step": good.step,
            "description": product.description,
            "is_active": product.is_active,
        }


def _paged(request: Request, rows: list, show) -> Reply:
    try:
        number, size = int(request.query.get("page", 1)), int(request.query.get("pageSize", 50))
        if number < 1 or size < 1:
            raise ValueError("below 1")
    except ValueError:
        return error(400, "invalid_request", "page and pageSize are numbers from 1")
    size = min(size, MOST_PER_PAGE)
    try:
        page = sliced(request, rows, number, size)
    except PageFailed as failed:
        return error(failed.args[0], "server_error", "Server error")
    is_endless = page.has_more and number * size >= len(rows)
    total = (number + 1) * size if is_endless else len(rows)
    return json_reply({"items": [show(row) for row in page.rows], "page": number, "pageSize": size, "total": total})


def _show_deposit(row) -> dict:
    return {
        "id": row.id,
        "currency_code": row.currency,
        "amount": f"{row.amount:f}",
        "method": row.method,
        "status": row.status,
        "external_ref": row.external_ref,
        "created_at": moment(row.created_at),
        "posted_at": moment(row.posted_at),
    }
