"""The eSIM desk: what became of an eSIM that was sold, its QR picture once more, and packages to top it up with."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import clock, confirming, refusing, vault
from catalog.access import page
from catalog.paging import OddPlace, link
from catalog.suppliers.esims import ICCID_FIELD

from . import delivery, esims, paging, qr
from .esim_forms import EsimForm, FindForm, desks
from .forms import RevealForm
from .models import Esim, Order

STOP_POLLING = 286
SHOWN_EVENTS, SHOWN_ORDERS, SHOWN_PACKAGES = 50, 20, 200
REVEAL_REFUSALS = (delivery.NoReason, delivery.TooManyReveals, esims.NoActivationCode, vault.Unreadable)


@page("orders.view_esim")
@require_GET
def esim_list(request):
    """All eSIMs that are known, newest first, or those whose ICCID begins as asked; and the form to look one up."""
    form = FindForm(request.GET)
    context = {"find": form, "form": EsimForm(), "has_desk": bool(desks())}
    try:
        context |= _page(request, form) if form.is_valid() else _refused(request, form)
    except OddPlace:
        context |= _refused(request, form)
    return render(request, "orders/esims.html", context, status=refusing.STATUS if "wrong" in context else 200)


@page("orders.read_esim")
@require_POST
def entries(request):
    """Look an eSIM up by its ICCID; the same page with status 422 when it is no ICCID."""
    form = EsimForm(request.POST)
    entered = _entered(form, request.user)
    if entered is None:
        context = {"find": FindForm({}), "form": form, "has_desk": bool(desks()), **_page(request, FindForm({}))}
        return render(request, "orders/esims.html", context, status=422)
    return redirect("orders:esim", entered.pk)


@page("orders.view_esim")
@require_GET
def esim(request, pk):
    """One eSIM as it was read last; under htmx the part that changes, until the reading is there."""
    row = _esim(pk)
    context = _context(request, row)
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "orders/esim.html", context)
    # A code that the asking page shows revealed is not put out of sight again.
    changed = {"is_update": True, "adds_code": bool(row.sealed_activation and request.GET.get("without_code"))}
    return render(request, "orders/_esim_live.html", context | changed, status=200 if row.due_at else STOP_POLLING)


@page("orders.read_esim")
@require_POST
def question(request, pk):
    """Read it now."""
    esims.ask(esim=_esim(pk), by=request.user, now=clock.now())
    messages.success(request, _("The supplier is being asked; the page shows the answer."))
    return redirect("orders:esim", pk)


@page("orders.reveal_code")
@require_POST
@confirming.needs_password("codes", back="orders:esim")
def reveal(request, pk):
    """The activation code and its picture, in this one answer only."""
    row, form = _esim(pk), RevealForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        code = esims.reveal(esim=row, by=request.user, reason=reason, now=clock.now())
    except REVEAL_REFUSALS as refusal:
        return _secret(request, row, {"reveal_problem": str(refusal), "reveal_form": form}, status=422)
    return _secret(request, row, {"revealed": code, "picture": qr.draw(code)})


@page("orders.place_order")
@require_GET
def packages(request, pk):
    """What can be added to it; each leads to the order form with this eSIM filled in."""
    row = _esim(pk)
    skus = esims.packages(esim=row).select_related("product").defer("raw", "product__raw")[:SHOWN_PACKAGES]
    return render(request, "orders/esim_packages.html", {"esim": row, "skus": list(skus), "field": ICCID_FIELD})


def _entered(form, by):
    """The Esim that a form names, or None with the reasons in the form."""
    if not form.is_valid():
        return None
    try:
        return esims.enter(supplier=form.chosen, iccid=form.cleaned_data["iccid"], by=by, now=clock.now())
    except esims.OddIccid as odd:
        form.add_error("iccid", str(odd))
    return None


def _esim(pk):
    rows = Esim.objects.select_related("supplier", "order__sku")
    return get_object_or_404(rows.defer("order__sku__raw"), pk=pk)


def _secret(request, row, extra, status=200):
    template = "orders/_esim_secret.html" if request.htmx else "orders/esim.html"
    return render(request, template, _context(request, row) | extra, status=status)


def _context(request, row):
    return {
        "esim": row, "packages": [_package(one) for one in row.packages], "reveal_form": RevealForm(),
        "events": list(row.events.select_related("by").order_by("-at", "-id")[:SHOWN_EVENTS]),
        "top_ups": list(Order.objects.filter(supplier=row.supplier_id, recipient=row.iccid).select_related("sku").defer(
            "sku__raw").order_by("-created_at", "-id")[:SHOWN_ORDERS]),
        "confirm_first": _confirm_first(request, row),
    }


def _package(told):
    return told | {name: parse_datetime(told[name]) for name in ("activated_at", "expires_at") if told.get(name)}


def _confirm_first(request, row):
    """Where to type the password before revealing; '' where it is fresh."""
    if confirming.is_fresh(request):
        return ""
    return confirming.address(reason="codes", back=f"{reverse('orders:esim', args=[row.pk])}#esim-secret")


def _refused(request, form):
    wrong = refusing.wrong_in(form) or refusing.wrong_place(request.GET)
    return refusing.refusal(request.GET, wrong, path=request.path)


def _page(request, form):
    text = form.cleaned_data["q"].replace(" ", "") if form.is_valid() else ""
    rows = Esim.objects.filter(Q(iccid__startswith=text) if text else Q())
    rows = rows.select_related("supplier", "order").defer("sealed_activation", "packages", "coverage")
    part = paging.page(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    return {
        "rows": part.rows, "is_narrowed": bool(text),
        "newer": link(request.GET, before=part.newer) if part.newer else "",
        "older": link(request.GET, after=part.older) if part.older else "",
    }
