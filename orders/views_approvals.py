"""What waits for a second person: the queue, and the page of one order with a price of now to decide by."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import clock, confirming
from catalog.access import page

from . import approving, foresight, parking, terms, waiting
from .asking import told_of
from .forms import NoteForm
from .models import Order, Quote
from .views_new import STOP_POLLING

REFUSALS = (
    approving.OwnRequest, approving.NotWaiting, approving.PriceExpired, approving.NoReason, parking.StillShort, terms.Wrong)


@page("orders.view_order")
@require_GET
def approvals(request):
    """The queue; under htmx only the part that changes."""
    context = {"requests": waiting.requests(by=request.user, now=clock.now()), "most": waiting.MOST}
    name = "_approvals.html" if request.htmx and not request.htmx.history_restore_request else "approvals.html"
    return render(request, f"orders/{name}", context)


@page("orders.approve_order")
@require_GET
def approval(request, pk):
    """One order and, with `?quote=`, what it costs now; polls itself while the price is on its way."""
    order = _order(pk)
    context = _context(request, order, _quote(request, request.GET.get("quote", "")))
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "orders/approval.html", context)
    is_pending = context["quote"] is not None and context["quote"].state == Quote.State.PENDING
    return render(request, "orders/_approval.html", context, status=200 if is_pending else STOP_POLLING)


@page("orders.approve_order")
@require_POST
def approval_price(request, pk):
    """Ask for a price of now."""
    order = _order(pk)
    try:
        quote = approving.ask_price(order=order, by=request.user, now=clock.now())
    except terms.Wrong as wrong:
        return _refused(request, order, None, " ".join(wrong.errors.values()))
    return redirect(f"{reverse('orders:approval', args=[order.pk])}?quote={quote.pk}")


@page("orders.approve_order")
@require_POST
@confirming.needs_password("approval", back="orders:approval")
def approval_grant(request, pk):
    order, quote = _order(pk), _quote(request, request.POST.get("quote", ""))
    if quote is None:
        return _refused(request, order, None, _("Ask for the price of now first."))
    try:
        approving.approve(order=order, quote=quote, by=request.user, now=clock.now())
    except REFUSALS as refusal:
        return _refused(request, order, quote, str(refusal))
    messages.success(request, _("Approved; it is on its way to the supplier."))
    return redirect("orders:order", order.pk)


@page("orders.approve_order")
@require_POST
def approval_refusal(request, pk):
    order, form = _order(pk), NoteForm(request.POST)
    reason = form.cleaned_data["text"] if form.is_valid() else ""
    try:
        approving.decline(order=order, by=request.user, reason=reason, now=clock.now())
    except REFUSALS as refusal:
        return _refused(request, order, _quote(request, request.POST.get("quote", "")), str(refusal))
    messages.success(request, _("Declined; nothing was bought."))
    return redirect("orders:approvals")


def _order(pk):
    return get_object_or_404(
        Order.objects.select_related("supplier", "sku__product", "sku__supplier", "placed_by").defer(
            "sku__raw", "sku__product__raw"), pk=pk)


def _quote(request, text):
    if not text:
        return None
    try:
        pk = uuid.UUID(text)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Quote.objects.select_related("sku__product", "sku__supplier"), pk=pk, asked_by=request.user)


def _context(request, order, quote):
    now, page = clock.now(), reverse("orders:approval", args=[order.pk])
    return {
        "order": order, "quote": quote, "is_own": order.placed_by_id == request.user.pk,
        "confirm_first": "" if confirming.is_fresh(request) else confirming.address(reason="approval", back=page),
        "ask": waiting.request_of(order, now=now),
        "outlook": foresight.outlook(quote) if quote else None,
        "seconds_left": foresight.seconds_left(quote, now) if quote else 0,
        "fields": told_of(order),
    }


def _refused(request, order, quote, message):
    return render(
        request, "orders/approval.html", _context(request, order, quote) | {"problem": message}, status=422)
