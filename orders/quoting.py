"""Asking what a purchase would cost now, before a person confirms it.

A page asks and polls; a task fetches, because no page waits for a supplier.
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.ports import Quoter
from funding import refreshing

from . import chunking
from .asking import request_for
from .models import Quote

VALID_FOR = timedelta(seconds=120)
KEEP_UNCONFIRMED = timedelta(days=1)
FETCH_TASK = "orders.tasks.fetch_quote"


def ask(*, sku, terms, by, now):
    """A pending Quote for these terms; its price arrives with `fetch`."""
    with transaction.atomic():
        quote = record(sku=sku, terms=terms, by=by, now=now)
        async_task(FETCH_TASK, str(quote.pk))
    return quote


def record(*, sku, terms, by, now):
    """A pending Quote, without asking anybody to fetch it."""
    return Quote.objects.create(
        sku=sku, quantity=terms.quantity, amount=terms.amount, fields=dict(terms.fields),
        request_digest=terms.digest, asked_at=now, asked_by=by)


def fetch(*, quote, now):
    """Ask the supplier for price and balance; the quote becomes READY, or REFUSED with a reason. Gives the quote.

    A quote that is no longer pending is left as it is, so a task that runs twice asks for nothing new.
    """
    if quote.state != Quote.State.PENDING:
        return quote
    try:
        columns = _ready(_parts(quote), now)
        refreshing.read_balances(supplier=quote.sku.supplier, now=now)
    except (SupplierError, gateway.NotConnected) as error:
        columns = _refused(_("No price: %(reason)s") % {"reason": error})
    Quote.objects.filter(pk=quote.pk, state=Quote.State.PENDING).update(**columns)
    quote.refresh_from_db()
    return quote


def forget(*, now):
    """Delete quotes that nobody confirmed; they hold who wanted what. Gives how many."""
    return Quote.objects.filter(asked_at__lt=now - KEEP_UNCONFIRMED, orders=None).delete()[0]


def price_of(*, sku, quantity, amount, fields):
    """The supplier's price now, as a `types.Quote`. Raises SupplierError or gateway.NotConnected."""
    if not gateway.supports(sku.supplier, Quoter):
        raise gateway.NotConnected(_("%(supplier)s gives no prices.") % {"supplier": sku.supplier.name})
    return gateway.connect(sku.supplier).quote(request_for(
        ref="", sku=sku, quantity=quantity, amount=amount, fields=fields, currency=sku.currency))


def _parts(quote):
    """(quantity, price) of each part that the purchase would be bought in. Each size is asked for once."""
    sizes = chunking.sizes(sku=quote.sku, quantity=quote.quantity)
    prices = {size: price_of(sku=quote.sku, quantity=size, amount=quote.amount, fields=quote.fields)
              for size in dict.fromkeys(sizes)}
    return [(size, prices[size]) for size in sizes]


def _ready(parts, now):
    """Dated by the clock that judges its age, and by when the asking began; this host's own clock may be off."""
    prices = [price for _size, price in parts]
    first = prices[0]
    unavailable = next((price for price in prices if not price.is_available), None)
    if unavailable:
        return _refused(unavailable.note or _("Not available at the supplier just now."))
    if any(price.total <= 0 for price in prices):  # nothing is free: it would go past every limit and every balance
        return _refused(_("The supplier names no price just now."))
    if len({price.currency for price in prices}) > 1:
        return _refused(_("The supplier names prices in several currencies for one purchase."))
    return {
        "state": Quote.State.READY, "total": sum(price.total for price in prices), "currency": first.currency,
        "unit_price": first.unit_price, "is_estimate": any(price.is_estimate for price in prices),
        "note": first.note[:300], "fetched_at": now, "expires_at": now + VALID_FOR,
        "parts": [[size, str(price.total)] for size, price in parts],
    }


def _refused(note):
    return {"state": Quote.State.REFUSED, "note": str(note)[:300]}
