"""Recharging a phone: from its number to the operator, to a plan, and on to the order. Works without JavaScript."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from catalog import clock
from catalog.access import page

from . import phones
from .forms import PhoneForm
from .models import PhoneSearch

STOP_POLLING = 286


@page("orders.place_order")
@require_GET
def recharge(request):
    """The question for the number."""
    suppliers = phones.suppliers()
    form = PhoneForm(suppliers=suppliers, initial={"number": request.GET.get("number", "")[:40]})
    return render(request, "orders/recharge.html", {"form": form, "suppliers": suppliers})


@page("orders.place_order")
@require_POST
def searches(request):
    """Have the operator looked for; the same form with status 422 for a number that cannot be one."""
    suppliers = phones.suppliers()
    form = PhoneForm(request.POST, suppliers=suppliers)
    search = _asked(form, request.user) if form.is_valid() else None
    if search is None:
        return render(request, _name(request, "_phone_form.html", "recharge.html"), {"form": form, "suppliers": suppliers},
                      status=422)
    url = reverse("orders:phone_search", args=[search.pk])
    return push_url(render(request, "orders/_operators.html", _context(search)), url) if request.htmx else redirect(url)


@page("orders.place_order")
@require_GET
def search(request, pk):
    """What was found; with `?operator=` the plans of that one. Polls itself while the answer is on its way."""
    search = get_object_or_404(PhoneSearch.objects.select_related("supplier"), pk=pk, asked_by=request.user)
    context = _context(search, request.GET.get("operator", ""))
    status = STOP_POLLING if request.htmx and search.state != PhoneSearch.State.PENDING else 200
    return render(request, _name(request, "_operators.html", "operators.html"), context, status=status)


def _asked(form, by):
    try:
        return phones.ask(supplier=form.cleaned_data["supplier"], number=form.cleaned_data["number"], by=by, now=clock.now())
    except phones.Wrong as wrong:
        form.add_error("number", str(wrong))
        return None


def _context(search, ref=""):
    operators = phones.operators(search)
    chosen = next((one for one in operators if one["product_ref"] == ref), None)
    if ref and chosen is None:
        raise Http404
    if chosen is None and len(operators) == 1:
        chosen = operators[0]  # nothing to choose from
    plans = phones.plans(chosen["product"]) if chosen and chosen["product"] else []
    return {"search": search, "operators": operators, "chosen": chosen, "plans": plans}


def _name(request, fragment, whole):
    return f"orders/{fragment if request.htmx and not request.htmx.history_restore_request else whole}"
