"""Purchases at suppliers that no order here explains."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import clock
from catalog.access import page
from catalog.models import Sku

from . import adopting, matching
from .forms import NoteForm
from .models import OrderComparison, UnmatchedPurchase

MOST = 200
State = UnmatchedPurchase.State


@page("orders.view_order")
@require_GET
def unmatched(request):
    """Those that wait for a decision, then those decided last; under htmx only the part that changes."""
    is_part = request.htmx and not request.htmx.history_restore_request
    return render(request, f"orders/{'_unmatched' if is_part else 'unmatched'}.html", _context())


@page("orders.change_order")
@require_POST
def adoption(request, pk):
    purchase = get_object_or_404(UnmatchedPurchase, pk=pk)
    if adopting.ask(purchase=purchase, by=request.user, now=clock.now()):
        messages.success(request, _("It is being read at the supplier and made an order; this page shows when it is one."))
    else:
        messages.warning(request, _("Somebody has decided about this purchase already."))
    return redirect("orders:unmatched")


@page("orders.change_order")
@require_POST
def explanation(request, pk):
    purchase, form = get_object_or_404(UnmatchedPurchase, pk=pk), NoteForm(request.POST)
    try:
        done = matching.explain(
            purchase=purchase, note=form.cleaned_data["text"] if form.is_valid() else "", by=request.user, now=clock.now())
    except matching.NoNote:
        refusal = {"pk": pk, "text": _("Write what this purchase was; the next person reads it.")}
        return render(request, "orders/unmatched.html", _context() | {"refusal": refusal}, status=422)
    if not done:
        messages.warning(request, _("Somebody has decided about this purchase already."))
    return redirect("orders:unmatched")


def _context():
    rows = UnmatchedPurchase.objects.select_related("supplier", "order", "by")
    waiting = rows.filter(state__in=(State.OPEN, State.ADOPTING)).order_by("-first_seen_at", "-pk")[:MOST]
    decided = rows.filter(decided_at__isnull=False).exclude(state=State.ADOPTING).order_by("-decided_at", "-pk")[:20]
    compared = OrderComparison.objects.select_related("supplier").order_by("supplier__name")
    waiting = _with_goods(list(waiting))
    return {"waiting": waiting, "decided": decided, "most": MOST, "compared": compared,
            "is_moving": any(one.state == State.ADOPTING for one in waiting)}


def _with_goods(purchases):
    """Each with the name of the goods, where the mirrored catalog knows their SKU."""
    skus = Sku.objects.filter(
        supplier__in={one.supplier_id for one in purchases}, supplier_ref__in={one.sku_ref for one in purchases})
    names = {(supplier, ref): f"{product} · {name}" if name != product else name for supplier, ref, product, name in
             skus.values_list("supplier", "supplier_ref", "product__name", "name")}
    for one in purchases:
        one.goods = names.get((one.supplier_id, one.sku_ref), "")
    return purchases
