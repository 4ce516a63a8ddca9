"""Making a whole walk the catalog, in one transaction: write what is new or changed, retire what is gone, say what changed.

Unchanged rows are not written. Nothing is deleted.
"""

from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from django.db import transaction

from . import bulk
from .models import Category, Product, ProductType, Sku, SyncChange, SyncRun
from .words import search_text

BATCH = 2000  # rows held in memory
MODELS = {"types": ProductType, "categories": Category, "products": Product, "skus": Sku}
Kind = SyncChange.Kind


class Overtaken(Exception):
    """The run is no longer running: it was taken for dead and another one began. Nothing was published."""


@dataclass
class Published:
    """What became of the products, by product."""

    created: set = field(default_factory=set)
    changed: set = field(default_factory=set)
    retired: set = field(default_factory=set)


def publish(*, run, walk, now):
    """Publish `walk` and finish `run` with its counts, all or nothing. Raises Overtaken."""
    with transaction.atomic():
        if not SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING).update(stage="publishing"):
            raise Overtaken
        published = _Publication(run, walk, now).carry_out()
        run.status, run.stage, run.finished_at, run.heartbeat_at = SyncRun.Status.COMPLETE, "complete", now, now
        run.created, run.changed = len(published.created), len(published.changed)
        run.retired = len(published.retired)
        run.unchanged = len(walk.products.seen) - run.created - run.changed
        run.save(update_fields=[
            "status", "stage", "finished_at", "heartbeat_at", "created", "changed", "unchanged", "retired", "pages",
            "rows", "warnings"])


