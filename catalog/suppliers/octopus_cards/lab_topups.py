"""Top-ups at the Octopus Cards stand-in: games, mobile operators, utilities."""

from ..lab_http import Reply, Request, json_reply
from . import lab_orders, lab_quotes, lab_telling
from .lab_catalog import TOPUPS
from .lab_counter import Counter, country_code, page
from .lab_numbers import NUMBER, operators
from .lab_orders import product_for, read_body
from .lab_quotes import Refusal, asked_integer, asked_number, chosen, invalid, quoted


class Topups(Counter):
    topup_operations = {
        "listTopupProducts": ("GET", "/api/v1/topups/products", "topup_products"),
        "getTopupProduct": ("GET", "/api/v1/topups/products/{id}", "topup_product"),
        "listTopupVariants": ("GET", "/api/v1/topups/products/{id}/variants", "topup_variants"),
        "getTopupVariant": ("GET", "/api/v1/topups/variants/{id}", "topup_variant"),
        "lookupMobile": ("POST", "/api/v1/topups/lookup", "lookup"),
        "quoteTopup": ("POST", "/api/v1/topups/charges", "quote_topup"),
        "createTopupOrder": ("POST", "/api/v1/topups/orders", "create_topup"),
        "listTopupOrders": ("GET", "/api/v1/topups/orders", "topup_orders"),
        "getTopupOrder": ("GET", "/api/v1/topups/orders/{id}", "topup_order"),
        "setTopupNotificationEmail": ("PATCH", "/api/v1/topups/orders/{id}/notification-email", "topup_email"),
    }

    def topup_products(self, request: Request) -> Reply:
        kind = request.query.get("type")
        rows = [product for product in self.searched(request, *TOPUPS) if kind in (None, product.kind)]
        return page(request, rows, self._show_topup, size_name="per_page", usual=50, most=500)

    def topup_product(self, request: Request, id: str) -> Reply:
        product = self.product(request, "topup", id)
        return json_reply({**self._show_topup(product), "input_fields": list(product.fields)})

    def topup_variants(self, request: Request, id: str) -> Reply:
        product = self.product(request, "topup", id)
        return json_reply([lab_telling.topup_variant(product, self.books.goods[sku]) for sku in product.skus])

    def topup_variant(self, request: Request, id: str) -> Reply:
        return json_reply(lab_telling.topup_variant(*self.good_by_number("topup", id)))

    def lookup(self, request: Request) -> Reply:
        number = read_body(request).get("mobile_number")
        if number is None:
            raise invalid("mobile_number is required")
        if not isinstance(number, str) or not NUMBER.fullmatch(number):
            raise invalid("mobile_number must be an E.164 number")
        found = operators(number, self.listed("MOBILE"))
        return json_reply([{**_match(self._show_topup(product)), "identified": best} for product, best in found])

    def quote_topup(self, request: Request) -> Reply:
        asked = read_body(request)
        product = product_for(self.books, asked_integer(asked, "product_id"), TOPUPS)
        if product is None or not product.is_active:
            raise Refusal("NOT_FOUND", "Product not found")
        amount = asked_number(asked, "amount")
        good = chosen(self.books, product, amount, asked.get("category"))
        return json_reply(lab_quotes.show(quoted(good, amount, 1, asked.get("wallet_id"))))

    def create_topup(self, request: Request) -> Reply:
        order = lab_orders.topup(self.books, request)
        return json_reply(self.spoiled(request, order, lab_telling.topup_order), 201)

    def topup_orders(self, request: Request) -> Reply:
        country, product = country_code(request, "country"), request.query.get("product_id")
        rows = [
            order
            for order in self.orders(request, "topup")
            if product in (None, order.product.partition("/")[2])
            and country in (None, self.books.products[order.product].region)
        ]

        def show(order):
            return self.spoiled(request, order, lab_telling.topup_order)

        return page(request, rows, show, size_name="per_page", usual=50, most=500)

    def topup_order(self, request: Request, id: str) -> Reply:
        order = self.order(request, "topup", id)
        return json_reply(self.spoiled(request, order, lab_telling.topup_order))

    def topup_email(self, request: Request, id: str) -> Reply:
        return self.keep_email(request, "topup", id)

    def _show_topup(self, product) -> dict:
        return lab_telling.topup_product(product, self.first_good(product))


def _match(product: dict) -> dict:
    return {"product_id": product["id"], "name": product["name"], "country_code": product["country_code"]}
