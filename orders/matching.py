"""Comparing a supplier's whole list of orders with ours: what was bought there must be known here.

An order there that carries one of our references is told to its attempt. Any other becomes an UnmatchedPurchase, for a
person: it was bought past Purser, or before an older copy of the database was put in place.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from catalog import gateway
from catalog.clock import Watch
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.paging import walk

from . import observing
from .models import Attempt, Observation, OrderComparison, UnmatchedPurchase

logger = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(minutes=5)
HISTORY = {"state": UnmatchedPurchase.State.EXPLAINED, "note": "Stood there before the first comparison"}


@dataclass
class Matched:
    """How many orders were read there, how many told an attempt of ours something it did not know, how many nobody knows."""

    read: int = 0
    found: int = 0
    unmatched: int = 0


def match(*, supplier, now):
    """Read every order of `supplier` (which has the port OrderBook) and compare; gives Matched.

    Orders from before the connection was made are not ours to explain; where a supplier tells no dates, that is what stood
    there at the first comparison. Raises SupplierError or gateway.NotConnected for a
    list that could not be read to its end; what was compared until then stands.
    """
    client, watch, matched = gateway.connect(supplier), Watch(now), Matched()
    is_first = not OrderComparison.objects.filter(supplier=supplier).exists()
    for page in walk(client.orders):
        matched.read += len(page.items)
        _match_page(supplier, client, page.items, matched, watch, is_first)
    OrderComparison.objects.update_or_create(
        supplier=supplier, defaults={"last_at": watch.now(), **vars(matched)},
        create_defaults={"first_at": now, "last_at": watch.now(), **vars(matched)})
    return matched


def explain(*, purchase, note, by, now):
    """Staff know what an open purchase was; gives whether it was still open. Raises NoNote."""
    note = " ".join(note.split())
    if not note:
        raise NoNote
    return bool(UnmatchedPurchase.objects.filter(pk=purchase.pk, state=UnmatchedPurchase.State.OPEN).update(
        state=UnmatchedPurchase.State.EXPLAINED, note=note[:300], by=by, decided_at=now))


class NoNote(Exception):
    """An explanation needs words."""


def _match_page(supplier, client, placements, matched, watch, is_first):
    ours = Attempt.objects.filter(supplier=supplier)
    known = set(ours.filter(supplier_order_id__in=[one.order_id for one in placements]).values_list(
        "supplier_order_id", flat=True))
    by_ref = dict(ours.filter(ref__in=[one.ref for one in placements if one.ref]).values_list("ref", "pk"))
    for placement in placements:
        if placement.order_id in known:
            continue
        if placement.ref in by_ref:
            observing.apply(attempt_id=by_ref[placement.ref], placement=_whole(client, placement),
                            source=Observation.Source.FIND, now=watch.now())
            matched.found += 1
        elif placement.created_at is None:
            matched.unmatched += _keep(supplier, placement, watch.now(), HISTORY if is_first else {})
        elif placement.created_at >= supplier.created_at - CLOCKS_DIFFER:
            matched.unmatched += _keep(supplier, placement, watch.now())


def _whole(client, listed):
    """The order with what it delivered, which a list may leave out; as it was listed where it cannot be read."""
    try:
        return client.fetch(listed.order_id)
    except SupplierError as error:
        logger.info("order %s could not be read: %s", listed.order_id, type(error).__name__)
        return listed


def _keep(supplier, placement, now, standing=None):
    told = {"word": placement.word[:60], "total": placement.total, "currency": placement.currency[:3]}
    purchase, _ = UnmatchedPurchase.objects.update_or_create(
        supplier=supplier, supplier_order_id=placement.order_id[:100], defaults=told, create_defaults={
            **told, "ref": placement.ref[:100], "sku_ref": placement.sku_ref[:100], "ordered_at": placement.created_at,
            "first_seen_at": now, **(standing or {})})
    return purchase.state == UnmatchedPurchase.State.OPEN
