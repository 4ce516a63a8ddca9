"""Deposits and transactions: what the suppliers' own books say."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from catalog import exporting, refusing
from catalog.access import page
from catalog.paging import OddPlace

from . import chain, keyset, statement
from .forms import EntryFilter
from .models import Account, Books, Entry

COUNT_MAX = 10_000  # beyond this the exact number of rows is not worth the wait
COLUMNS = ("account_id", "word", "status", "amount", "currency", "balance_after", "order_id", "method", "external_ref",
           "occurred_at", "posted_at", "supplier__name")
FILTERS = ("supplier", "currency", "status", "order", "since", "until")


@page("funding.view_entry")
@require_GET
def deposits(request):
    return _list(request, Entry.Kind.DEPOSIT)


@page("funding.view_entry")
@require_GET
def transactions(request):
    return _list(request, Entry.Kind.TRANSACTION)


@page("funding.view_entry")
@require_GET
def deposits_csv(request):
    return _csv(request, Entry.Kind.DEPOSIT)


@page("funding.view_entry")
@require_GET
def transactions_csv(request):
    return _csv(request, Entry.Kind.TRANSACTION)


def _filtered(request, kind):
    form = EntryFilter(request.GET, kind=kind)
    form.is_valid()
    return form, form.narrow()


def _list(request, kind):
    """The page of a list, or, under htmx, the fragment that changes with the filter."""
    form, entries = _filtered(request, kind)
    is_deposits = kind == Entry.Kind.DEPOSIT
    more = _tabs(request, form) if is_deposits else _breaks()
    cut, refused = _cut(request, form, entries)
    gaps = {found["account"].first_break_id: found["gap"] for found in more.get("breaks", ())}
    for entry in cut.rows:
        entry.is_break, entry.gap = entry.pk in gaps, gaps.get(entry.pk)
    count = entries[:COUNT_MAX + 1].count()
    context = {
        "form": form, "entries": cut.rows, "count": count, "is_more": count > COUNT_MAX, "count_max": COUNT_MAX,
        "cap": exporting.CAP,
        "older": cut.older and _address(request, older=cut.older),
        "newer": cut.newer and _address(request, newer=cut.newer),
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
        "csv": f"{reverse('funding:deposits_csv' if is_deposits else 'funding:transactions_csv')}{_address(request)}",
        "books": Books.objects.filter(supplier__is_active=True).select_related("supplier").order_by("supplier__name"),
        **more, **refused,
    }
    name = "deposits" if is_deposits else "transactions"
    status = refusing.STATUS if refused else 200
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, f"funding/_{name}.html", context | {"is_update": True}, status=status)
    return render(request, f"funding/{name}.html", context, status=status)


def _cut(request, form, entries):
    """The rows the address asks for, and what refuses it: none where the filter or the place makes no sense."""
    wrong = refusing.wrong_in(form)
    try:
        if not wrong:
            return keyset.cut(entries.select_related("supplier").only(*COLUMNS), field="occurred_at",
                              older_than=request.GET.get("older"), newer_than=request.GET.get("newer")), {}
    except OddPlace:
        wrong = refusing.wrong_place(request.GET)
    path = reverse(f"funding:{form.kind}s")
    return keyset.Slice([]), refusing.refusal(request.GET, wrong, path=path)


def _tabs(request, form):
    chosen = form.cleaned_data.get("status") or ""
    return {"tabs": [{"title": title, "url": _address(request, status=status), "is_current": status == chosen}
                     for status, title in (("", _("All")), ("pending", _("Pending")), ("posted", _("Posted")))]}


def _breaks():
    broken = Account.objects.exclude(first_break=None).select_related("first_break", "supplier")
    return {"breaks": [{"account": account, "gap": chain.gap(account.first_break), "url": _break_url(account)}
                       for account in broken]}


def _address(request, **changes):
    """`?…` of the current filter with `changes`; the place in the list is kept only if it is among them."""
    query = request.GET.copy()
    for name in ("older", "newer"):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}"


def _break_url(account):
    cursor = keyset.just_above(account.first_break, field="occurred_at")
    return (f"{reverse('funding:transactions')}?supplier={account.supplier.name}&currency={account.currency}"
            f"&older={cursor}#entry-{account.first_break_id}")


def _csv(request, kind):
    form, entries = _filtered(request, kind)
    if not form.is_valid():
        return _list(request, kind)
    parts = [f"{kind}s", *(slugify(request.GET.get(name, "")) for name in FILTERS)]
    written = exporting.write_down(
        what=f"{kind}s", wanted=_address(request).lstrip("?"), rows=entries, by=request.user, now=timezone.now())
    return exporting.answer(statement.lines(entries), name="-".join(filter(None, parts)), export=written)
