"""Orders that wait for an answer or for a person."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog import refusing
from catalog.access import page

from . import waiting

LONGEST_ID = 19


@page("orders.view_order")
@require_GET
def unknown(request):
    """Unknown orders with what is at stake; under htmx only the part that changes."""
    context = {"attempts": waiting.unknown_attempts(), "risk": waiting.money_at_risk(), "most": waiting.MOST}
    return render(request, _name(request, "_unknown.html", "unknown.html"), context)


@page("orders.view_order")
@require_GET
def parked(request):
    context = {"demands": waiting.parked_demand(with_orders=True), "most": waiting.MOST}
    return render(request, _name(request, "_parked.html", "parked.html"), context)


@page("orders.view_order")
@require_GET
def parked_demand(request):
    """What parked orders need, as a fragment: of every account, or of `?account=<id>`."""
    account = request.GET.get("account", "")
    if account and not (account.isascii() and account.isdigit() and len(account) < LONGEST_ID):
        context = refusing.refusal(request.GET, {"account": _("Account")}, path=request.path)
        return render(request, "orders/_parked_demand.html", context, status=refusing.STATUS)
    return render(request, "orders/_parked_demand.html", {
        "demands": waiting.parked_demand(account=int(account) if account else None), "one_account": bool(account)})


def _name(request, fragment, whole):
    return f"orders/{fragment if request.htmx and not request.htmx.history_restore_request else whole}"