class _Publication:
    """One publication, a batch of rows at a time. `untold` holds the products of which no SKU has told a change yet."""

    def __init__(self, run, walk, now):
        self.run, self.walk, self.now = run, walk, now
        self.supplier_id = run.supplier_id
        self.changes, self.untold = [], {}
        self.result = Published()

    def carry_out(self):
        types = self._names("types")
        categories = self._names("categories")
        self._products(types, categories)
        self._skus()
        if self.walk.may_retire:
            self._retire()
        self._retell()
        self._keep_changes()
        self.result.changed -= self.result.retired
        return self.result

    def _names(self, sort):
        """Write fresh types or categories; ids of those that products may point at."""
        found = getattr(self.walk, sort)
        self._write(MODELS[sort], list(found.fresh), found.known)
        if self.walk.may_retire:
            self._retire_rows(MODELS[sort], found.missing())
        return dict(self._mine(MODELS[sort]).values_list("supplier_ref", "id"))

    def _products(self, types, categories):
        """Write fresh products."""
        before = self.walk.products.known
        for rows in _batches(self.walk.products.fresh):
            self._write(Product, rows, before, lambda columns: {
                "told": _told(columns.pop("told")),
                "type_id": types.get(columns.pop("type_ref")), "category_id": categories.get(columns.pop("category_ref")),
                "search_text": search_text(*columns.pop("words"))})
            for ref, pk in self._ids(Product, {row.ref for row in rows}).items():
                self.untold[pk] = kind = _kind(before, ref)
                (self.result.created if kind == Kind.NEW else self.result.changed).add(pk)

    def _skus(self):
        """Write fresh SKUs and say what became of them; the products of the rest are told of themselves."""
        before = self.walk.skus.known
        for rows in _batches(self.walk.skus.fresh):
            prices = self._prices(row.ref for row in rows if row.ref in before)
            products = self._ids(Product, {row.columns["product_ref"] for row in rows})
            self._write(Sku, rows, before, lambda columns, products=products: {
                "product_id": products[columns.pop("product_ref")]})
            ids = self._ids(Sku, {row.ref for row in rows})
            for row in rows:
                product_id, kind = products[row.columns["product_ref"]], _kind(before, row.ref)
                self._tell_sku(ids[row.ref], product_id, row.columns, kind, prices.get(row.ref))
            self._keep_changes()
        for product_id, kind in self.untold.items():
            self._tell(kind, product_id=product_id)

    def _tell_sku(self, pk, product_id, columns, kind, before):
        self._note_changed(product_id)
        self.untold.pop(product_id, None)
        price, currency = columns["price"], columns["currency"]
        if kind == Kind.CHANGED and before != (price, currency):
            kind = Kind.PRICE
        old = before[0] if before and kind in (Kind.PRICE, Kind.BACK) else None
        new = None if kind == Kind.CHANGED else price
        self._tell(kind, product_id=product_id, sku_id=pk, old_price=old, new_price=new, currency=currency)

    def _retell(self):
        """What was told of products that are as they were; nothing for those that have to be read again."""
        products, unsure = self.walk.products, set(self.walk.unsure)
        if not self.walk.may_retire:  # they may have SKUs that should be gone
            unsure.update(ref for ref in products.known if ref in products.seen)
        for refs in _batches(self.walk.retold):
            ids = self._ids(Product, refs)
            bulk.revise(Product, "told", {pk: _told(self.walk.retold[ref]) for ref, pk in ids.items()})
        for refs in _batches(unsure):
            bulk.among(self._mine(Product), "supplier_ref", refs).exclude(told=None).update(told=None)

    def _retire(self):
        skus = self._retire_rows(Sku, self.walk.skus.missing(), "product_id", "currency", "price")
        for pk, product_id, currency, price in skus:
            self._note_changed(product_id)
            self._tell(Kind.GONE, sku_id=pk, product_id=product_id, currency=currency, old_price=price)
        told = {product_id for _, product_id, *_ in skus}
        for (pk,) in self._retire_rows(Product, self.walk.products.missing()):
            self.result.retired.add(pk)
            if pk not in told:
                self._tell(Kind.GONE, product_id=pk)

    def _retire_rows(self, model, refs, *columns):
        """Mark rows gone; their ids and the `columns` asked for."""
        gone = []
        for some in _batches(refs):
            rows = bulk.among(self._mine(model).filter(gone_at=None), "supplier_ref", some)
            gone += rows.values_list("id", *columns)
            rows.update(gone_at=self.now, changed_at=self.now)
        return gone

    def _write(self, model, rows, known, links=lambda columns: {}):
        """Insert rows, or overwrite those that are `known`. `links` takes refs and words out of the columns and gives what
        they become.
        """
        bulk.insert(model, (self._written(row, links) for row in rows if row.ref not in known))
        bulk.upsert(
            model, (self._written(row, links) for row in rows if row.ref in known),
            unique=("supplier_id", "supplier_ref"), kept=("first_seen_at",))

    def _written(self, row, links):
        columns = dict(row.columns)
        return {
            **links(columns), **columns, "supplier_id": self.supplier_id, "supplier_ref": row.ref,
            "digest": UUID(bytes=row.digest), "first_seen_at": self.now, "changed_at": self.now, "gone_at": None}

    def _note_changed(self, product_id):
        if product_id not in self.result.created:
            self.result.changed.add(product_id)

    def _tell(self, kind, *, product_id, sku_id=None, old_price=None, new_price=None, currency=""):
        self.changes.append({
            "run_id": self.run.pk, "kind": kind.value, "product_id": product_id, "sku_id": sku_id,
            "old_price": old_price, "new_price": new_price, "currency": currency, "at": self.now})

    def _keep_changes(self):
        bulk.insert(SyncChange, self.changes)
        self.changes = []

    def _prices(self, refs):
        """`{ref: (price, currency)}` of SKUs before they are written."""
        rows = bulk.among(self._mine(Sku), "supplier_ref", refs).values_list("supplier_ref", "price", "currency")
        return {ref: (price, currency) for ref, price, currency in rows}

    def _ids(self, model, refs):
        return dict(bulk.among(self._mine(model), "supplier_ref", refs).values_list("supplier_ref", "id"))

    def _mine(self, model):
        return model.objects.filter(supplier_id=self.supplier_id)


def _told(digest):
    """The digest as it is kept."""
    return UUID(digest) if digest else None


def _kind(before, ref):
    if ref not in before:
        return Kind.NEW
    return Kind.BACK if before[ref] is None else Kind.CHANGED


def _batches(rows):
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch
