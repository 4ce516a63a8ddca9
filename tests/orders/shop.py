"""A shop against the failure lab: one voucher SKU and one top-up SKU per supplier, and the usual steps in one call each."""

import uuid
from datetime import timedelta

import time_machine

from catalog import gateway
from catalog.models import Product, Sku
from funding import refreshing
from orders import placing, quoting, sweep, terms
from orders.models import Attempt, Order, Quote
from tests.suppliers.wire import read


def mirror(supplier, wanted, now):
    """The first SKU at the supplier that `wanted(product_row, offer)` likes, as rows, the way the sync maps them."""
    return shelved(supplier, *offered(supplier, wanted), now)


def offered(supplier, wanted):
    """What it tells of that SKU: `(product, offer, price)`."""
    client = gateway.connect(supplier)
    prices = {price.sku_ref: price for page in pages(client.prices) for price in page.items}
    for page in pages(client.products):
        for product in read(page):
            for offer in product.offers:
                if product.is_active and wanted(product, prices.get(offer.ref, offer)):
                    return product, offer, prices.get(offer.ref, offer)
    raise LookupError("the lab sells no such SKU")


def pages(ask):
    cursor, more = None, True
    while more:
        page = ask(cursor)
        yield page
        cursor, more = page.next_cursor, page.next_cursor is not None


def shelved(supplier, product, offer, price, now):
    seen = {"supplier": supplier, "first_seen_at": now, "changed_at": now}
    row = Product.objects.create(
        supplier_ref=product.ref, name=product.name, kind=product.kind, region=product.region,
        fields=[{"name": f.name, "label": f.label, "kind": f.kind, "required": f.required, "choices": list(f.choices)}
                for f in product.fields], **seen)
    return Sku.objects.create(
        supplier_ref=offer.ref, product=row, name=offer.name, denomination=offer.denomination, price=price.price,
        currency=price.currency, face_currency=offer.face_currency or price.face_currency or price.currency,
        min_amount=offer.min_amount, max_amount=offer.max_amount, step=offer.step, stock=price.stock,
        max_per_order=price.max_per_order, category=offer.category, **seen)


def quoted(sku, now, *, quantity=1, amount=None, fields=None, by=None):
    """Checked terms and a fetched quote."""
    wanted = terms.check(sku=sku, quantity=quantity, amount=amount, fields=fields or {})
    quote = quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=by, now=now), now=now)
    if quote.state != Quote.State.READY:
        raise AssertionError(f"no quote: {quote.note}")
    return wanted, quote


def confirmed(sku, now, *, token=None, reference="", by=None, **asked):
    """An order that staff confirmed; nothing sent yet."""
    refreshing.read_balances(supplier=sku.supplier, now=now)
    wanted, quote = quoted(sku, now, **asked)
    return placing.confirm(token=token or uuid.uuid4(), sku=sku, terms=wanted, quote=quote, reference=reference, by=by,
                           now=now, repeat=True)


def sweep_at(now):
    """One sweep at `now`, by our clock and by the lab's: what we sign is dated by ours and judged by theirs."""
    with time_machine.travel(now, tick=True):
        sweep.run_due(now=now)


def run_until(order, now, *, hours=1.0, step_s=20, stop=()):
    """Sweep until the order has one of the `stop` statuses, or is final; gives the order. All clocks run ahead alike."""
    ends = now + timedelta(hours=hours)
    while now <= ends:
        sweep_at(now)
        order = Order.objects.get(pk=order.pk)
        if order.is_final or order.status in stop:
            break
        due = Attempt.objects.filter(order=order, due_at__isnull=False).order_by("due_at").values_list(
            "due_at", flat=True).first()
        now = max(now + timedelta(seconds=step_s), due or now)
    return order


def fail(lab, sku, fault, times=1, **options):
    lab.fail(sku.supplier.api, operation("createOrder", sku), fault, times=times, **options)


def operation(name, sku):
    """The operation on orders that the contract of this SKU's supplier has, where it is called otherwise."""
    return name.replace("Order", "VoucherOrder") if sku.supplier.api == "octopus_cards" else name


def number(order):
    """What the supplier calls the order or attempt; some of our ids say of which sort it is, too."""
    return order.supplier_order_id.rpartition(":")[2]


def attempt_of(order):
    return Attempt.objects.get(order=order)


def bought(books, order):
    return len(books.purchases(attempt_of(order).ref))
