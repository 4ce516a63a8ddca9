"""The order list, its export, and (`?recent=1`) the few latest orders of one product for catalog pages."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect, push_url

from catalog import clock, refusing
from catalog import exporting as files
from catalog.access import page
from catalog.paging import OddPlace

from . import exporting, listing, paging, rows, search
from .models import Order

RECENT = 5


@page("orders.view_order")
@require_GET
def order_list(request):
    form = listing.FilterForm(request.GET)
    found = search.exact(form.cleaned_data["q"]) if form.is_valid() else None
    if found:
        url = reverse("orders:order", args=[found.pk])
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
    if request.htmx and "recent" in request.GET and form.is_valid():
        return _recent(request, form)
    try:
        found = _page(request, form) if form.is_valid() else _refused(request, form)
    except OddPlace:
        found = _refused(request, form)
    context = _frame(request, form) | found
    status = refusing.STATUS if "wrong" in context else 200
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "orders/list.html", context, status=status)
    answer = render(request, "orders/_list.html", context | {"is_update": True}, status=status)
    return push_url(answer, f"{request.path}?{_address(request)}")


@page("orders.view_order")
@require_GET
def export(request):
    """The file is named by its filter, and says so when it was cut."""
    form = listing.FilterForm(request.GET)
    if not form.is_valid():
        return render(request, "orders/list.html", _frame(request, form) | _refused(request, form), status=refusing.STATUS)
    orders = form.orders(by=request.user)
    now = clock.now()
    written = files.write_down(what="orders", wanted=_address(request), rows=orders, by=request.user, now=now)
    name = f"orders-{form.tab}{'-filtered' if form.is_narrowed else ''}-{now:%Y%m%d-%H%M}"
    return files.answer(exporting.lines(orders), name=name, export=written)


def _recent(request, form):
    """The latest orders of `?product=` or `?sku=`, as a fragment for catalog pages."""
    found = rows.select(form.orders(by=request.user)).order_by("-created_at", "-id")[:RECENT]
    return render(request, "orders/_recent.html", {"rows": rows.present(found)})


def _frame(request, form):
    return {"form": form, "tabs": _tabs(request, form), "rows": [], "cap": files.CAP}


def _refused(request, form):
    """What the list says to a filter, or a place in it, that it does not know."""
    wrong = refusing.wrong_in(form) or refusing.wrong_place(request.GET)
    return refusing.refusal(request.GET, wrong, path=reverse("orders:list"))


def _page(request, form):
    page = paging.page(rows.select(form.orders(by=request.user)),
                       after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    return {
        "rows": rows.present(page.rows),
        "newer": f"?{_address(request, before=page.newer)}" if page.newer else "",
        "older": f"?{_address(request, after=page.older)}" if page.older else "",
        "first": f"?{_address(request)}" if page.newer else "",
        "export": f"{reverse('orders:export')}?{_address(request)}",
        "is_empty_shop": not page.rows and form.tab == "all" and not form.is_narrowed and not Order.objects.exists(),
    }


def _tabs(request, form):
    here = form.tab if form.is_valid() else ""
    counts = listing.counts()
    tabs = [{"word": word, "title": title, "count": counts.get(word), "is_current": word == here,
             "url": f"?{_address(request, status=word)}"} for word, (title, _condition) in listing.TABS.items()]
    if here in listing.OTHERS:
        tabs.append({"title": listing.OTHERS[here][0], "url": f"?{_address(request)}", "is_current": True})
    return tabs


def _address(request, **changes):
    """The present filter as a query, without the place in the list, with `changes`."""
    query = request.GET.copy()
    for name in ("after", "before", "recent", *changes):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return query.urlencode()
