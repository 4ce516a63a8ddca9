"""Reading all of a supplier's catalog, page by page, and refusing a walk that cannot be whole.

A walk that ends here has seen every page once. `may_retire` is false where rows may have slipped between two pages while
they were read: then what was not seen is left alone for this time.
"""

import hashlib
from dataclasses import dataclass, field

import msgspec

from . import mirroring
from .known import program
from .mirroring import Invalid
from .shelf import Shelf
from .suppliers.errors import SupplierError
from .suppliers.slicing import Unread

WARNINGS = 100
_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")


class Incomplete(Exception):
    """The walk stopped; nothing of it may be published. `stage` and `page` say where, the text says why."""

    def __init__(self, stage, page, reason):
        self.stage, self.page = stage, page
        where = f"{stage}, page {page}" if page else stage
        super().__init__(f"Stopped at {where}: {reason}"[:500])


@dataclass
class Found:
    """What a walk found of one sort of row: the `seen` refs, each with the ref of what it stood in last, and those `fresh`
    rows that differ from what is known.
    """

    known: dict
    seen: dict = field(default_factory=dict)
    fresh: Shelf = field(default_factory=Shelf)

    def take(self, row, *, within=""):
        """Note a row. Where a ref comes twice, the later one stands; false then."""
        is_first = row.ref not in self.seen
        self.seen[row.ref] = within
        if self.known.get(row.ref) != row.digest:
            self.fresh.put(row, is_first=is_first)
        elif not is_first:
            self.fresh.drop(row.ref)
        return is_first

    def missing(self):
        """Known refs that the walk did not see and that are not gone already."""
        return [ref for ref, digest in self.known.items() if digest is not None and ref not in self.seen]


@dataclass
class Walk:
    """Everything one walk found, with what it needs on the way: names and prices by ref.

    `retold` has the new `Product.told` of products that are otherwise as they were; `unsure` those that may have none,
    because not all that was sent for them stands in the mirror.
    """

    types: Found
    categories: Found
    products: Found
    skus: Found
    pages: int = 0
    rows: int = 0
    twice: int = 0
    may_retire: bool = True
    warnings: list = field(default_factory=list)
    warning_count: int = 0
    type_names: dict = field(default_factory=dict)
    category_names: dict = field(default_factory=dict)
    prices: dict = field(default_factory=dict)
    retold: dict = field(default_factory=dict)
    unsure: set = field(default_factory=set)

    def warn(self, text):
        """Keep a warning; only the first hundred keep their words."""
        self.warning_count += 1
        if len(self.warnings) < WARNINGS:
            self.warnings.append(text[:300])


def walk(source, *, known, max_pages, progress):
    """Read types, categories, prices and products of `source` (a CatalogSource), beside what is Known. Raises Incomplete.

    `progress(stage, walk)` is called after each answer.
    """
    whole = Walk(types=Found(known.types), categories=Found(known.categories), products=Found({}), skus=Found({}))
    _names(whole, "types", source.types, mirroring.type_row, whole.type_names, progress)
    _names(whole, "categories", source.categories, mirroring.category_row, whole.category_names, progress)
    for page in pages_of(whole, "prices", source.prices, max_pages, progress):
        whole.prices.update((price.sku_ref, price) for price in page.items)
    goes_by = program() + _ENCODER.encode((whole.type_names, whole.category_names))
    goes_by = hashlib.blake2b(goes_by, digest_size=16).digest()
    for number, page in enumerate(pages_of(whole, "products", source.products, max_pages, progress), start=1):
        _take_page(whole, known, page.items, goes_by, number)
    _judge(whole, known)
    return whole


def _names(whole, stage, fetch, as_row, names, progress):
    found = getattr(whole, stage)
    try:
        rows = fetch()
    except SupplierError as error:
        raise Incomplete(stage, 0, error.message) from error
    for told in rows:
        try:
            found.take(as_row(told))
            names[told.ref] = told.name
        except Invalid as error:
            whole.warn(str(error))
            found.seen[told.ref] = ""
    progress(stage, whole)


def pages_of(whole, stage, fetch, max_pages, progress):
    """Every page of a list; raises Incomplete for a list that turns in circles, breaks off or never ends."""
    cursor, cursors, prints, totals, read, number = None, {None}, set(), [], 0, 0
    while True:
        number += 1
        page = _fetch(fetch, cursor, stage, number)
        mark = _mark(page)
        read += len(page.items)
        totals.append(page.total)
        if page.items and mark in prints:
            raise Incomplete(stage, number, "the supplier sent the same page twice.")
        if page.next_cursor in cursors - {None}:
            raise Incomplete(stage, number, "the supplier points back to a page already read.")
        if not page.items and page.next_cursor is not None:
            raise Incomplete(stage, number, "the page is empty although more pages follow.")
        cursors.add(page.next_cursor)
        prints.add(mark)
        if page.items:
            whole.pages += 1
            whole.rows += len(page.items)
        yield page
        progress(stage, whole)
        if page.next_cursor is None:
            break
        if number >= max_pages:
            raise Incomplete(stage, number, f"the list did not end within {max_pages} pages (SYNC_MAX_PAGES).")
        cursor = page.next_cursor
    _count(whole, stage, number, read, totals, is_last_full=bool(page.items))


def _fetch(fetch, cursor, stage, number):
    try:
        return fetch(cursor)
    except SupplierError as error:
        raise Incomplete(stage, number, error.message) from error


