"""The transaction desk: what became of a debit, credit or rollback on a player's wallet, asked at the supplier."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from catalog import clock, refusing
from catalog.access import page
from catalog.paging import OddPlace, link

from . import entering, paging, telling, transaction_listing
from .models import Transaction
from .transaction_forms import TransactionForm, desks

STOP_POLLING = 286
SHOWN = 200
NEAR = timedelta(minutes=1)  # an answer that has not come by then takes longer
NEAR_LOOKS_S, LATER_LOOKS_S = 2, 20


@page("orders.view_transaction")
@require_GET
def transactions(request):
    """All transactions, newest first; under htmx only what a filter or another page changes."""
    form = transaction_listing.FilterForm(request.GET)
    context = {"form": form, "has_desk": bool(desks()), "tabs": _tabs(request)}
    try:
        context |= _page(request, form) if form.is_valid() else _refused(request, form)
    except OddPlace:
        context |= _refused(request, form)
    status = refusing.STATUS if "wrong" in context else 200
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "orders/transactions.html", context, status=status)
    answer = render(request, "orders/_transactions.html", context | {"is_update": True}, status=status)
    return push_url(answer, f"{request.path}{link(request.GET)}")


@page("orders.check_transaction")
@require_GET
def new(request):
    return render(request, "orders/transaction_new.html", {"form": TransactionForm(), "has_desk": bool(desks())})


@page("orders.check_transaction")
@require_POST
def entries(request):
    """Write a transaction down to be asked about; the same form with status 422 when something does not fit."""
    form = TransactionForm(request.POST)
    row = _entered(form, request.user)
    if row is None:
        context = {"form": form, "has_desk": bool(desks())}
        return render(request, "orders/transaction_new.html", context, status=422)
    return redirect("orders:transaction", row.pk)


@page("orders.view_transaction")
@require_GET
def transaction(request, pk):
    """One transaction with everything that came of asking; under htmx the part that changes, until it is known."""
    row = _row(pk)
    context = {"row": row, "moments": _moments(row), "seconds": _seconds(row)}
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "orders/transaction.html", context)
    ends = row.due_at is None
    status = STOP_POLLING if ends else 200
    return render(request, "orders/_transaction_live.html", context | {"is_update": True}, status=status)


@page("orders.check_transaction")
@require_POST
def question(request, pk):
    """Ask the supplier now instead of at the next planned time."""
    if entering.ask_again(row=_row(pk), by=request.user, now=clock.now()):
        messages.success(request, _("The supplier is being asked; the page shows the answer."))
    else:
        messages.info(request, _("The supplier has confirmed it already; there is nothing to ask."))
    return redirect("orders:transaction", pk)


def _entered(form, by):
    """The Transaction that a form tells, or None with the reasons in the form."""
    if not form.is_valid():
        return None
    try:
        query = telling.read(form.told)
        return entering.enter(supplier=form.chosen, query=query, by=by, now=clock.now())
    except telling.Wrong as wrong:
        form.refuse(wrong.errors)
    except entering.CannotAsk as refusal:
        form.add_error(None, str(refusal))
    return None


def _row(pk):
    return get_object_or_404(Transaction.objects.select_related("supplier", "entered_by").defer("sealed_token"), pk=pk)


def _moments(row):
    """Checks and events together, newest first."""
    events = [{"at": event.at, "event": event} for event in _latest(row.events)]
    checks = [{"at": check.at, "check": check} for check in _latest(row.checks)]
    # What an answer moved stands above the answer of the same instant.
    return sorted(events + checks, key=lambda moment: moment["at"], reverse=True)


def _latest(rows):
    return list(rows.select_related("by").order_by("-at", "-id")[:SHOWN])


def _seconds(row):
    """How often the page looks again."""
    return NEAR_LOOKS_S if clock.now() < row.wanted_at + NEAR else LATER_LOOKS_S


def _refused(request, form):
    """What the list says to a filter, or a place in it, that it does not know."""
    wrong = refusing.wrong_in(form) or refusing.wrong_place(request.GET)
    return refusing.refusal(request.GET, wrong, path=request.path)


def _page(request, form):
    rows = form.rows().select_related("supplier").defer("sealed_token").annotate(by_name=F("entered_by__username"))
    part = paging.page(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    return {
        "rows": part.rows,
        "newer": link(request.GET, before=part.newer) if part.newer else "",
        "older": link(request.GET, after=part.older) if part.older else "",
    }


def _tabs(request):
    here, counts = request.GET.get("status", ""), transaction_listing.counts()
    return [{"title": title, "url": link(request.GET, status=word), "is_current": word == here, "count": counts.get(word)}
            for word, (title, _condition) in transaction_listing.TABS.items()]
