"""One order: its page, the part of it that updates itself, and everything a person may do with it."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import clock, confirming, vault
from catalog.access import page
from catalog.suppliers.types import ProductKind

from . import delivery, inquiry, parking, receipts, refunding, repayment, reviewing, story, tracking
from .asking import told_of
from .forms import NoteForm, ReleaseForm, RevealForm
from .lifecycle import NotAllowed, Overtaken
from .models import Esim, Order, Unit

STOP_POLLING = 286
REFUSALS = (
    parking.NotParked, parking.PriceMoved, parking.StillShort, parking.NeedsApproval, parking.CannotWithdraw,
    reviewing.NothingToReview, reviewing.NoNote, refunding.NotLate, refunding.NoNote,
)
REVEAL_REFUSALS = (delivery.NoReason, delivery.NothingDelivered, delivery.TooManyReveals, vault.Unreadable)


@page("orders.view_order")
@require_GET
def order(request, pk):
    """The page; for htmx, the part that changes: 204 when the page that asks (`?seen=`) shows it already."""
    context = _context(request, _order(pk))
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "orders/order.html", context)
    seen = request.GET.get("seen", "")
    if context["order"].is_final:
        return render(request, "orders/_live_update.html", context | _stale(context, seen), status=STOP_POLLING)
    if seen == context["version"]:
        return HttpResponse(status=204)
    return render(request, "orders/_live_update.html", context | _stale(context, seen))


@page("orders.reveal_code")
@require_POST
@confirming.needs_password("codes", back="orders:order")
def reveal(request, pk):
    """The delivered units in the clear, in this one answer only."""
    order = _order(pk)
    form = RevealForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        revealed = delivery.reveal(order=order, by=request.user, reason=reason, now=clock.now())
    except REVEAL_REFUSALS as refusal:
        return _units_page(request, order, {"reveal_problem": str(refusal), "reveal_form": form}, status=422)
    return _units_page(request, order, {"revealed": revealed})


@page("orders.change_order")
@require_POST
def withdrawal(request, pk):
    order = _order(pk)
    return _act(request, order, "withdrawal", _("Cancelled; nothing was bought."), lambda: parking.withdraw(
        order=order, by=request.user, now=clock.now()))


@page("orders.release_order")
@require_POST
def release(request, pk):
    order = _order(pk)
    form = ReleaseForm(request.POST, order=order)
    if not form.is_valid():
        return _refused(request, order, "release", form.errors["total"][0])
    return _act(request, order, "release", _("Released; it is on its way to the supplier."), lambda: parking.release(
        order=order, by=request.user, now=clock.now(), total=form.cleaned_data["total"]))


@page("orders.change_order")
@require_POST
def question(request, pk):
    """Ask the supplier now instead of at the next planned time."""
    asked = tracking.ask_now(order=_order(pk), now=clock.now())
    if asked:
        messages.success(request, _("The supplier is being asked; the page shows the answer."))
    else:
        messages.warning(request, _("There is nothing to ask: the supplier is being asked already, or it is not its turn."))
    return redirect("orders:order", pk)


@page("orders.change_order")
@require_POST
def review(request, pk):
    order, form = _order(pk), NoteForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return _act(request, order, "review", _("The review is over; your note is on the timeline."), lambda: reviewing.settle(
        order=order, by=request.user, note=text, now=clock.now()))


@page("orders.change_order")
@require_POST
def refund(request, pk):
    """End the wait for money that should have come back."""
    order, form = _order(pk), NoteForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return _act(request, order, "refund", _("The wait is over; your note is on the timeline."), lambda: refunding.settle(
        order=order, by=request.user, note=text, now=clock.now()))


@page("orders.change_order")
@require_POST
def notes(request, pk):
    order, form = _order(pk), NoteForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return _act(request, order, "notes", _("Note added."), lambda: reviewing.note(
        order=order, by=request.user, text=text, now=clock.now()))


def _act(request, order, name, done, act):
    """Run `act`; back to the order's page, or the same page with status 422 and the reason of the refusal."""
    try:
        act()
    except REFUSALS as refusal:
        return _refused(request, order, name, str(refusal))
    except (NotAllowed, Overtaken):
        return _refused(request, order, name, _("The order changed while you looked at it. Look again, then decide."))
    messages.success(request, done)
    return redirect("orders:order", order.pk)


def _refused(request, order, name, message):
    context = _context(request, _order(order.pk))
    refusal = {"act": name, "message": message, "kept": request.POST.get("text", "")[:500]}
    return render(request, "orders/order.html", context | {"refusal": refusal}, status=422)


def _units_page(request, order, extra, status=200):
    template = "orders/_units_told.html" if request.htmx else "orders/order.html"
    return render(request, template, _context(request, order) | extra, status=status)


def _order(pk):
    return get_object_or_404(
        Order.objects.select_related("supplier", "sku__product", "placed_by", "approved_by", "quote"), pk=pk)


def _context(request, order):
    attempts = list(order.attempts.select_related("shortfall__by").order_by("chunk", "n").defer("sealed_body"))
    units = list(Unit.objects.of(order).defer("sealed", "fingerprint"))
    moments = story.timeline(order, attempts, with_calls=request.user.has_perm("catalog.view_call"))
    now = clock.now()
    seconds = story.seconds_between_looks(order, now)
    repayments = repayment.of(order, attempts, by=request.user)
    asked = inquiry.about(order, attempts, may_ask=request.user.has_perm("orders.change_order"), now=now)
    return {
        "order": order, "attempts": attempts, "latest": story.latest(attempts), "units": units, "timeline": moments,
        "progress": story.progress(attempts, units), "acts": story.acts(attempts),
        "again": story.may_be_repeated(order),
        "step": story.next_step(order, attempts), "seconds": seconds, "reveal_form": RevealForm(),
        "version": story.version(
            order, attempts, units, moments, seconds, asked and (asked.stage.value, asked.asked_at), repayments),
        "inquiry": asked, "repayments": repayments,
        "fields": told_of(order), "receipt": receipts.standing(order), "confirm_first": _confirm_first(request, order),
        "esims": _esims(order) if request.user.has_perm("orders.view_esim") else [],
    }


def _confirm_first(request, order):
    """Where to type the password before revealing, so that no reason is typed in vain; '' where it is fresh."""
    if confirming.is_fresh(request):
        return ""
    return confirming.address(reason="codes", back=f"{reverse('orders:order', args=[order.pk])}#order-units")


def _esims(order):
    """The eSIMs that it delivered or topped up."""
    if order.sku.product.kind != ProductKind.ESIM:
        return []
    topped_up = Q(supplier=order.supplier_id, iccid=order.recipient) if order.recipient else Q()
    return list(Esim.objects.filter(Q(order=order) | topped_up).only("iccid").order_by("iccid"))


def _stale(context, seen):
    """Which parts beside the living one the asking page shows in an old state."""
    standing, _dot, rest = seen.partition(".")
    return {
        "acts_are_stale": standing != story.standing(context["order"], context["attempts"]),
        "units_are_stale": rest.partition(".")[0] != str(len(context["units"])),
    }
