"""The desk for one order whose outcome is unknown: the evidence side by side, and the verdict of a person."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import clock, exporting
from catalog.access import page

from . import claim, evidence, inquiry, verdicts
from .forms import NoteForm
from .models import Attempt, Order
from .models.attempt import State


@page("orders.view_order")
@require_GET
def evidence_of_order(request, pk):
    """Every attempt of the order that is unknown, with what speaks for and against a purchase."""
    return render(request, "orders/evidence.html", _context(request, _order(pk)))


@page("orders.release_order")
@require_POST
def absence(request, pk, attempt):
    """A person says that nothing was bought."""
    form = NoteForm(request.POST)
    note = form.cleaned_data["text"] if form.is_valid() else ""
    return _settle(request, pk, attempt, "absent", _("Settled: nothing was bought, and the money is free again."),
                   lambda one: verdicts.declare_absent(attempt=one, note=note, by=request.user, now=clock.now()))


@page("orders.release_order")
@require_POST
def purchase(request, pk, attempt):
    """A person names the supplier's order that this attempt became."""
    named = request.POST.get("supplier_order_id", "")[:200].replace("\0", "")
    return _settle(request, pk, attempt, "bought", _("The order is being read at the supplier; it is taken if it fits."),
                   lambda one: verdicts.name_order(
                       attempt=one, supplier_order_id=named, by=request.user, now=clock.now()))


@page("orders.release_order")
@require_POST
def repetition(request, pk, attempt):
    """A person has the same request sent again."""
    return _settle(request, pk, attempt, "again", _("It is looked for once more, and then the same request is sent again."),
                   lambda one: verdicts.send_again(attempt=one, by=request.user, now=clock.now()))


@page("orders.change_order")
@require_GET
def claim_file(request, pk):
    """The claim as a text file for the supplier's support; who took it is written down."""
    order = _order(pk)
    exporting.write_down(what="claim", wanted=order.reference, rows=Order.objects.filter(pk=pk), by=request.user,
                         now=clock.now())
    return HttpResponse("\n".join(claim.lines(order)) + "\n", content_type="text/plain; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="claim-{order.reference}.txt"'})


def _settle(request, pk, attempt, verdict, done, act):
    order = _order(pk)
    typed = request.POST.get("supplier_order_id") or request.POST.get("text", "")
    try:
        act(get_object_or_404(Attempt, pk=attempt, order=order))
    except verdicts.Excluded as why:
        refusal = {"attempt": attempt, "verdict": verdict, "typed": typed[:300], "message": str(why)}
        return render(request, "orders/evidence.html", _context(request, order) | {"refusal": refusal}, status=422)
    messages.success(request, done)
    return redirect("orders:order", order.pk)


def _order(pk):
    return get_object_or_404(Order.objects.select_related("supplier", "sku__product"), pk=pk)


def _context(request, order):
    now = clock.now()
    unknown = order.attempts.filter(state=State.UNKNOWN).order_by("chunk", "n").defer("sealed_body")
    may_ask = request.user.has_perm("orders.change_order")
    desk = [(evidence.of(one, now=now), inquiry.about(order, [one], may_ask=may_ask, now=now)) for one in unknown]
    told = claim.lines(order) if request.user.has_perm("catalog.view_call") else ()
    return {"order": order, "desk": desk, "claim": list(told)}
