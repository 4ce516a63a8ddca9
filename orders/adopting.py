"""Making a purchase that nobody here knew an order of ours, so that its codes are kept and it is followed to its end."""

import hashlib
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway, vault
from catalog.models import Sku
from catalog.suppliers.errors import SupplierError
from funding import reserving

from . import observing
from .lifecycle import tell
from .models import Attempt, Event, Observation, Order, UnmatchedPurchase
from .models.attempt import State
from .models.order import Status
from .placing import new_reference

MOST_SKUS = 1000
LOST_AFTER = timedelta(seconds=30)
MOST_LOST = 20
ADOPT_TASK = "orders.tasks.adopt"
Stage = UnmatchedPurchase.State


class CannotAdopt(Exception):
    """The purchase cannot become an order here; the text says why and what to do."""


def ask(*, purchase, by, now):
    """Have a worker read the purchase at its supplier and make it an order; gives whether it was still open."""
    with transaction.atomic():
        asked = UnmatchedPurchase.objects.filter(pk=purchase.pk, state=Stage.OPEN).update(
            state=Stage.ADOPTING, by=by, note="", decided_at=now)
        if asked:
            async_task(ADOPT_TASK, purchase.pk)
    return bool(asked)


def adopt(*, purchase, now):
    """Read the purchase and make it an order. What stands in the way is noted on it, and it is open again.

    Gives whether it waited for that.
    """
    if purchase.state != Stage.ADOPTING:
        return False
    try:
        placement = gateway.connect(purchase.supplier).fetch(purchase.supplier_order_id)
        _become_order(purchase, placement, now)
    except (SupplierError, gateway.NotConnected, CannotAdopt) as problem:
        UnmatchedPurchase.objects.filter(pk=purchase.pk, state=Stage.ADOPTING).update(
            state=Stage.OPEN, note=str(problem)[:300])
    return True


def lost(*, now):
    """Purchases that no task has taken over although somebody asked for it."""
    return list(UnmatchedPurchase.objects.select_related("supplier", "by").filter(
        state=Stage.ADOPTING, decided_at__lt=now - LOST_AFTER).order_by("decided_at")[:MOST_LOST])


def _become_order(purchase, placement, now):
    _refuse_known(purchase, placement)
    sku = _sku(purchase, placement)
    if not placement.currency or placement.total is None:
        raise CannotAdopt(_("The supplier tells no charge for it. Ask its support, then explain it with a note."))
    with transaction.atomic():
        reserving.lock(supplier_id=purchase.supplier_id, currency=placement.currency)
        if not UnmatchedPurchase.objects.select_for_update().filter(pk=purchase.pk, state=Stage.ADOPTING).exists():
            return
        order = _order(purchase, placement, sku, now)
        attempt = _attempt(purchase, placement, order, now)
        tell(order_id=order.pk, kind=Event.Kind.PLACED, by=purchase.by, now=now,
             text=f"Taken over: order {placement.order_id} stood at the supplier, and no order here explained it")
        seen = observing.apply(attempt_id=attempt.pk, placement=placement, source=Observation.Source.FIND, now=now)
        if seen.state != State.ACCEPTED:
            raise CannotAdopt(_("What the supplier tells about it does not fit together. Ask its support."))
        UnmatchedPurchase.objects.filter(pk=purchase.pk).update(state=Stage.ADOPTED, order=order, decided_at=now)


def _refuse_known(purchase, placement):
    ours = Q(supplier_order_id=purchase.supplier_order_id) | (Q(ref=placement.ref) if placement.ref else Q())
    known = Attempt.objects.filter(ours, supplier=purchase.supplier_id).select_related("order").first()
    if known is not None:
        raise CannotAdopt(_("It is known by now: it belongs to order %(order)s. Explain it with a note.") % {
            "order": known.order.reference})


def _sku(purchase, placement):
    """The SKU that was bought. Some suppliers name the product only; the charge then tells which of its SKUs it was."""
    told = placement.sku_ref or purchase.sku_ref
    ours = Sku.objects.select_related("product").filter(supplier=purchase.supplier)
    sku = ours.filter(supplier_ref=told).first()
    if sku is None and placement.total is not None:
        fits = [one for one in ours.filter(product__supplier_ref=told, currency=placement.currency)[:MOST_SKUS]
                if one.price is not None and one.price * (placement.quantity or 1) == placement.total]
        sku = fits[0] if len(fits) == 1 else None
    if sku is None:
        raise CannotAdopt(_("The SKU %(sku)s is not in the catalog. Synchronise it, then try again.") % {
            "sku": told or _("(not told)")})
    return sku


def _order(purchase, placement, sku, now):
    return Order.objects.create(
        reference=new_reference(), submission_token=uuid.uuid4(), payload_digest="", supplier_id=purchase.supplier_id,
        sku=sku, quantity=placement.quantity or 1, agreed_total=placement.total, currency=placement.currency,
        status=Status.UNKNOWN, is_test=placement.is_test, placed_by=purchase.by,
        created_at=placement.created_at or now, changed_at=now)


def _attempt(purchase, placement, order, now):
    """It stands for what somebody sent; we have no bytes of it, and nothing is ever sent under it."""
    ref = placement.ref if 0 < len(placement.ref) <= 36 else str(uuid.uuid4())
    sent_at = placement.created_at or now
    return Attempt.objects.create(
        order=order, supplier_id=purchase.supplier_id, ref=ref, quantity=order.quantity, agreed_total=placement.total,
        currency=placement.currency, state=State.UNKNOWN, unknown_since=now, due_at=now, first_sent_at=sent_at,
        last_sent_at=sent_at, send_count=1, sealed_body=vault.seal("", place=f"attempt:{ref}:body"),
        body_digest=hashlib.sha256(b"").hexdigest(), created_at=sent_at, changed_at=now, queued_at=sent_at)
