"""Orders that wait for an answer or for a person."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from catalog import clock, refusing
from catalog.access import page

from . import demand, parking, waiting
from .forms import DepositForm, PriorityForm, QueueForm
from .models import Order
from .models.order import Priority

LONGEST_ID = 19
TURNS = (
    (Priority.FIRST, _lazy("Put it first")), (Priority.NORMAL, _lazy("Take it in turn")),
    (Priority.LAST, _lazy("Put it last")))


@page("orders.view_order")
@require_GET
def unknown(request):
    """Unknown orders with what is at stake; under htmx only the part that changes."""
    context = {"attempts": waiting.unknown_attempts(), "risk": waiting.money_at_risk(), "most": waiting.MOST}
    return render(request, _name(request, "_unknown.html", "unknown.html"), context)


@page("orders.view_order")
@require_GET
def parked(request):
    """Parked orders by account, or with `?only=&start=` those of one, page by page; with `?account=&deposit=` also what
    such a deposit would let go.
    """
    form, place = DepositForm(request.GET if "deposit" in request.GET else None), QueueForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"account": None, "deposit": None}
    only, start = (place.cleaned_data["only"], place.cleaned_data["start"] or 0) if place.is_valid() else (None, 0)
    problem = " ".join(error for one in (form, place) for errors in one.errors.values() for error in errors)
    demands = demand.with_orders(now=clock.now(), only=only, start=start, **asked)
    context = {"demands": demands, "only": only, "problem": problem, "turns": TURNS}
    return render(
        request, _name(request, "_parked.html", "parked.html"), context, status=422 if problem else 200)


@page("orders.view_order")
@require_GET
def parked_demand(request):
    """What parked orders need, as a fragment: of every account, or of `?account=<id>`."""
    account = request.GET.get("account", "")
    if account and not (account.isascii() and account.isdigit() and len(account) < LONGEST_ID):
        context = refusing.refusal(request.GET, {"account": _("Account")}, path=request.path)
        return render(request, "orders/_parked_demand.html", context, status=refusing.STATUS)
    return render(request, "orders/_parked_demand.html", {
        "demands": demand.of_accounts(account=int(account) if account else None), "one_account": bool(account)})


@page("orders.release_order")
@require_POST
def priority(request, pk):
    """Give a parked order its turn; back to the queue."""
    order, form = get_object_or_404(Order, pk=pk), PriorityForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose first, normal or last."))
        return redirect("orders:parked")
    try:
        parking.prioritise(order=order, priority=form.cleaned_data["priority"], by=request.user, now=clock.now())
    except parking.NotParked as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:parked")


def _name(request, fragment, whole):
    return f"orders/{fragment if request.htmx and not request.htmx.history_restore_request else whole}"
