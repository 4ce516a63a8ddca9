"""Where the supplier's own receipt about an order goes: a card of the order's page, for orders that can have one."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import clock
from catalog.access import page

from . import receipts
from .models import Order, ReceiptAddress

STOP_POLLING = 286


@page("orders.view_order")
@require_GET
def receipt(request, pk):
    """The card, which asks for itself while the supplier is being told."""
    order = _order(pk)
    if not request.htmx:
        return redirect("orders:order", pk)
    context = {"order": order, "receipt": receipts.standing(order)}
    return render(request, "orders/_receipt.html", context, status=200 if _waits(context["receipt"]) else STOP_POLLING)


@page("orders.change_order")
@require_POST
def address(request, pk):
    """Have the receipt sent elsewhere; the same card with status 422 when that cannot be."""
    order, email = _order(pk), request.POST.get("email", "")[:300]
    try:
        receipts.ask(order=order, email=email, by=request.user, now=clock.now())
    except receipts.Refusal as refusal:
        if not request.htmx:
            messages.error(request, str(refusal))
            return redirect("orders:order", pk)
        shown = receipts.standing(order) or {"address": None, "may_set": False}
        context = {"order": order, "receipt": {**shown, "typed": email, "problem": str(refusal)}}
        return render(request, "orders/_receipt.html", context, status=422)
    if request.htmx:
        return render(request, "orders/_receipt.html", {"order": order, "receipt": receipts.standing(order)})
    messages.success(request, _("The supplier is being told the address."))
    return redirect("orders:order", pk)


def _order(pk):
    return get_object_or_404(Order.objects.select_related("supplier"), pk=pk)


def _waits(receipt):
    return bool(receipt and receipt["address"] and receipt["address"].state == ReceiptAddress.State.WAITING)
