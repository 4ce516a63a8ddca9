"""Placing an order: choose a SKU, say what the buyer wants, see a fresh price, confirm. Works without JavaScript."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from catalog import clock
from catalog.access import page
from catalog.models import Sku
from catalog.money import show
from catalog.suppliers.esims import ICCID_FIELD

from . import choosing, foresight, phones, placing, quoting, terms
from .forms import ConfirmForm, PurchaseForm
from .models import Order, Quote, Unit

STOP_POLLING = 286
ALREADY = _("This form had already placed this order; nothing was ordered a second time.")


@page("orders.place_order")
@require_GET
def new(request):
    """The SKU finder, or with `?sku=` the form of that SKU; `?quote=` fills it as that quote was asked."""
    if not request.GET.get("sku"):
        return _finder(request)
    sku = _sku(request.GET["sku"])
    phone = phones.filled_in(sku, request.GET.get("phone", ""), by=request.user)
    known = phone | _as_linked(request) | _as_ordered(request, sku) | _as_before(request)
    form = PurchaseForm(sku=sku, initial=known)
    return render(request, "orders/new.html", _form_context(sku, form))


@page("orders.place_order")
@require_POST
def quotes(request):
    """Check what was typed and ask for its price; the same form with status 422 when something does not fit."""
    sku = _sku(request.POST.get("sku", ""))
    form = PurchaseForm(request.POST, sku=sku)
    wanted = _checked(form)
    if wanted is None:
        return render(request, _name(request, "_order_form.html", "new.html"), _form_context(sku, form), status=422)
    quote = quoting.ask(sku=sku, terms=wanted, by=request.user, now=clock.now())
    url = _quote_url(quote, form.intent)
    if not request.htmx:
        return redirect(url)
    return push_url(render(request, "orders/_quote.html", _context(quote, form.intent)), url)


@page("orders.place_order")
@require_GET
def quote(request, pk):
    """The price and what would happen; polls itself while the price is on its way."""
    quote = _quote(request, pk)
    form = ConfirmForm(request.GET, sku=quote.sku)
    if not form.is_valid():
        return redirect(f"{reverse('orders:new')}?sku={quote.sku_id}")
    is_whole = not request.htmx or request.htmx.history_restore_request
    placed = is_whole and Order.objects.filter(submission_token=form.intent["token"]).first()
    if placed:  # the browser's Back
        messages.info(request, ALREADY)
        return redirect("orders:order", placed.pk)
    context = _context(quote, form.intent, old=_old_quote(request))
    if is_whole:
        return render(request, "orders/quote.html", context)
    status = 200 if quote.state == Quote.State.PENDING else STOP_POLLING
    return render(request, "orders/_quote.html", context, status=status)


@page("orders.place_order")
@require_GET
def quote_expiry(request, pk):
    """How long the price still holds, as a fragment that stops asking once it does not."""
    context = {"quote": _quote(request, pk), "seconds_left": 0}
    context["seconds_left"] = foresight.seconds_left(context["quote"], clock.now())
    return render(request, "orders/_quote_expiry.html", context,
                  status=200 if context["seconds_left"] else STOP_POLLING)


@page("orders.place_order")
@require_POST
def confirmation(request, pk):
    """Place the order; or say why not, with everything that was typed kept."""
    quote = _quote(request, pk)
    form = ConfirmForm(request.POST, sku=quote.sku)
    if not form.is_valid():
        return _refuse(request, quote, form)
    now = clock.now()
    try:
        order = placing.confirm(
            **form.intent, sku=quote.sku, terms=_terms(quote), quote=quote, by=request.user, now=now,
            repeat=form.cleaned_data["repeat"])
    except placing.QuoteExpired:
        return _ask_again(request, quote, form)
    except (placing.Refusal, terms.Wrong) as refusal:
        return _refuse(request, quote, form, refusal)
    if order.created_at < now:
        messages.info(request, ALREADY)
    return redirect("orders:order", order.pk)


@page("orders.place_order")
@require_POST
def fresh_quote(request, pk):
    """The same purchase with a price of now."""
    quote = _quote(request, pk)
    form = ConfirmForm(request.POST, sku=quote.sku)
    return _ask_again(request, quote, form) if form.is_valid() else _refuse(request, quote, form)


def _finder(request):
    text = request.GET.get("q", "")[:200].replace("\0", "")
    context = {"q": text, "skus": choosing.skus(text), "usual": [] if text else choosing.usual_skus(by=request.user),
               "can_recharge": bool(phones.suppliers())}
    return render(request, _name(request, "_finder.html", "find.html"), context)


def _sku(pk):
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    return get_object_or_404(Sku.objects.select_related("product", "supplier").defer("raw", "product__raw"), pk=pk)


def _quote(request, pk):
    """A quote is shown to whoever asked for it; somebody else's does not exist."""
    quotes = Quote.objects.select_related("sku__product", "sku__supplier").defer("sku__raw", "sku__product__raw")
    return get_object_or_404(quotes, pk=pk, asked_by=request.user)


