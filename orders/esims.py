"""eSIMs that were sold: found by their ICCID or told by the order that delivered them, read at their supplier, revealed."""

import json
from dataclasses import asdict
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway, vault
from catalog.models import Sku
from catalog.suppliers import ports
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.esims import ICCID_FIELD, is_iccid, is_mistyped
from catalog.suppliers.types import ProductKind

from . import delivery
from .models import Esim, EsimEvent

READ_TASK = "orders.tasks.read_esim"
LEASE = timedelta(seconds=60)  # longer than a reading may take with its retries
Kind = EsimEvent.Kind


class OddIccid(Exception):
    """What was typed is no ICCID; the text says what is wrong with it."""


class NoActivationCode(Exception):
    """The supplier told no activation code of this eSIM."""


def check_iccid(typed):
    """The ICCID in what a person typed, without blanks and dashes. Raises OddIccid."""
    iccid = typed.replace(" ", "").replace("-", "")
    if not is_iccid(iccid):
        raise OddIccid(_("An ICCID is 18 to 22 digits, most often 19 or 20 that begin with 89."))
    if is_mistyped(iccid):
        raise OddIccid(_("The last digit does not fit the others: a digit is wrong, missing or swapped. Compare it again."))
    return iccid


def enter(*, supplier, iccid, by, now):
    """The Esim of that ICCID at `supplier`, to be read now. Raises OddIccid."""
    iccid = check_iccid(iccid)
    with transaction.atomic():
        esim, is_new = Esim.objects.get_or_create(
            supplier=supplier, iccid=iccid, defaults={"created_at": now})
        _ask(esim, Kind.ENTERED if is_new else Kind.ASKED, by, now)
    return esim


def ask(*, esim, by, now):
    """Have `esim` read now, because a person wants to know."""
    with transaction.atomic():
        _ask(esim, Kind.ASKED, by, now)


def take_delivered(*, order, deliveries, now):
    """Keep the eSIMs that `order` delivered, or the one it topped up, and have them read. In the caller's transaction."""
    if order.sku.product.kind != ProductKind.ESIM or not gateway.supports(order.supplier, ports.EsimDesk):
        return
    for iccid in filter(None, map(_iccid_of, deliveries)):
        is_top_up = order.fields.get(ICCID_FIELD) == iccid
        esim, is_new = Esim.objects.get_or_create(
            supplier=order.supplier, iccid=iccid, defaults={"created_at": now, "order": None if is_top_up else order})
        if not is_top_up and not is_new and esim.order_id is None:
            Esim.objects.filter(pk=esim.pk).update(order=order)
        Esim.objects.filter(pk=esim.pk).update(due_at=now)
        _tell(esim, Kind.DELIVERED, now, f"{order.sku.name}{' added' if is_top_up else ''}, order {order.reference}")


def due(*, now, limit):
    """Ids of the eSIMs to read, the longest waiting first."""
    waiting = Esim.objects.filter(due_at__lte=now, supplier__is_active=True)
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:limit])


def read(*, pk, now, clock):
    """Read one eSIM at its supplier if it is due. True if this call read it; `clock()` dates what came of it."""
    if not Esim.objects.filter(pk=pk, due_at__lte=now).update(due_at=now + LEASE):
        return False
    esim = Esim.objects.select_related("supplier").get(pk=pk)
    try:
        told = gateway.connect(esim.supplier).esim_status(esim.iccid)
    except (gateway.NotConnected, SupplierError) as problem:
        changes = {"problem": str(problem)[:300]}
    else:
        changes = {**_columns(esim, told), "problem": "", "read_at": clock()}
    # Who asked in the meantime finds another due_at, and is not forgotten.
    Esim.objects.filter(pk=pk).update(**changes)
    Esim.objects.filter(pk=pk, due_at=now + LEASE).update(due_at=None)
    return True


def reveal(*, esim, by, reason, now):
    """The activation code of `esim` for `by`, who needs the permission and gives a reason.

    The event is committed before anything is opened. Raises PermissionDenied, delivery.NoReason, NoActivationCode,
    delivery.TooManyReveals, or vault.Unreadable.
    """
    if not by.has_perm("orders.reveal_code"):
        raise PermissionDenied("orders.reveal_code")
    reason = delivery.check_reason(reason)
    if not esim.sealed_activation:
        raise NoActivationCode(_("The supplier told no activation code of this eSIM."))
    with transaction.atomic(durable=True):
        recent = delivery.over_cap(by=by, count=1, now=now)
        if recent:
            _tell(esim, Kind.CAPPED, now, delivery.asked_too_much(recent, reason), by)
        else:
            _tell(esim, Kind.REVEALED, now, reason, by)
    if recent:
        raise delivery.TooManyReveals(delivery.told_too_much(recent))
    return vault.unseal(esim.sealed_activation, place=_place(esim))


def packages(*, esim):
    """The SKUs that may be added to `esim`: those of its own product where that is known, else every eSIM package."""
    skus = Sku.objects.filter(
        supplier=esim.supplier_id, gone_at=None, product__kind=ProductKind.ESIM, product__is_active=True,
        product__gone_at=None)
    product = _product_of(esim, skus)
    return (skus.filter(product=product) if product else skus).order_by("product__name", "price", "pk")


def _product_of(esim, skus):
    if esim.order_id:
        return esim.order.sku.product_id
    named = skus.filter(name=esim.last_package).values_list("product", flat=True).distinct()[:2] if esim.last_package else []
    return named[0] if len(named) == 1 else None


def _ask(esim, kind, by, now):
    Esim.objects.filter(pk=esim.pk).update(due_at=now)
    _tell(esim, kind, now, "", by)
    async_task(READ_TASK, str(esim.pk))


def _tell(esim, kind, now, text, by=None):
    EsimEvent.objects.create(esim=esim, at=now, kind=kind, text=text[:300], by=by)


def _iccid_of(unit):
    """The ICCID of a delivered unit, or ''."""
    return next(filter(is_iccid, (unit.details.get("iccid", ""), unit.serial)), "")


def _columns(esim, told):
    sealed = vault.seal(told.activation_code, place=_place(esim)) if told.activation_code else esim.sealed_activation
    return {
        "word": told.word, "can_renew": told.can_renew, "last_package": told.last_package, "data_total": told.total,
        "data_left": told.left, "data_unit": told.unit, "packages": _plain(told.packages), "coverage": _plain(told.coverage),
        "sealed_activation": sealed}


def _plain(rows):
    return json.loads(json.dumps([asdict(row) for row in rows], cls=DjangoJSONEncoder))


def _place(esim):
    return f"esim:{esim.supplier_id}:{esim.iccid}:activation"
