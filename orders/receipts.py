"""The address that a supplier's own receipt about an order goes to: set on a live order, changed as long as it is one."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway
from catalog.suppliers.errors import NotSent as NothingSent
from catalog.suppliers.errors import SupplierError, Unanswered
from catalog.suppliers.ports import ReceiptDesk

from . import pace
from .lifecycle import tell
from .models import Event, Order, ReceiptAddress

TELL_TASK = "orders.tasks.tell_receipt_address"
LONGEST = 254
TRIES = 4
WAIT_S = 30
State = ReceiptAddress.State


class Refusal(Exception):
    """The address cannot be set; nothing was asked for. The text says why and what to do."""


def may_set(order):
    """Whether the supplier of `order` takes an address for it, and still would: it knows the order and has not ended it."""
    if order.is_final or not order.supplier_order_id or not gateway.supports(order.supplier, ReceiptDesk):
        return False
    try:
        return gateway.connect(order.supplier).takes_receipt_email(order.supplier_order_id)
    except gateway.NotConnected:
        return False


def standing(order):
    """What a page shows: the address asked for, and whether it may be changed; None where there is neither."""
    address = ReceiptAddress.objects.filter(pk=order.pk).first()
    is_open = may_set(order)
    if address is None and not is_open:
        return None
    return {"address": address, "may_set": is_open, "typed": address.email if address else ""}


def ask(*, order, email, by, now):
    """Have the supplier told that its receipt about `order` goes to `email`; gives the ReceiptAddress. Raises Refusal."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Refusal(_("Enter an e-mail address, for example buyer@example.org.")) from None
    if len(email) > LONGEST:
        raise Refusal(_("At most %(limit)d characters.") % {"limit": LONGEST})
    with transaction.atomic():
        order = Order.objects.select_for_update().select_related("supplier").get(pk=order.pk)
        if not may_set(order):
            raise Refusal(_("The supplier takes no address for this order any more: it has ended, or was never accepted."))
        wish = {"email": email, "state": State.WAITING, "detail": "", "tries": 0, "due_at": now, "asked_at": now,
                "asked_by": by}
        address, is_new = ReceiptAddress.objects.get_or_create(order=order, defaults=wish)
        if not is_new:
            ReceiptAddress.objects.filter(pk=order.pk).update(**wish, version=F("version") + 1)
            address.refresh_from_db()
        tell(order_id=order.pk, kind=Event.Kind.NOTE, by=by, now=now,
             text="Asked for the supplier's receipt to go to another address" if not is_new
             else "Asked for an address for the supplier's receipt")
        async_task(TELL_TASK, str(order.pk))
    return address


def due(*, now):
    """Ids of the orders whose supplier is to be told now."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return list(ReceiptAddress.objects.filter(free, due_at__lte=now, order__supplier__is_active=True).values_list(
        "pk", flat=True))


def carry_out(*, order_id, now):
    """Tell the supplier the latest wish, if that is due; whether it was. One worker at a time: wishes keep their order."""
    address = _claim(order_id, now)
    if address is None:
        return False
    try:
        gateway.connect(address.order.supplier).set_receipt_email(address.order.supplier_order_id, address.email)
    except (NothingSent, Unanswered) as trouble:
        _try_again(address, trouble, now)
    except (SupplierError, gateway.NotConnected) as refusal:
        _finish(address, State.REFUSED, str(refusal), now)
    else:
        _finish(address, State.KEPT, "", now)
    return True


def _claim(order_id, now):
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    taken = ReceiptAddress.objects.filter(free, pk=order_id, state=State.WAITING, due_at__lte=now).update(
        lease_until=now + pace.LEASE)
    return ReceiptAddress.objects.select_related("order__supplier").get(pk=order_id) if taken else None


def _try_again(address, trouble, now):
    tries = address.tries + 1
    if tries >= TRIES:
        _finish(address, State.REFUSED, _("The supplier did not answer: %(why)s") % {"why": trouble}, now)
        return
    _free(address, tries=tries, due_at=now + timedelta(seconds=WAIT_S * tries))


def _finish(address, state, detail, now):
    """Write down how this wish ended. A newer one, asked for meanwhile, stays due."""
    if _free(address, state=state, detail=detail[:300], due_at=None):
        tell(order_id=address.pk, kind=Event.Kind.OBSERVED, now=now,
             text="The supplier's receipt goes to the address asked for" if state == State.KEPT
             else f"The address for the supplier's receipt was not taken: {detail}"[:500])


def _free(address, **columns):
    """Let go of the row; whether `columns` were written, because the wish is still the same."""
    ReceiptAddress.objects.filter(pk=address.pk).update(lease_until=None)
    return ReceiptAddress.objects.filter(pk=address.pk, version=address.version, state=State.WAITING).update(**columns)
