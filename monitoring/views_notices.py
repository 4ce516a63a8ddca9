"""The inbox of webhooks: what suppliers told, what came of it, and how much was refused."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import paging, refusing, vault
from catalog.access import page
from orders import inbox, redacting, refusals
from orders.models import Notice, NoticeRefusal

from .forms import KIND_WORDS, NoticeFilter

REFUSED_WITHIN = timedelta(hours=24)


@page("orders.view_notice")
@require_GET
def notices(request):
    """The webhooks received, newest first, and the counts of those refused."""
    form = NoticeFilter(request.GET)
    part, wrong = _slice(request, form)
    refused = refusals.recent(since=timezone.now() - REFUSED_WITHIN)
    for row in refused:
        row["words"] = NoticeRefusal.Reason(row["reason"]).label
    return render(request, "monitoring/notices.html", {
        "form": form, "notices": _told(part.rows), "refused": refused, **paging.links(request.GET, part),
        "is_filtered": any(form.cleaned_data.values()), **wrong,
    }, status=refusing.STATUS if wrong else 200)


@page("orders.view_notice")
@require_GET
def notice(request, pk):
    """One webhook: where it stands, and what it said with everything covered that may be secret."""
    shown = _told([get_object_or_404(Notice.objects.select_related("supplier", "order", "replayed_by"), pk=pk)])[0]
    try:
        body = redacting.redacted(inbox.open_body(shown))
    except vault.Unreadable as error:
        body = str(error)
    return render(request, "monitoring/notice.html", {"notice": shown, "body": body})


@page("orders.replay_notice")
@require_POST
def replay(request, pk):
    """Follow a webhook once more."""
    inbox.replay(notice=get_object_or_404(Notice, pk=pk), by=request.user, now=timezone.now())
    messages.success(request, _("It is followed once more: the supplier is asked, and what it says now counts."))
    return redirect("monitoring:notice", pk=pk)


def _slice(request, form):
    """The page of the list that the address asks for, and what refuses it: nothing where all of it is understood."""
    rows = form.narrow(Notice.objects.select_related("supplier", "order").defer("sealed_body"))
    wrong = refusing.wrong_in(form)
    try:
        if not wrong:
            return paging.slice_of(rows, keys=("-received_at", "-id"), params=request.GET), {}
    except paging.OddPlace:
        wrong = refusing.wrong_place(request.GET)
    return paging.Slice([], None, None), refusing.refusal(request.GET, wrong, path=request.path)


def _told(rows):
    words = dict(KIND_WORDS)
    for row in rows:
        row.kind_words = words[row.kind]
    return rows
