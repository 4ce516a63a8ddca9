"""What is mirrored of a supplier already, as a walk asks for it: little at once, row by row only where something is new."""

import hashlib
from functools import cache, cached_property
from pathlib import Path

import msgspec
from django.db import models
from django.db.models import Aggregate, F, Value
from django.db.models.functions import Cast, Replace

from . import bulk
from .models import Category, Product, ProductType, Sku

_TOLD = msgspec.json.Decoder(dict[str, str | None])


class Known:
    """The mirror of `supplier`: rows that are gone have None for a digest.

    `told` maps each product that is not gone to the digits of its `Product.told`, or None; it is read once.
    """

    def __init__(self, supplier):
        self._supplier = supplier

    @cached_property
    def types(self):
        return _by_ref(self._mine(ProductType))

    @cached_property
    def categories(self):
        return _by_ref(self._mine(Category))

    @cached_property
    def told(self):
        """As one value: to make an object of each row would take longer than the database takes."""
        rows = self._mine(Product).filter(gone_at=None)
        digits = Replace(Cast("told", models.TextField()), Value("-"), Value(""))
        return _TOLD.decode(rows.aggregate(all=Pairs("supplier_ref", digits))["all"] or "{}")

    @cached_property
    def is_empty(self):
        return not self._mine(Product).exists()

    def skus(self):
        """`{ref: digest}` of all SKUs."""
        return _by_ref(self._mine(Sku))

    def products_among(self, refs):
        """`{ref: digest}` of those products."""
        return _by_ref(bulk.among(self._mine(Product), "supplier_ref", _fit(refs))) if refs and not self.is_empty else {}

    def skus_among(self, refs, *, product_refs):
        """`{ref: digest}` and `{ref: ref of its product}` of the SKUs `refs`, and of all SKUs that those products have."""
        if self.is_empty or not (refs or product_refs):
            return {}, {}
        ids = bulk.among(self._mine(Product), "supplier_ref", _fit(product_refs)).values_list("id", flat=True)
        skus = self._mine(Sku).annotate(of=F("product__supplier_ref"))
        rows = [row for some in (bulk.among(skus, "supplier_ref", _fit(refs)), bulk.among(skus, "product_id", ids))
                for row in some.values_list("supplier_ref", "digest", "gone_at", "of")]
        return {ref: _digest(digest, gone_at) for ref, digest, gone_at, _ in rows}, {ref: of for ref, _, _, of in rows}

    def skus_without_product(self):
        """`{ref: digest}` of the SKUs that are not gone although their product is."""
        return _by_ref(self._mine(Sku).filter(gone_at=None, product__gone_at__isnull=False))

    def _mine(self, model):
        return model.objects.filter(supplier=self._supplier)


class Pairs(Aggregate):
    """Two columns of all rows as the text of one JSON object."""

    output_field = models.TextField()
    arity = 2

    def as_postgresql(self, compiler, connection, **options):
        return self.as_sql(compiler, connection, template="json_object_agg(%(expressions)s)::text", **options)

    def as_sqlite(self, compiler, connection, **options):
        return self.as_sql(compiler, connection, template="json_group_object(%(expressions)s)", **options)


@cache
def program():
    """A digest of the program that makes rows of what suppliers send: a newer one may read the same otherwise."""
    texts = (path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    return hashlib.blake2b(b"\0".join(texts), digest_size=16).digest()


def _fit(refs):
    """Those that a database takes as a text; no row has another."""
    return [ref for ref in refs if "\x00" not in ref]


def _by_ref(rows):
    rows = rows.values_list("supplier_ref", "digest", "gone_at").iterator(chunk_size=5000)
    return {ref: _digest(digest, gone_at) for ref, digest, gone_at in rows}


def _digest(digest, gone_at):
    """A row that was never digested matches nothing, yet it is not gone."""
    return None if gone_at else digest.bytes if digest else b""
