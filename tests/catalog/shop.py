"""A supplier made of lists: what a CatalogSource answers, without a wire. Change the lists between two syncs."""

from dataclasses import replace
from decimal import Decimal

from catalog.suppliers.types import CategoryRow, Denomination, Offer, Page, Price, ProductKind, ProductRow, TypeRow


def product(number, *, price="10.00", **changes):
    """Product p-<number> with one SKU s-<number>."""
    told = ProductRow(
        ref=f"p-{number}", name=f"Card {number:03}", kind=ProductKind.VOUCHER, type_ref="t-1", category_ref="c-1",
        region="EU", raw={"id": number, "price": Decimal(price)}, offers=(offer(number, price=price),))
    return replace(told, **changes)


def offer(number, *, price="10.00", **changes):
    """A fixed SKU s-<number> of product p-<number>."""
    told = Offer(
        ref=f"s-{number}", product_ref=f"p-{number}", name=f"Card {number:03}", denomination=Denomination.FIXED,
        currency="EUR", price=price and Decimal(price), raw={"sku": f"s-{number}"})
    return replace(told, **changes)


class Shop:
    """Pages of ten. `at_page[n]` may raise or give another page instead of page n of the products."""

    def __init__(self, count=25):
        self.listed = [product(number) for number in range(1, count + 1)]
        self.price_list = []
        self.at_page = {}
        self.tells_total = True
        self.asked = []

    def types(self):
        return [TypeRow("t-1", "voucher", "Vouchers", ProductKind.VOUCHER, raw={"id": 1})]

    def categories(self):
        return [CategoryRow("c-1", "Gaming", raw={"id": 1})]

    def products(self, cursor):
        number = int(cursor or 1)
        self.asked.append(number)
        if number in self.at_page:
            return self.at_page[number]()
        return self.page(number)

    def page(self, number):
        """Page `number` as it should be."""
        items = tuple(self.listed[number * 10 - 10:number * 10])
        more = len(self.listed) > number * 10
        return Page(items, str(number + 1) if more else None, len(self.listed) if self.tells_total else None)

    def prices(self, cursor):
        return Page(tuple(self.price_list))

    def reprice(self, number, price):
        """Give product `number` another price."""
        self.listed[number - 1] = product(number, price=price)


def price(number, amount, **changes):
    """A row of the price list for s-<number>."""
    told = Price(sku_ref=f"s-{number}", denomination=Denomination.FIXED, currency="EUR", price=Decimal(amount))
    return replace(told, **changes)


def text_of(response):
    return response.content.decode()


def fragment(client, address):
    """What htmx gets from `address`."""
    return client.get(address, headers={"HX-Request": "true"})
