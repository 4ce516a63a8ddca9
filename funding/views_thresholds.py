"""Adding, editing and deleting thresholds."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.access import page

from . import thresholds
from .forms import ThresholdForm
from .models import Account, Threshold


@page("funding.change_threshold")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request, account_id):
    account = get_object_or_404(Account.objects.select_related("supplier"), pk=account_id)
    return _form(request, Threshold(account=account))


@page("funding.change_threshold")
@require_http_methods(["GET", "HEAD", "POST"])
def threshold(request, pk):
    return _form(request, get_object_or_404(Threshold.objects.select_related("account__supplier"), pk=pk))


@page("funding.change_threshold")
@require_POST
def deletion(request, pk):
    threshold = get_object_or_404(Threshold, pk=pk)
    thresholds.drop(threshold=threshold, now=timezone.now())
    messages.success(request, _("The threshold is deleted."))
    return redirect("funding:account", pk=threshold.account_id)


def _form(request, threshold):
    form = ThresholdForm(request.POST or None, instance=threshold)
    if request.method == "POST" and form.is_valid():
        thresholds.keep(threshold=form.save(commit=False), now=timezone.now())
        messages.success(request, _("The threshold is saved."))
        return redirect("funding:account", pk=threshold.account_id)
    return render(request, "funding/threshold.html", {"form": form, "threshold": threshold, "account": threshold.account},
                  status=422 if form.is_bound else 200)
