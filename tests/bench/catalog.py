"""Mirroring a catalog: from the bytes of the supplier's pages to committed rows, against COPY of as many bare rows."""

import json
import os
import resource
import traceback
from contextlib import contextmanager
from decimal import Decimal
from urllib.parse import urlencode

from django.db import connection, transaction
from django.utils import timezone

from catalog import gateway, sync
from catalog.models import Product, Sku, Supplier, SyncChange
from catalog.suppliers.exchange import Answer
from catalog.suppliers.plexy_gate.client import PlexyGate

from .timing import Figure, in_turns, seconds

PAGE = 500
MIRROR = (Product, Sku)
WRITTEN = (*MIRROR, SyncChange)
TYPES = [{"id": 1, "code": "redeem_card", "name": "Redeem card"}]
CATEGORIES = [{"id": 3, "name": "Gaming"}]


class Pages:
    """A transport that gives the pages of a big catalog, made beforehand; `moved` products have another price."""

    def __init__(self, rows):
        self.rows, self.moved = rows, set()
        self.skew_s = None

    def make(self):
        """The bytes of every page, as the supplier would send them."""
        self.answers = {
            number: json.dumps({
                "items": [self._product(n) for n in range((number - 1) * PAGE, min(number * PAGE, self.rows))],
                "page": number, "pageSize": PAGE, "total": self.rows}).encode()
            for number in range(1, -(-self.rows // PAGE) + 1)}

    def send(self, call):
        body = {"listProductTypes": TYPES, "listProductCategories": CATEGORIES}.get(call.operation)
        data = json.dumps(body).encode() if body else self.answers[int(call.query["page"])]
        return Answer(status=200, content_type="application/json", body=data, headers={}, elapsed_ms=1,
                      http_version="HTTP/1.1", skew_s=None)

    def _product(self, n):
        price = Decimal("10.99") if n in self.moved else Decimal("10.49")
        return {"id": 100_000 + n, "name": f"Gift card {n} for a game everybody plays", "slug": f"gift-card-{n}",
                "product_type_id": 1, "category_id": 3, "region_code": "EU", "currency_code": "EUR", "price": str(price),
                "is_active": True, "description": "Redeem it in the shop of the game. " * 4,
                "logo": f"https://cdn.example.invalid/{n}?{urlencode({'v': 2})}"}


def measure(rounds, rows):
    """Figures for a first sync, one without news, one with 1 % of the prices changed, and the memory of the first two.

    COPY of the same rows is the limit twice: a first sync cannot be faster than COPY into the very tables, with all their
    indexes and keys; COPY of the mirror into tables without any measures the machine, for a sync that has little to write.
    """
    supplier = Supplier.objects.create(name="bench", api="plexy_gate", base_url="https://bench.invalid")
    per_product = memory(supplier, rows)  # now, while this process has no memory to spare that a child would use again
    with shop(rows) as pages:
        mirror(supplier)
        raw, full = Raw(MIRROR), Raw(WRITTEN, like="INCLUDING ALL")
        first, limit = in_turns(rounds, lambda: seconds(lambda: mirror(supplier), before=empty), full.seconds)
        same, heap = in_turns(rounds, lambda: seconds(lambda: mirror(supplier)), raw.seconds)
        some = changed(pages, supplier, rounds)
    return [
        _figure("first sync", "COPY into the same tables", limit, first, rows, 0.6),
        _figure("sync without news", "COPY into bare tables", heap, same, rows, 1.7),
        _figure("sync, 1 % changed", "COPY into bare tables", heap, some, rows, 1.25),
        *(Figure(f"memory of a {name}", "64 MB for 200,000", size * 200_000 / (64 * 1024**2), 1.0, True,
                 f"{size:.0f} bytes a product")
          for name, size in zip(("first sync", "sync without news"), per_product, strict=True)),
    ]


@contextmanager
def shop(rows):
    """The Pages of a catalog of so many products, which the gateway connects every supplier to."""
    pages = Pages(rows)
    pages.make()
    client = PlexyGate(pages, {"api_key": "x", "agent_id": "1"}, {"page_size": PAGE})
    real, gateway.connect = gateway.connect, lambda _supplier: client
    try:
        yield pages
    finally:
        gateway.connect = real


def mirror(supplier):
    run = sync.sync(supplier=supplier, now=timezone.now(), started_by="bench")
    if run.status != run.Status.COMPLETE:
        raise SystemExit(f"The sync failed: {run.error}")


def empty():
    with connection.cursor() as cursor:
        tables = ", ".join(model._meta.db_table for model in reversed(WRITTEN))
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        cursor.execute("CHECKPOINT")


def changed(pages, supplier, rounds):
    taken = []
    for number in range(rounds):
        pages.moved = set(range(number, pages.rows, 100)) ^ pages.moved
        pages.make()
        taken.append(seconds(lambda: mirror(supplier)))
    return sorted(taken)[len(taken) // 2]


class Raw:
    """The rows of `models`, ready as the database's own text, and what COPY takes to load them into tables of the same
    columns, and where `like` says so, with the same indexes, checks and foreign keys.
    """

    def __init__(self, models, like=""):
        self.texts, self.name = {}, "full" if like else "raw"
        with connection.cursor() as cursor:
            for model in models:
                table = model._meta.db_table
                cursor.execute(f"CREATE TABLE {self.name}_{table} (LIKE {table} {like})")
                for field in model._meta.concrete_fields:
                    if like and field.remote_field:
                        cursor.execute(self._key(table, field))
                with cursor.copy(f"COPY {table} TO STDOUT") as stream:
                    self.texts[table] = b"".join(stream)

    def _key(self, table, field):
        other = field.remote_field.model
        there = f"{self.name}_{other._meta.db_table}" if other in WRITTEN else other._meta.db_table
        return (f"ALTER TABLE {self.name}_{table} ADD FOREIGN KEY ({field.column}) REFERENCES {there} (id)"
                " DEFERRABLE INITIALLY DEFERRED")

    def seconds(self):
        return seconds(self._load, before=self._empty)

    def _empty(self):
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(f'{self.name}_{table}' for table in self.texts)}")
            cursor.execute("CHECKPOINT")

    def _load(self):
        with transaction.atomic(), connection.cursor() as cursor:
            for table, text in self.texts.items():
                with cursor.copy(f"COPY {self.name}_{table} FROM STDIN") as stream:
                    stream.write(text)


def memory(supplier, rows):
    """Bytes that a product adds to what a process takes at most in a first sync, and in one without news, whatever the
    process itself takes.

    From `rows` products to five times as many, nearer to the size of which the goal speaks: small sets grow by larger steps.
    """
    few, many = (both_grown(supplier, size) for size in (rows, 5 * rows))
    return [max(more - less, 0) / (4 * rows) for less, more in zip(few, many, strict=True)]


def both_grown(supplier, rows):
    sizes = [grown(supplier, rows), grown(supplier, rows)]
    empty()
    return sizes


def grown(supplier, rows):
    """Bytes that a sync of so many products adds to a process of its own. Raises RuntimeError where that process failed."""
    connection.close()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with shop(rows):
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                mirror(supplier)
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os.write(write, str(grown).encode())
        except BaseException:  # a forked copy must never go on as its parent
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        grown = told.read()
    os.waitpid(child, 0)
    if not grown:
        raise RuntimeError("The sync whose memory was to be measured failed; the lines above say why.")
    return int(grown) * 1024


def _figure(name, reference, limit, ours, rows, goal):
    return Figure(name, reference, limit / ours, goal, False, f"{rows / ours:,.0f} products a second")