def _mark(page):
    """A fingerprint of what stands on a page: the ids in their order."""
    refs = [getattr(item, "ref", None) or item.sku_ref for item in page.items]
    return hashlib.blake2b("\n".join(refs).encode(), digest_size=16).digest()


def _count(whole, stage, number, read, totals, *, is_last_full):
    """Compare with the total the supplier told. Fewer rows than that: the list broke off."""
    told = totals[-1]
    if told is None:
        if number > 1 and not is_last_full:
            _doubt(whole, "The last page was announced and came empty; nothing was retired this time.")
        return
    if read < told:
        raise Incomplete(stage, number, f"the supplier speaks of {told} rows but sent {read}.")
    if stage == "products" and (len(set(totals)) > 1 or read - whole.twice < told):
        # A row that moved from page 2 to page 1 between the two reads was never seen, and is not gone.
        _doubt(whole, "The list changed while it was read; nothing was retired this time.")


def _doubt(whole, why):
    """What was not seen may still be there."""
    whole.may_retire = False
    whole.warn(why)


def _take_page(whole, known, items, goes_by, number):
    """Note the products of a page: what was told before is only counted, all else is read and compared."""
    news = []
    try:
        for item in items:
            told, before = _told(item, whole.prices, goes_by), known.told.get(item.ref)
            if told and told == before:
                del known.told[item.ref]  # takes the room of what is seen; and who is listed twice is read
                whole.products.seen[item.ref] = ""
                if whole.prices:
                    whole.skus.seen.update(dict.fromkeys(item.sku_refs, item.ref))
            else:
                if before:
                    known.told[item.ref] = None
                news.append((*_read(item, told), before))
    except SupplierError as error:
        raise Incomplete("products", number, error.message) from error
    if news:
        _compare(whole, known, [product for product, *_ in news])
    for product, told, before in news:
        warned = whole.warning_count
        _take_product(whole, product, told, before)
        if whole.warning_count > warned:
            whole.unsure.add(product.ref)


def _told(item, prices, goes_by):
    """A digest of what was sent, its prices among it, and of all that is gone by in reading it; None of what comes read."""
    if not isinstance(item, Unread):
        return None
    told = hashlib.blake2b(item.digest, digest_size=16, salt=goes_by)
    if prices:
        told.update(_ENCODER.encode([prices.get(ref) for ref in item.sku_refs]))
    return told.hexdigest()


def _read(item, told):
    """The product of an item, and what it was told by, unless its ids mean others than they looked like unread."""
    if not told:
        return item, None
    product = item.read()
    is_as_it_looked = (item.ref, item.sku_refs) == (product.ref, tuple(offer.ref for offer in product.offers))
    return product, told if is_as_it_looked else None


def _compare(whole, known, products):
    """Look up what is known of `products`. One that loses a SKU to another is to be read again, now or next time."""
    offers = {offer.ref: product.ref for product in products for offer in product.offers}
    refs = [product.ref for product in products]
    whole.products.known.update(known.products_among(refs))
    digests, owners = known.skus_among(offers, product_refs=refs)
    whole.skus.known.update(digests)
    for ref, owner in owners.items():
        if owner != offers.get(ref, owner):
            if owner in known.told:
                known.told[owner] = None
            whole.unsure |= {owner, offers[ref]}


def _take_product(whole, told, digest, digest_before):
    try:
        row = mirroring.product_row(
            told, type_name=whole.type_names.get(told.type_ref, ""),
            category_name=whole.category_names.get(told.category_ref, ""))
    except Invalid as error:
        whole.warn(str(error))
        whole.skus.seen.update((offer.ref, told.ref) for offer in told.offers)
        return
    row.columns["told"] = digest
    if whole.products.known.get(row.ref) == row.digest and digest != digest_before:
        whole.retold[row.ref] = digest
    if not whole.products.take(row):
        whole.twice += 1
        whole.warn(f"Product {told.ref} was listed twice; the later one stands.")
    if mirroring.is_unknown(told):
        whole.warn(f"Product {told.ref} is of a kind we do not know (type {told.type_ref or 'not told'}).")
    for offer in told.offers:
        _take_offer(whole, told, offer)


def _take_offer(whole, product, offer):
    other = whole.skus.seen.get(offer.ref, product.ref)
    if other != product.ref:
        whole.unsure |= {other, product.ref}
    try:
        row = mirroring.sku_row(offer, whole.prices.get(offer.ref))
    except Invalid as error:
        whole.warn(str(error))
        whole.skus.seen[offer.ref] = product.ref
        return
    if row.columns["product_ref"] != product.ref:
        whole.warn(f"SKU {offer.ref} names another product than the one it stands in; it was left out.")
        whole.skus.seen[offer.ref] = product.ref
        return
    whole.skus.take(row, within=product.ref)


def _judge(whole, known):
    """What only shows at the end: an empty catalog, what was not listed, and prices of nothing."""
    if not whole.products.seen and known.told:
        raise Incomplete("products", 1, "the supplier lists no product at all. What we have stays as it is.")
    gone = [ref for ref in known.told if ref not in whole.products.seen]
    whole.products.known.update(known.products_among(gone))
    whole.skus.known.update(known.skus_without_product() | known.skus_among((), product_refs=gone)[0])
    stray = [ref for ref in whole.prices if ref not in whole.skus.seen]
    if stray:
        whole.warn(f"{len(stray)} prices belong to no listed product, for example {', '.join(stray[:3])}.")
    whole.prices = {}
