"""Pages of the connections: who we buy from, what a supplier can do, whether it answers, and pausing it."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from . import connecting, findings, gateway
from .access import page
from .forms import ReasonForm
from .models import CircuitState, ConnectionTest, Product, Supplier, SyncRun
from .suppliers import ports, registry

POLLING_ENDS = 286
CLOCK_TOLERANCE_S = 1  # the Date header has whole seconds
PORTS = (
    (ports.CatalogSource, gettext_lazy("Catalog and prices")),
    (ports.Quoter, gettext_lazy("Fresh quotes")),
    (ports.OrderDesk, gettext_lazy("Orders")),
    (ports.OrderBook, gettext_lazy("List of all orders")),
    (ports.PhoneLookup, gettext_lazy("Operators of phone numbers")),
    (ports.ReceiptDesk, gettext_lazy("Address of its own receipts")),
    (ports.Till, gettext_lazy("Balances")),
    (ports.Statement, gettext_lazy("Deposits or transactions")),
    (ports.Probe, gettext_lazy("Health probe")),
    (ports.Reference, gettext_lazy("Reference data")),
    (ports.TransactionDesk, gettext_lazy("Status of wallet transactions")),
    (ports.EsimDesk, gettext_lazy("Status and top-up of eSIMs")),
    (ports.PriceList, gettext_lazy("Prices between whole syncs")),
    (ports.Notices, gettext_lazy("Webhooks")),
)


@page("catalog.view_supplier")
@require_GET
def suppliers(request):
    """All connections with how they stand."""
    last_run = SyncRun.objects.filter(supplier=OuterRef("pk"), prices_only=False).order_by("-id")
    shown = list(Supplier.objects.order_by("name").select_related("circuit").annotate(
        run_id=Subquery(last_run.values("id")[:1]), run_status=Subquery(last_run.values("status")[:1]),
        run_at=Subquery(last_run.values("started_at")[:1])))
    counts = dict(Product.objects.filter(gone_at=None).order_by().values_list("supplier").annotate(Count("id")))
    for supplier in shown:
        supplier.api_title = _title(supplier)
        supplier.product_count = counts.get(supplier.pk, 0)
        supplier.circuit_word = _circuit(supplier).state
        supplier.has_catalog = gateway.supports(supplier, ports.CatalogSource)
        supplier.is_shop = gateway.supports(supplier, ports.OrderDesk)
    return render(request, "catalog/suppliers.html", {"suppliers": shown})


@page("catalog.view_supplier")
@require_GET
def supplier(request, name):
    """One connection; under htmx only its connection test, and the word that it is finished."""
    shown = get_object_or_404(Supplier.objects.select_related("circuit"), name=name)
    test = shown.tests.order_by("-requested_at").first()
    is_waiting = test is not None and test.state == ConnectionTest.State.WAITING
    is_lost = is_waiting and timezone.now() - test.requested_at > connecting.WAITS_FOR
    context = {"supplier": shown, "test": test, "is_lost": is_lost, "steps": findings.shown(test.steps) if test else []}
    if request.htmx and not request.htmx.history_restore_request:
        is_final = is_lost or not is_waiting
        return render(request, "catalog/_connection_test.html", context, status=POLLING_ENDS if is_final else 200)
    return render(request, "catalog/supplier.html", {**context, **_facts(request, shown)})


@page("catalog.start_sync")
@require_POST
def connection_test(request, name):
    """Ask for a test; a worker does it, and the supplier page shows what came of it."""
    shown = get_object_or_404(Supplier, name=name)
    test = connecting.ask_test(supplier=shown, by=request.user, now=timezone.now())
    if request.htmx:
        return render(request, "catalog/_connection_test.html", {"supplier": shown, "test": test})
    return redirect("catalog:supplier", name=name)


@page("catalog.pause_supplier")
@require_POST
def pause(request, name):
    """Stop buying there, with a reason."""
    return _act(request, name, connecting.pause, _("Paused: nothing new is sent there."))


@page("catalog.pause_supplier")
@require_POST
def resumption(request, name):
    """Buy there again, with a reason."""
    return _act(request, name, connecting.resume, _("Resumed: new orders are sent there again."))


def _act(request, name, act, done):
    shown = get_object_or_404(Supplier.objects.select_related("circuit"), name=name)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        context = {"supplier": shown, "test": shown.tests.order_by("-requested_at").first(), "reason_form": form}
        return render(request, "catalog/supplier.html", {**context, **_facts(request, shown)}, status=422)
    if act(supplier=shown, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()):
        messages.success(request, done)
    return redirect("catalog:supplier", name=name)


def _facts(request, shown):
    """What stands on the supplier page beside the test."""
    calls = []
    if request.user.has_perm("catalog.view_call"):
        calls = list(shown.calls.defer("sealed_request", "sealed_response").order_by("-started_at")[:20])
    told = shown.calls.filter(skew_s__isnull=False).order_by("-started_at").values_list("skew_s", flat=True).first()
    names = gateway.has_credentials(shown)
    return {
        **_notices(shown, names), "api_title": _title(shown), "calls": calls, "skew": _skew(told),
        "circuit": _circuit(shown),
        "abilities": [(title, gateway.supports(shown, port)) for port, title in PORTS],
        "has_catalog": gateway.supports(shown, ports.CatalogSource),
        "is_shop": gateway.supports(shown, ports.OrderDesk),
        "has_till": gateway.supports(shown, ports.Till),
        "has_transactions": gateway.supports(shown, ports.TransactionDesk),
        "has_esims": gateway.supports(shown, ports.EsimDesk),
        "credentials": [_label(shown, name) for name in names],
        "runs": list(shown.sync_runs.defer("warnings").order_by("-id")[:5]),
        "events": list(shown.events.select_related("by").order_by("-at", "-id")[:20]),
        "counts": Product.objects.filter(supplier=shown).aggregate(
            on_sale=Count("id", filter=Q(gone_at=None)), gone=Count("id", filter=Q(gone_at__isnull=False))),
    }


def _notices(shown, credential_names):
    """Where its webhooks go and what may sign them, if it sends any."""
    if not gateway.supports(shown, ports.Notices):
        return {}
    until = shown.former_secret_until
    return {
        "notice_address": f"{settings.SITE_URL}{reverse('webhook', args=[shown.name])}",
        "has_notice_secret": registry.APIS[shown.api].client.notice_secret in credential_names,
        "is_overlap": until is not None and until > timezone.now(),
    }


def _title(shown):
    api = registry.APIS.get(shown.api)
    return api.title if api else shown.api


def _label(shown, name):
    """What staff call the credential called `name`."""
    api = registry.APIS.get(shown.api)
    return api.credentials[name].label if api and name in api.credentials else name


def _skew(seconds):
    """How far the supplier's clock is from ours, in words; None where it never told the time."""
    if seconds is None:
        return None
    if abs(seconds) < CLOCK_TOLERANCE_S:
        return _("agrees with ours")
    words = _("%s s ahead of ours") if seconds > 0 else _("%s s behind ours")
    return words % f"{abs(seconds):.1f}"


def _circuit(shown):
    """Its circuit; a closed one where it was never called."""
    return getattr(shown, "circuit", None) or CircuitState(supplier=shown)
