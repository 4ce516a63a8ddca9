"""Reading only a supplier's price list, between whole walks: new prices and stock of SKUs that are mirrored already.

Nothing appears and nothing is retired by it; that takes a whole walk, which alone sees every product. A price list that
breaks off changes nothing either.
"""

from django.db.models import F

from . import mirroring
from .models import Sku
from .walking import Found, Incomplete, Walk, pages_of

BATCH = 1000


def walk(source, *, supplier, known, max_pages, progress):
    """Read the prices of `source` (a PriceList) into a Walk that holds SKUs only. Raises Incomplete.

    `known` maps the SKUs that are mirrored to their digests, None for one that is gone.
    """
    found = Walk(types=Found({}), categories=Found({}), products=Found({}), skus=Found(known), may_retire=False)
    for page in pages_of(found, "prices", source.prices, max_pages, progress):
        found.prices.update((price.sku_ref, price) for price in page.items)
    if not found.prices and any(digest is not None for digest in known.values()):
        raise Incomplete("prices", 1, "the supplier lists no price at all. What we have stays as it is.")
    _take(found, supplier)
    strange = sum(1 for ref in found.prices if known.get(ref) is None)
    if strange:
        found.warn(f"{strange} prices belong to SKUs that the next whole walk will bring.")
    found.prices = {}
    return found


def _take(found, supplier):
    refs = sorted(found.prices)
    for start in range(0, len(refs), BATCH):
        rows = Sku.objects.filter(supplier=supplier, gone_at=None, supplier_ref__in=refs[start:start + BATCH])
        for sku in rows.annotate(product_ref=F("product__supplier_ref")):
            found.products.seen[sku.product_ref] = ""
            try:
                row = mirroring.repriced_row(sku, found.prices[sku.supplier_ref], product_ref=sku.product_ref)
                if row.digest != found.skus.known.get(row.ref):
                    found.unsure.add(sku.product_ref)  # a whole walk is told another price than this product came with
                found.skus.take(row)
            except mirroring.Invalid as error:
                found.warn(str(error))