def _old_quote(request):
    """The quote that this one replaces, where there is one."""
    try:
        pk = uuid.UUID(request.GET.get("instead", ""))
    except ValueError:
        return None
    return Quote.objects.filter(pk=pk, asked_by=request.user, state=Quote.State.READY).first()


def _as_before(request):
    try:
        quote = _quote(request, uuid.UUID(request.GET.get("quote", "")))
    except (ValueError, Http404):
        return {}
    return {
        "token": request.GET.get("token", ""), "reference": request.GET.get("reference", "")[:40],
        "is_test": bool(request.GET.get("is_test")), **_inputs(quote.quantity, quote.amount, quote.fields),
    }


def _as_linked(request):
    """What another page knows already: which eSIM is to be topped up."""
    return {f"fields.{ICCID_FIELD}": request.GET["iccid"][:40]} if request.GET.get("iccid") else {}


def _as_ordered(request, sku):
    """The inputs of the order that is to be repeated; of one that came in part, only what is missing."""
    try:
        order = Order.objects.filter(pk=uuid.UUID(request.GET.get("again", "")), sku=sku).first()
    except ValueError:
        return {}
    if order is None or not request.user.has_perm("orders.view_order"):
        return {}
    missing = order.quantity - Unit.objects.of(order).count()
    return _inputs(missing if missing > 0 else order.quantity, order.amount, order.fields)


def _inputs(quantity, amount, fields):
    return {"quantity": quantity, "amount": "" if amount is None else f"{amount.normalize():f}",
            **{f"fields.{name}": value for name, value in fields.items()}}


def _form_context(sku, form):
    return {"sku": sku, "form": form, "is_on_sale": sku.gone_at is None and sku.product.is_on_sale}


def _checked(form):
    """The Terms that were typed, or None with the form's errors set."""
    form.full_clean()
    try:
        wanted = terms.check(**form.terms)
    except terms.Wrong as wrong:
        form.refuse(wrong.errors)
        return None
    return wanted if form.is_valid() else None


def _terms(quote):
    """The quoted purchase, checked again: the SKU may have changed or gone since."""
    return terms.check(sku=quote.sku, quantity=quote.quantity, amount=quote.amount, fields=quote.fields)


def _ask_again(request, old, form):
    try:
        wanted = _terms(old)
    except terms.Wrong as wrong:
        return _refuse(request, old, form, wrong)
    quote = quoting.ask(sku=old.sku, terms=wanted, by=request.user, now=clock.now())
    return redirect(_quote_url(quote, form.intent, instead=old.pk))


def _refuse(request, quote, form, refusal=None):
    is_field = isinstance(refusal, placing.ReferenceTaken)
    if is_field:
        form.add_error("reference", refusal.message)
    context = _context(quote, form.cleaned_data, form=form)
    if refusal and not is_field:
        context["problem"] = " ".join(refusal.errors.values()) if isinstance(refusal, terms.Wrong) else refusal.message
    context["twin"] = getattr(refusal, "order", None)
    return render(request, "orders/quote.html", context, status=422)


def _context(quote, intent, *, old=None, form=None):
    now = clock.now()
    query = _query(intent)
    return {
        "quote": quote, "sku": quote.sku, "old": old, "query": query,
        "form": form or ConfirmForm(initial=intent, sku=quote.sku),
        "is_test": intent.get("is_test"), "reference": intent.get("reference", ""),
        "total_text": show(quote.total, quote.currency),
        "outlook": foresight.outlook(quote), "seconds_left": foresight.seconds_left(quote, now),
        "beyond": foresight.beyond(quote, quote.asked_by, intent.get("is_test"), now),
        "twin": foresight.twin(quote, now), "fields": foresight.labelled(quote), "moved": foresight.has_moved(quote),
    }


def _quote_url(quote, intent, **more):
    return f"{reverse('orders:quote', args=[quote.pk])}?{_query(intent, **more)}"


def _query(intent, **more):
    told = {"token": intent.get("token"), "reference": intent.get("reference"), **more}
    told |= {"is_test": "on"} if intent.get("is_test") else {}
    return urlencode({name: value for name, value in told.items() if value})


def _name(request, fragment, whole):
    return f"orders/{fragment if request.htmx and not request.htmx.history_restore_request else whole}"
