"""eSIMs at the Octopus Cards stand-in: plans, orders, and the profile's life after its delivery."""

from ..lab_http import Reply, Request, json_reply
from . import lab_orders, lab_quotes, lab_telling
from .lab_catalog import ESIM
from .lab_counter import Counter, page
from .lab_orders import product_for, read_body
from .lab_quotes import asked_integer, asked_number, chosen, invalid, quoted


class Esims(Counter):
    esim_operations = {
        "listEsimProducts": ("GET", "/api/v1/esim/products", "esim_products"),
        "getEsimProduct": ("GET", "/api/v1/esim/products/{id}", "esim_product"),
        "listEsimVariants": ("GET", "/api/v1/esim/products/{id}/variants", "esim_variants"),
        "getEsimVariant": ("GET", "/api/v1/esim/variants/{id}", "esim_variant"),
        "quoteEsim": ("POST", "/api/v1/esim/charges", "quote_esim"),
        "createEsimOrder": ("POST", "/api/v1/esim/orders", "create_esim"),
        "listEsimOrders": ("GET", "/api/v1/esim/orders", "esim_orders"),
        "getEsimOrder": ("GET", "/api/v1/esim/orders/{id}", "esim_order"),
        "setEsimNotificationEmail": ("PATCH", "/api/v1/esim/orders/{id}/notification-email", "esim_email"),
    }

    def esim_products(self, request: Request) -> Reply:
        country = request.query.get("country_code")
        rows = [product for product in self.searched(request, ESIM) if country in (None, product.region)]
        return page(request, rows, self._show_esim, size_name="per_page", usual=50, most=500)

    def esim_product(self, request: Request, id: str) -> Reply:
        product = self.product(request, "esim", id)
        return json_reply({**self._show_esim(product), "variants": self._variants(product)})

    def esim_variants(self, request: Request, id: str) -> Reply:
        return json_reply(self._variants(self.product(request, "esim", id)))

    def esim_variant(self, request: Request, id: str) -> Reply:
        return json_reply(lab_telling.esim_variant(*self.good_by_number("esim", id)))

    def quote_esim(self, request: Request) -> Reply:
        asked = read_body(request)
        product = product_for(self.books, asked_integer(asked, "product_id"), (ESIM,))
        if product is None or not product.is_active:
            raise invalid("product_id is not an eSIM product")
        amount = asked_number(asked, "amount")
        return json_reply(lab_quotes.show(quoted(chosen(self.books, product, amount), amount, 1, asked.get("wallet_id"))))

    def create_esim(self, request: Request) -> Reply:
        order = lab_orders.esim(self.books, request)
        return json_reply(self.spoiled(request, order, lab_telling.esim_order))

    def esim_orders(self, request: Request) -> Reply:
        def show(order):
            return self.spoiled(request, order, lab_telling.esim_order, is_listed=True)

        return page(request, self.orders(request, "esim"), show, size_name="per_page", usual=50, most=500)

    def esim_order(self, request: Request, id: str) -> Reply:
        order = self.order(request, "esim", id)
        return json_reply(self.spoiled(request, order, lab_telling.esim_order))

    def esim_email(self, request: Request, id: str) -> Reply:
        return self.keep_email(request, "esim", id)

    def _variants(self, product) -> list[dict]:
        return [lab_telling.esim_variant(product, self.books.goods[sku]) for sku in product.skus]

    def _show_esim(self, product) -> dict:
        return lab_telling.esim_product(product, self.first_good(product))
