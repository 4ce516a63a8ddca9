"""The order list with many orders: its query at any depth, its rarest filter, and the whole page."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from html import escape

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import bulk
from catalog.models import Product, Sku, Supplier
from orders import paging, search
from orders.models import Order

from .timing import Figure, in_turns, repeated, told

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TIMES = 30
PREFIX = "BENCH-00000"  # of a hundred orders


def measure(rounds, rows):
    """Figures of the first page, a page in the middle, a status nobody has, a search, and the pages as HTML."""
    fill(rows)
    middle = paging.cursor(Order.objects.order_by("created_at")[rows // 2])
    ids = list(Order.objects.order_by("-created_at").values_list("pk", flat=True)[:paging.SIZE])
    reference = repeated(lambda: list(Order.objects.filter(pk__in=ids)), TIMES)
    figures = []
    for name, goal, act in (
        ("orders, first page", 1.3, lambda: paging.page(Order.objects.all())),
        ("orders, half way down", 1.3, lambda: paging.page(Order.objects.all(), after=middle)),
        ("orders of a status nobody has", 1.3, lambda: paging.page(Order.objects.filter(status="unknown"))),
        ("orders, search", 2, lambda: paging.page(search.among(Order.objects.all(), PREFIX))),
    ):
        ours, floor = in_turns(rounds, repeated(act, TIMES), reference)
        figures.append(Figure(name, "50 rows by key", ours / floor, goal, True, told(ours)))
    return [*figures, *whole_page(rounds)]


def whole_page(rounds):
    client = Client()
    client.force_login(User.objects.create_superuser("bench"), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("orders:list")
    addresses = {"order list as HTML": address, "order list, search": f"{address}?q={PREFIX}"}
    figures = []
    for name, address in addresses.items():
        plain = partial(plain_page, questions_of(client, address))
        ours, floor = in_turns(rounds, repeated(partial(client.get, address), TIMES), repeated(plain, TIMES))
        figures.append(Figure(name, "its SQL and f-strings, bare", ours / floor, 3.5, True, told(ours)))
    return figures


def questions_of(client, address):
    """The statements that the page at `address` asks the database, with their values."""
    client.get(address)  # what is kept between requests is not asked again
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return [query["sql"] for query in captured]


def plain_page(questions):
    """All that a page has to do at least: ask its questions, those of the session and of the person among them, and write
    each value of what comes back into a cell, escaped.
    """
    rows = []
    with connection.cursor() as cursor:
        for sql in questions:
            cursor.execute(sql)
            rows += cursor.fetchall()
    return "".join(f"<tr>{''.join(f'<td>{escape(str(value))}</td>' for value in row)}</tr>" for row in rows)


def fill(rows):
    seen = {"first_seen_at": NOON, "changed_at": NOON}
    supplier = Supplier.objects.create(name="lists", api="giftapi", base_url="https://lists.invalid")
    product = Product.objects.create(supplier=supplier, supplier_ref="p", name="Card", kind="voucher", **seen)
    sku = Sku.objects.create(supplier=supplier, supplier_ref="s", product=product, name="Card 5 USD", denomination="fixed",
                             price=Decimal("5.20"), currency="USD", **seen)
    plain = {field.attname: field.get_default() for field in Order._meta.concrete_fields}
    plain |= {"payload_digest": "0" * 64, "supplier_id": supplier.pk, "sku_id": sku.pk, "quantity": 1, "currency": "USD",
              "agreed_total": Decimal("5.20"), "status": "completed", "changed_at": NOON, "finished_at": NOON}
    with transaction.atomic():
        bulk.insert(Order, (
            {**plain, "id": uuid.uuid4(), "reference": f"BENCH-{n:07d}", "submission_token": uuid.uuid4(),
             "created_at": NOON - timedelta(seconds=n)} for n in range(rows)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_order")
