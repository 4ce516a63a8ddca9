"""Mirroring a catalog: from the bytes of the supplier's pages to committed rows, against COPY of as many bare rows."""

import json
import os
import resource
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
WRITTEN = (Product, Sku, SyncChange)
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
    """Figures for a first sync, one without news, one with 1 % of the prices changed, and the memory of the first."""
    pages = Pages(rows)
    pages.make()
    supplier = Supplier.objects.create(name="bench", api="plexy_gate", base_url="https://bench.invalid")
    client = PlexyGate(pages, {"api_key": "x", "agent_id": "1"}, {"page_size": PAGE})
    real, gateway.connect = gateway.connect, lambda _supplier: client
    try:
        mirror(supplier)
        raw = Raw()
        first, limit = in_turns(rounds, lambda: seconds(lambda: mirror(supplier), before=empty), raw.seconds)
        same, _ = in_turns(rounds, lambda: seconds(lambda: mirror(supplier)), raw.seconds)
        some = changed(pages, supplier, rounds)
        megabytes = memory(supplier)
    finally:
        gateway.connect = real
    return [
        _figure("first sync", limit, first, rows, 0.28),
        _figure("sync without news", limit, same, rows, 1.7),
        _figure("sync, 1 % changed", limit, some, rows, 1.25),
        Figure("memory of a first sync", "64 MB for 200,000", megabytes / 64 * 200_000 / rows, 1.0, True,
               f"{megabytes:.0f} MB"),
    ]


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
    """The same rows, ready as the database's own text, and what COPY takes to load them into tables without an index."""

    def __init__(self):
        self.texts = {}
        with connection.cursor() as cursor:
            for model in WRITTEN:
                table = model._meta.db_table
                cursor.execute(f"CREATE TABLE raw_{table} (LIKE {table})")
                with cursor.copy(f"COPY {table} TO STDOUT") as stream:
                    self.texts[table] = b"".join(stream)

    def seconds(self):
        return seconds(self._load, before=self._empty)

    def _empty(self):
        with connection.cursor() as cursor:
            for table in self.texts:
                cursor.execute(f"TRUNCATE raw_{table}")
            cursor.execute("CHECKPOINT")

    def _load(self):
        with transaction.atomic(), connection.cursor() as cursor:
            for table, text in self.texts.items():
                with cursor.copy(f"COPY raw_{table} FROM STDIN") as stream:
                    stream.write(text)


def memory(supplier):
    """Megabytes that a first sync adds to a process of its own."""
    empty()
    connection.close()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        mirror(supplier)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(write, str(grown).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(read, 32)) / 1024


def _figure(name, reference, ours, rows, goal):
    return Figure(name, "COPY of the same rows", reference / ours, goal, False, f"{rows / ours:,.0f} products a second")
