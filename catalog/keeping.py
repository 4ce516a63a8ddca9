"""A form that was sent after its sender had been signed out: the sign-in page keeps it, and it is offered again behind it.

Nothing of it is stored. It stands in hidden fields of the pages in between, and only the person who signs in sends it.
"""

from uuid import UUID

from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

PREFIX, ADDRESS = "kept.", "kept_address"
CSRF = "csrfmiddlewaretoken"
SECRET = ("secret", "password", "credential", "paste")
NAMES = {"text": _("Note")}


def can_keep(request):
    """Whether the form that `request` brings can be kept: it says something, and neither a file nor a secret."""
    names = [name for name in request.POST if name != CSRF]
    return bool(names) and not request.FILES and not any(_is_secret(name, request.POST[name]) for name in names)


def sign_in(request, *, back):
    """The sign-in page in answer to a form: it leads to `back`, with the form in it."""
    fields = [(name, value) for name, values in request.POST.lists() if name != CSRF for value in values]
    return render(request, "registration/login.html", {
        "next": back, "kept": [(PREFIX + name, value) for name, value in fields], "kept_address": request.path})


def kept(request):
    """What the sign-in page brought along, for that page again: `{kept, kept_address}`; empty where it brought nothing."""
    address = request.POST.get(ADDRESS, "")
    if not _takes_forms(address):
        return {}
    fields = [(name, value) for name, values in request.POST.lists() if name.startswith(PREFIX) for value in values]
    return {"kept": fields, "kept_address": address}


def offer(request, *, back):
    """The page that shows what was kept, with one button that sends it; None where nothing was."""
    brought = kept(request)
    if not brought:
        return None
    fields = [(name.removeprefix(PREFIX), value) for name, value in brought["kept"]]
    typed = [(_title(name), value) for name, value in fields if value and not _is_id(value)]
    return render(request, "registration/resume.html", {
        "fields": fields, "typed": typed, "address": brought["kept_address"], "back": back})


def _is_secret(name, value):
    """A `token` of ours is the id of a form; any other opens something."""
    return any(word in name.lower() for word in SECRET) or (name == "token" and not _is_id(value))


def _takes_forms(address):
    """Whether `address` is a page of the house, which asks for a permission itself."""
    try:
        return bool(getattr(resolve(address).func, "permission", ""))
    except Resolver404:
        return False


def _title(name):
    last = name.rpartition(".")[2]
    return NAMES.get(last) or last.replace("_", " ").capitalize()


def _is_id(value):
    try:
        return bool(UUID(value))
    except ValueError:
        return False
