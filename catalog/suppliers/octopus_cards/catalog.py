"""Reading Octopus Cards' catalog: three lists, and for top-ups and eSIMs one or two more questions for each product."""

from functools import partial

from ..decoding import decode, ident
from ..errors import Missing
from ..exchange import MAX_PAGE_BYTES
from ..pacing import Pace
from ..paging import page_number
from ..types import Page
from . import catalog_mapping, mapping
from .refs import ESIM, TOPUP, VOUCHER, join, split

PAGE_S = 30.0
GONE = "The supplier no longer sells this in that amount. Synchronise the catalog."


class Catalog:
    """The catalog half of the client, which gives it `_settings`, `_call`, `_read` and `_ask`."""

    def __init__(self):
        self._pace = Pace(self._settings["reads_per_minute"])
        self._category_refs = None

    def types(self):
        """The documented types; the API has no list of them."""
        return catalog_mapping.TYPES

    def categories(self):
        """Categories and subcategories, which vouchers alone have."""
        rows = ()
        if VOUCHER in self._settings["verticals"]:
            rows = (*catalog_mapping.read_names(self._slow_read("listCategories", "/categories"), "category"),
                    *catalog_mapping.read_names(self._slow_read("listSubcategories", "/subcategories"), "subcategory"))
        self._category_refs = {row.name: row.ref for row in reversed(rows)}
        return rows

    def products(self, cursor):
        """A page of products with their SKUs, one vertical after the other. Where one ends, the next is put to the page.

        So a cursor always leads to a page that the supplier has announced.
        """
        return self._in_turn(self._products, cursor)

    def prices(self, cursor):
        """What an order costs is asked for each order; the catalog tells amounts and discounts."""
        return Page(items=())

    def expect_on_sale(self, request):
        """Raise Missing where the very variant is gone: an order names its amount only, and would get another one."""
        vertical, number = split(request.sku_ref, what="sku")
        if vertical == VOUCHER:
            return  # its product and denomination are what the order names
        node = self._read(f"get{'Topup' if vertical == TOPUP else 'Esim'}Variant",
                          f"/{'topups' if vertical == TOPUP else 'esim'}/variants/{{id}}", number)
        if not isinstance(node, dict) or ident(node, "id") != str(number):
            return  # what this answer looks like is not documented
        offers = catalog_mapping.offers_of(node, vertical, request.product_ref)
        if request.sku_ref not in [offer.ref for offer in offers]:
            raise Missing(GONE, code="sku")

    def _in_turn(self, read, cursor):
        """A page of the lists that `read(vertical, number)` gives pages of, one list after the other."""
        verticals = self._settings["verticals"]
        at, _, number = (cursor or join(verticals[0], "1")).partition(":")
        items = []
        for vertical in verticals[verticals.index(at):]:
            page = read(vertical, number)
            items += page.items
            if page.next_cursor:
                return Page(items=tuple(items), next_cursor=join(vertical, page.next_cursor))
            number = "1"
        return Page(items=tuple(items))

    def _products(self, vertical, number):
        if vertical == VOUCHER:
            if self._category_refs is None:
                self.categories()
            read_row = partial(catalog_mapping.read_voucher, category_refs=self._category_refs)
            return self._page("listVoucherProducts", "/products", number, read_row, size_name="limit", is_long=True)
        if vertical == ESIM:
            return self._page("listEsimProducts", "/esim/products", number, self._esim, is_long=True)
        return self._page("listTopupProducts", "/topups/products", number, self._topup, is_long=True)

    def _topup(self, node):
        number = ident(node, "id")
        detail = self._slow_read("getTopupProduct", "/topups/products/{id}", number)
        variants = self._slow_read("listTopupVariants", "/topups/products/{id}/variants", number)
        return catalog_mapping.read_topup(node, detail=detail, variants=variants)

    def _esim(self, node):
        """The plans stand in the product's detail, where their name is not documented; else they have a list."""
        number = ident(node, "id")
        detail = self._slow_read("getEsimProduct", "/esim/products/{id}", number)
        variants = detail.get("variants") if isinstance(detail, dict) else None
        if not isinstance(variants, list):
            variants = self._slow_read("listEsimVariants", "/esim/products/{id}/variants", number)
        return catalog_mapping.read_esim(node, variants=variants)

    def _page(self, operation, route, cursor, read_row, *, size=None, size_name="per_page", is_long=False):
        number, size = page_number(cursor), size or self._settings["page_size"]
        options = {"max_bytes": MAX_PAGE_BYTES, "deadline_s": PAGE_S} if is_long else {}
        if is_long:
            self._pace.wait()
        answer = self._ask(self._call(operation, route, query={"page": str(number), size_name: str(size)}, **options))
        return mapping.read_page(answer, decode(answer.body), read_row, number=number, size=size)

    def _slow_read(self, operation, route, number=None):
        self._pace.wait()
        return self._read(operation, route, number, max_bytes=MAX_PAGE_BYTES, deadline_s=PAGE_S)
