"""Finding the operator of a phone number, before a plan of it is chosen. A page asks and polls; a task fetches."""

import uuid
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway
from catalog.models import Product, Sku
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.ports import PhoneLookup

from . import terms
from .models import PhoneSearch

SEARCH_TASK = "orders.tasks.search_phone"
KEPT_FOR = timedelta(days=1)
LOST_AFTER = timedelta(seconds=5)
GIVES_UP_AFTER = timedelta(minutes=2)
State = PhoneSearch.State


class Wrong(Exception):
    """The number cannot be searched for; the text says what to write instead."""


def suppliers():
    """The connections that can be asked, by name."""
    return gateway.active(PhoneLookup)


def ask(*, supplier, number, by, now):
    """A pending PhoneSearch. Raises Wrong for a number whose country is not certain, with the likely form."""
    number = terms.as_dialled(number.strip())
    problem = terms.phone_problem(number)
    if problem:
        raise Wrong(problem)
    with transaction.atomic():
        search = PhoneSearch.objects.create(supplier=supplier, number=number, asked_at=now, asked_by=by)
        async_task(SEARCH_TASK, str(search.pk))
    return search


def carry_out(*, search):
    """Ask the supplier; the search becomes READY, maybe with no match, or FAILED. One that is answered stays as it is."""
    if search.state != State.PENDING:
        return False
    try:
        matches = gateway.connect(search.supplier).look_up_phone(search.number)
        columns = {"state": State.READY, "matches": [asdict(match) for match in matches]}
    except (SupplierError, gateway.NotConnected) as error:
        columns = {"state": State.FAILED, "note": str(error)[:300]}
    return bool(PhoneSearch.objects.filter(pk=search.pk, state=State.PENDING).update(**columns))


def lost(*, now):
    """Searches that their task did not carry out. Those that have waited too long are given up."""
    pending = list(PhoneSearch.objects.filter(state=State.PENDING, asked_at__lt=now - LOST_AFTER).select_related("supplier"))
    late = [search.pk for search in pending if search.asked_at < now - GIVES_UP_AFTER]
    if late:
        PhoneSearch.objects.filter(pk__in=late, state=State.PENDING).update(
            state=State.FAILED, note=_("The answer did not arrive in time. Ask again."))
    return [search for search in pending if search.pk not in late]


def forget(*, now):
    """Delete searches of days gone by; they hold phone numbers. Gives how many."""
    return PhoneSearch.objects.filter(asked_at__lt=now - KEPT_FOR).delete()[0]


def operators(search):
    """The matches with the mirrored Product of each, None where the catalog does not have it."""
    refs = [match["product_ref"] for match in search.matches]
    products = {product.supplier_ref: product for product in Product.objects.filter(
        supplier=search.supplier_id, supplier_ref__in=refs, gone_at=None, is_active=True).defer("raw")}
    return [{**match, "product": products.get(match["product_ref"])} for match in search.matches]


def plans(product):
    """The SKUs of an operator that can be bought, filed as the supplier files them, cheapest first."""
    return list(Sku.objects.filter(product=product, gone_at=None).select_related("product", "supplier").defer(
        "raw", "product__raw").order_by("category", "price", "min_amount", "id"))


def filled_in(sku, pk, *, by):
    """Initial values of the order form of `sku` for the number that the search `pk` of this person was about, or none."""
    try:
        search = PhoneSearch.objects.filter(pk=uuid.UUID(pk), asked_by=by, supplier=sku.supplier_id).first()
    except ValueError:
        return {}
    fields = [field["name"] for field in sku.product.fields if field.get("kind") == "phone"]
    return {f"fields.{name}": search.number for name in fields} if search else {}
