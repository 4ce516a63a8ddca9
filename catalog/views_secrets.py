"""Changing the secret that a supplier signs its webhooks with. It is written here and never shown."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from . import confirming, connecting, gateway
from .access import page
from .forms import NoticeSecretForm
from .models import Supplier
from .suppliers import ports


@page("catalog.change_supplier")
@require_http_methods(["GET", "POST"])
@confirming.needs_password("credentials", back="catalog:notice_secret")
def notice_secret(request, name):
    """The form for a new secret, and taking it."""
    supplier = _supplier(name)
    form = NoticeSecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _replace(request, supplier, form):
        messages.success(request, _("The new secret is in use. The former one stays good for a while."))
        return redirect("catalog:supplier", name=name)
    status = 422 if request.method == "POST" else 200
    return render(request, "catalog/notice_secret.html", {"supplier": supplier, "form": form}, status=status)


@page("catalog.change_supplier")
@require_POST
@confirming.needs_password("credentials", back="catalog:supplier")
def former_secret_retirement(request, name):
    """Take no more notices that are signed with the former secret."""
    if connecting.retire_secret(supplier=_supplier(name), by=request.user, now=timezone.now()):
        messages.success(request, _("The former secret is gone: only the present one is accepted."))
    return redirect("catalog:supplier", name=name)


def _replace(request, supplier, form):
    try:
        connecting.replace_secret(
            supplier=supplier, secret=form.cleaned_data["secret"], by=request.user, now=timezone.now(),
            overlap=timedelta(seconds=form.cleaned_data["overlap"]))
    except connecting.Wrong as wrong:
        form.add_error(None, " ".join(wrong.errors.values()))
    return form.is_valid()


def _supplier(name):
    supplier = get_object_or_404(Supplier, name=name)
    if not gateway.supports(supplier, ports.Notices):
        raise Http404
    return supplier
