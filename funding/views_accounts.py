"""Balances, and one account."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from catalog import gateway, refusing
from catalog.access import page
from catalog.models import Supplier
from catalog.suppliers.ports import Till

from . import accounts as finding
from . import history, refreshing
from .models import Account, Books, Reservation

STOP_POLLING = 286
SPANS = {"1": _("24 hours"), "7": _("7 days"), "30": _("30 days")}


@page("funding.view_account")
@require_GET
def accounts(request):
    now = timezone.now()
    awaited = refreshing.awaited(now=now)
    context = {
        "accounts": finding.overview(now=now), "awaited": awaited,
        "failures": Books.objects.failing().select_related("supplier").order_by("supplier__name"),
        "has_suppliers": Supplier.objects.filter(is_active=True).exists(),
    }
    if request.htmx:
        return render(request, "funding/_accounts.html", context, status=200 if awaited else STOP_POLLING)
    return render(request, "funding/accounts.html", context)


@page("funding.refresh_funding")
@require_POST
def refresh(request):
    active = Supplier.objects.filter(is_active=True)
    refreshing.ask(suppliers=[one for one in active if not gateway.lacks(one, Till)], now=timezone.now())
    return redirect("funding:accounts")


@page("funding.view_account")
@require_GET
def account(request, pk):
    now = timezone.now()
    try:
        account = finding.one(pk=pk, now=now)
    except Account.DoesNotExist as missing:
        raise Http404 from missing
    address = reverse("funding:account", args=[pk])
    wrong = refusing.wrong_word(request.GET, "days", _("Days"), SPANS)
    span = request.GET.get("days") or "7"
    open_reservations = account.reservations.filter(state=Reservation.State.OPEN)
    may_see_entries = request.user.has_perm("funding.view_entry")
    thresholds = sorted(account.thresholds.all(), key=lambda threshold: -threshold.trigger_amount)
    return render(request, "funding/account.html", {
        "account": account, "thresholds": thresholds, "mark": thresholds[0].trigger_amount if thresholds else None,
        "points": [] if wrong else history.points(account=account, days=int(span), now=now),
        "spans": [{"title": title, "url": f"{address}?days={days}", "is_current": days == span}
                  for days, title in SPANS.items()],
        "runway_hours": settings.RUNWAY_HOURS, "reservations": open_reservations.order_by("-created_at")[:20],
        "entries": account.entries.order_by("-occurred_at", "-id")[:10] if may_see_entries else None,
        **(refusing.refusal(request.GET, wrong, path=address) if wrong else {}),
    }, status=refusing.STATUS if wrong else 200)
