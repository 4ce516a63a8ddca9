"""Pages of the mirror: sync runs, one run while it goes on and after, and starting one."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task

from . import gateway, refusing, sync
from .access import page
from .models import Supplier, SyncChange, SyncRun
from .paging import OddPlace, Slice, link, links, slice_of
from .suppliers.ports import CatalogSource

POLLING_ENDS = 286
PATIENCE = timedelta(seconds=30)  # how long a worker may take to pick a run up


@page("catalog.view_syncrun")
@require_GET
def sync_runs(request):
    """All runs, newest first."""
    runs = SyncRun.objects.select_related("supplier").defer("warnings")
    supplier, status = request.GET.get("supplier", ""), request.GET.get("status", "")
    if supplier:
        runs = runs.filter(supplier__name=supplier)
    if status in SyncRun.Status.values:
        runs = runs.filter(status=status)
    wrong = (refusing.wrong_word(request.GET, "supplier", _("Supplier"), Supplier.objects.values_list("name", flat=True))
             | refusing.wrong_word(request.GET, "status", _("Status"), SyncRun.Status.values))
    part, refused = _slice(request, runs, ["-id"], wrong)
    context = {
        "part": part, "supplier": supplier, "suppliers": gateway.choices(CatalogSource), **refused,
        "tabs": [_tab(request, word, title, status == word) for word, title in (
            ("", _("All")), ("complete", _("Complete")), ("failed", _("Failed")), ("running", _("Running")))],
        **links(request.GET, part)}
    return render(request, "catalog/sync_runs.html", context, status=refusing.STATUS if refused else 200)


@page("catalog.view_syncrun")
@require_GET
def sync_run(request, pk):
    """One run; under htmx the part that lives, and the word that it is final."""
    run = get_object_or_404(SyncRun.objects.select_related("supplier"), pk=pk)
    is_final = run.status != SyncRun.Status.RUNNING
    silent_for = timezone.now() - run.heartbeat_at
    context = {
        "run": run, "is_final": is_final, "is_late": run.stage == sync.WAITING and silent_for > PATIENCE,
        "is_dead": silent_for > sync.STALE_AFTER, **(_changes(request, run) if is_final else {})}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "catalog/_sync_run.html", context, status=POLLING_ENDS if is_final else 200)
    return render(request, "catalog/sync_run.html", context, status=refusing.STATUS if "wrong" in context else 200)


@page("catalog.start_sync")
@require_POST
def start_sync(request, name):
    """Start a sync of a supplier and show it; one that is running already is shown instead."""
    supplier = get_object_or_404(Supplier, name=name)
    if not gateway.supports(supplier, CatalogSource):
        raise Http404
    try:
        with transaction.atomic():
            run = sync.begin(supplier=supplier, started_by=request.user.get_username(), now=timezone.now())
            async_task("catalog.tasks.carry_out_sync", run.pk, cluster="catalog")
    except sync.AlreadyRunning as error:
        run = error.run
        messages.info(request, _("A sync of this supplier is running already: this one."))
    return redirect("catalog:sync_run", pk=run.pk)


def _changes(request, run):
    counts = dict(run.changes.order_by().values_list("kind").annotate(Count("id")))
    kinds = [kind for kind in SyncChange.Kind if counts.get(kind)]
    kind = request.GET.get("kind") or next(iter(kinds), "")
    wrong = refusing.wrong_word(request.GET, "kind", _("Kind"), SyncChange.Kind.values)
    changes = run.changes.filter(kind=kind).select_related("product", "sku").only(
        "run", "kind", "old_price", "new_price", "currency", "product__name", "product__supplier_ref", "sku__name",
        "sku__supplier_ref", "sku__denomination")
    part, refused = _slice(request, changes, ["id"], wrong)
    tabs = [{"title": one.label, "url": link(request.GET, kind=one), "is_current": one == kind, "count": counts[one]}
            for one in kinds]
    return {"kind": kind, "part": part, "tabs": tabs, **links(request.GET, part), **refused}


def _slice(request, rows, keys, wrong):
    """The slice the address asks for, and what refuses it: nothing where the filter or the place is wrong."""
    try:
        if not wrong:
            return slice_of(rows, keys=keys, params=request.GET), {}
    except OddPlace:
        wrong = refusing.wrong_place(request.GET)
    return Slice([], None, None), refusing.refusal(request.GET, wrong, path=request.path)


def _tab(request, word, title, is_current):
    return {"title": title, "url": link(request.GET, status=word), "is_current": is_current}
