"""Vouchers at the Octopus Cards stand-in: few of them at once, many of them later."""

from datetime import timedelta

from ..lab_http import Reply, Request, json_reply
from . import lab_orders, lab_quotes, lab_telling
from .lab_catalog import CATEGORIES, COUNTRIES, CURRENCIES, SUBCATEGORIES, VOUCHER
from .lab_counter import Counter, category_of, page
from .lab_orders import product_for, read_body
from .lab_quotes import Refusal, asked_integer, asked_number, chosen, invalid, quoted

QUOTES_LIVE = timedelta(minutes=5)


class Vouchers(Counter):
    voucher_operations = {
        "listVoucherProducts": ("GET", "/api/v1/products", "voucher_products"),
        "getVoucherProduct": ("GET", "/api/v1/products/{id}", "voucher_product"),
        "checkVoucherAvailability": ("POST", "/api/v1/products/{id}/availability", "availability"),
        "quoteVoucher": ("POST", "/api/v1/products/{id}/charges", "quote_voucher"),
        "createVoucherOrder": ("POST", "/api/v1/orders", "create_voucher"),
        "listVoucherOrders": ("GET", "/api/v1/orders", "voucher_orders"),
        "getVoucherOrder": ("GET", "/api/v1/orders/{id}", "voucher_order"),
        "listCategories": ("GET", "/api/v1/categories", "categories"),
        "getCategory": ("GET", "/api/v1/categories/{id}", "category"),
        "listSubcategories": ("GET", "/api/v1/subcategories", "subcategories"),
        "getSubcategory": ("GET", "/api/v1/subcategories/{id}", "subcategory"),
    }

    def __init__(self, books):
        super().__init__(books)
        self._quotes: dict[tuple, tuple] = {}

    def forget(self) -> None:
        super().forget()
        self._quotes.clear()

    def voucher_products(self, request: Request) -> Reply:
        query = request.query
        rows = [product for product in self.searched(request, VOUCHER) if self._fits(product, query)]
        if query.get("sort_by") in ("name", "id"):
            rows.sort(key=lambda product: product.name if query["sort_by"] == "name" else int(product.ref.split("/")[1]))
            if query.get("sort_dir", "").upper() == "DESC":
                rows.reverse()
        return page(request, rows, self._show_voucher, size_name="limit", usual=10, most=500)

    def voucher_product(self, request: Request, id: str) -> Reply:
        return json_reply(self._show_voucher(self.product(request, "voucher", id)))

    def availability(self, request: Request, id: str) -> Reply:
        asked = read_body(request)
        good = chosen(self.books, self._sold(id), asked_number(asked, "denomination"))
        quantity = asked_integer(asked, "quantity")
        return json_reply({"is_available": quantity <= good.max_per_order and quantity <= good.stock})

    def quote_voucher(self, request: Request, id: str) -> Reply:
        asked = read_body(request)
        amount, quantity = asked_number(asked, "denomination"), asked_integer(asked, "quantity")
        good = chosen(self.books, self._sold(id), amount)
        if quantity > good.max_per_order:
            raise invalid(f"quantity must be at most {good.max_per_order}")
        key = (good.sku, amount, quantity, asked.get("wallet_id"))
        told, until = self._quotes.get(key, (None, request.now))
        if told is None or until <= request.now:
            told = lab_quotes.show(quoted(good, amount, quantity, asked.get("wallet_id")), good.max_per_order)
            self._quotes[key] = (told, request.now + QUOTES_LIVE)
        return json_reply(told)

    def create_voucher(self, request: Request) -> Reply:
        order = lab_orders.voucher(self.books, request)
        return json_reply(self.spoiled(request, order, lab_telling.voucher_order), 201)

    def voucher_orders(self, request: Request) -> Reply:
        def show(order):
            return self.spoiled(request, order, lab_telling.voucher_order)

        return page(request, self.orders(request, "voucher"), show, size_name="limit", usual=50, most=10000)

    def voucher_order(self, request: Request, id: str) -> Reply:
        order = self.order(request, "voucher", id)
        return json_reply(self.spoiled(request, order, lab_telling.voucher_order))

    def categories(self, request: Request) -> Reply:
        return json_reply([{"id": number, "name": name} for name, number in CATEGORIES.items()])

    def category(self, request: Request, id: str) -> Reply:
        return category_of(CATEGORIES, id)

    def subcategories(self, request: Request) -> Reply:
        return json_reply([{"id": number, "name": name} for name, number in SUBCATEGORIES.items()])

    def subcategory(self, request: Request, id: str) -> Reply:
        return category_of(SUBCATEGORIES, id)

    def _sold(self, number: str):
        product = product_for(self.books, number, (VOUCHER,))
        if product is None or not product.is_active:
            raise Refusal("BAD_REQUEST", "Invalid product ID")
        return product

    def _fits(self, product, query: dict[str, str]) -> bool:
        country, currency = COUNTRIES[product.region], CURRENCIES[self.first_good(product).currency]
        return (
            query.get("category") in (None, *(name for name, number in CATEGORIES.items() if number == product.category))
            and query.get("country_id") in (None, str(country.id))
            and query.get("currency_id") in (None, str(currency.id))
        )

    def _show_voucher(self, product) -> dict:
        return lab_telling.voucher_product(product, [self.books.goods[sku] for sku in product.skus])
