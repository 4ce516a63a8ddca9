"""What the verticals of the Octopus Cards stand-in share: pages with their headers, rows by id, orders as they are read."""

from dataclasses import replace

from ..lab_desk import Desk, PageFailed, lagging, sliced
from ..lab_goods import LabOrder, Product
from ..lab_http import Reply, Request, json_reply
from .lab_books import OctopusBooks
from .lab_catalog import vertical
from .lab_orders import OPEN_WORD, checked_email, read_body
from .lab_quotes import Refusal, error, invalid
from .lab_telling import ENDED, word

NOT_FOUND = "Not found"


def page(request: Request, rows: list, show, *, size_name: str, usual: int, most: int) -> Reply:
    """One page as a bare array; everything about paging stands in headers."""
    try:
        number, size = int(request.query.get("page", 1)), int(request.query.get(size_name, usual))
    except ValueError:
        number = 0
    if number < 1 or not 1 <= size <= most:
        return error("VALIDATION_FAILURE", f"page and {size_name} are numbers from 1, at most {most}")
    try:
        found = sliced(request, rows, number, size)
    except PageFailed as failed:
        return error("INTERNAL_SERVER_ERROR", "Failed to retrieve the page", failed.args[0])
    headers = {
        "X-Page": number, "X-Per-Page": size, "X-Total-Count": len(rows), "X-Total-Pages": -(-len(rows) // size),
        "X-Page-Size": len(found.rows), "X-Has-More": "true" if found.has_more else "false",
    }  # fmt: skip
    told = {name: str(value) for name, value in headers.items()}
    return replace(json_reply([show(row) for row in found.rows]), headers=told)


class Counter(Desk):
    """The parts of the stand-in build on this. `show` methods tell an order, `id` is the number in a path."""

    books: OctopusBooks

    def listed(self, *kinds: str) -> list[Product]:
        return [product for product in self.books.listed() if product.kind in kinds and product.is_active]

    def searched(self, request: Request, *kinds: str) -> list[Product]:
        part = request.query.get("search", "").lower()
        return [product for product in self.listed(*kinds) if part in product.name.lower()]

    def product(self, request: Request, sort: str, number: str) -> Product:
        """Raises Refusal."""
        product = self.books.products.get(f"{sort}/{number}")
        if product is None or product.is_gone or not product.is_active or request.fault("vanish", product=product.ref):
            raise Refusal("NOT_FOUND", NOT_FOUND)
        return product

    def good_by_number(self, sort: str, number: str) -> tuple[Product, object]:
        """The variant of this id. Raises Refusal."""
        for good in self.books.goods.values():
            if str(good.detail["id"]) == number and good.product.startswith(f"{sort}/"):
                return self.books.products[good.product], good
        raise Refusal("NOT_FOUND", NOT_FOUND)

    def first_good(self, product: Product):
        return self.books.goods[product.skus[0]]

    def order(self, request: Request, sort: str, number: str) -> LabOrder:
        """One order, brought up to date by being read. Raises Refusal."""
        order = self._found(request, sort, number)
        self.books.was_read(order, request.now)
        return order

    def orders(self, request: Request, sort: str) -> list[LabOrder]:
        """The orders of a vertical that the filters leave, newest first. Reading a list moves nothing."""
        ref, status = request.query.get("client_reference"), request.query.get("status")
        orders = self.books.newest_first()
        return [
            order
            for order in lagging(request, orders, self.books.first_number)
            if self._is(order, sort) and ref in (None, order.ref) and status in (None, word(order))
        ]

    def spoiled(self, request: Request, order: LabOrder, show, **options) -> dict:
        """The order as it is told, with the faults that change its answers."""
        if order.finished_at and request.fault("regression"):
            order = replace(order, status=OPEN_WORD, delivered=[], finished_at=None)
        shown = show(self.books, order, **options)
        if told := request.fault("status_word"):
            shown["status"] = told["word"]
        if other := request.fault("echo"):
            names = {
                "client_reference": other["ref"], "product_id": other["sku"], "quantity": other["quantity"],
                "currency": other["currency"],
            }  # fmt: skip
            shown |= {name: value for name, value in names.items() if value is not None} or {
                "client_reference": "SOMEBODY-ELSE-1"
            }
        return shown

    def keep_email(self, request: Request, sort: str, number: str) -> Reply:
        order = self._found(request, sort, number)
        email = checked_email(read_body(request).get("email"))
        if word(order) in ENDED:
            raise Refusal("BAD_REQUEST", "The order has already ended")
        self.books.note(f"email/{order.id}", {"email": email})
        return json_reply({"message": "Notification email stored"})

    def _found(self, request: Request, sort: str, number: str) -> LabOrder:
        order = self.books.orders.get(number)
        if order is None or not self._is(order, sort) or not lagging(request, [order], self.books.first_number):
            raise Refusal("NOT_FOUND", NOT_FOUND)
        return order

    def _is(self, order: LabOrder, sort: str) -> bool:
        return vertical(self.books.products[order.product].kind) == sort


def category_of(rows: dict[str, int], number: str) -> Reply:
    for name, known in rows.items():
        if str(known) == number:
            return json_reply({"id": known, "name": name})
    raise Refusal("BAD_REQUEST", "Invalid category ID")


def country_code(request: Request, name: str) -> str | None:
    given = request.query.get(name)
    if given is not None and not (given.isalpha() and given.isupper() and len(given) == 3):
        raise invalid(f"{name} must be an alpha-3 code in upper case")
    return given
