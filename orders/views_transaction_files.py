"""Many transactions from a file: upload, watch the answers come in, take the result along."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from catalog import clock, exporting, refusing
from catalog.access import page
from catalog.paging import OddPlace, link

from . import entering, filing, paging
from .models import TransactionFile
from .transaction_forms import FileForm, desks

STOP_POLLING = 286
SHOWN = 20
MOST_PROBLEMS = 100


@page("orders.view_transaction")
@require_GET
def files(request):
    """The form for a file, and the files, newest first."""
    try:
        context = _context(request, FileForm())
    except OddPlace:
        context = {**_form_context(FileForm()), **refusing.refusal(
            request.GET, refusing.wrong_place(request.GET), path=request.path)}
    return render(request, "orders/transaction_files.html", context, status=refusing.STATUS if "wrong" in context else 200)


@page("orders.check_transaction")
@require_POST
def uploads(request):
    """Enter the lines of a file; the same page with status 422 where the file cannot be used."""
    form = FileForm(request.POST, request.FILES)
    file = _taken(form, request.user)
    if file is None:
        return render(request, "orders/transaction_files.html", _context(request, form), status=422)
    return redirect("orders:transaction_file", file.pk)


@page("orders.view_transaction")
@require_GET
def file(request, pk):
    """One file and how far it is; under htmx the part that lives, until every line has been answered."""
    shown = _file(pk)
    progress = filing.progress(shown)
    is_done = not progress["waiting"]
    problems = list(shown.rows.exclude(problem="").order_by("line")[:MOST_PROBLEMS])
    context = {"file": shown, "progress": progress, "is_done": is_done, "problems": problems, "most": MOST_PROBLEMS}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "orders/_transaction_file.html", context, status=STOP_POLLING if is_done else 200)
    return render(request, "orders/transaction_file.html", context)


@page("orders.view_transaction")
@require_GET
def result(request, pk):
    """Every line of the file with what is known by now."""
    shown = _file(pk)
    export = exporting.write_down(
        what="transactions", wanted=f"file={shown.pk}", rows=shown.rows.all(), by=request.user, now=clock.now())
    name = f"transactions-{shown.created_at:%Y%m%d-%H%M}-result"
    return exporting.answer(filing.result_lines(shown), name=name, export=export)


def _taken(form, by):
    if not form.is_valid():
        return None
    try:
        return filing.take(supplier=form.chosen, upload=form.cleaned_data["file"], by=by, now=clock.now())
    except (filing.Unreadable, entering.CannotAsk) as refusal:
        form.add_error("file", str(refusal))
    return None


def _context(request, form):
    files = TransactionFile.objects.select_related("supplier", "by")
    part = paging.page(files, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=SHOWN)
    return {
        **_form_context(form), "files": filing.with_counts(part.rows),
        "newer": link(request.GET, before=part.newer) if part.newer else "",
        "older": link(request.GET, after=part.older) if part.older else "",
    }


def _form_context(form):
    return {"form": form, "has_desk": bool(desks())}


def _file(pk):
    return get_object_or_404(TransactionFile.objects.select_related("supplier", "by"), pk=pk)
