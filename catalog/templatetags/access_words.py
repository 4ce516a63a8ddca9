"""Permissions on pages: a refused one in words, for the 403 page, and which addresses are open to a person."""

from urllib.parse import urlsplit

from django import template
from django.contrib.auth.models import Group, Permission
from django.urls import Resolver404, resolve

register = template.Library()


@register.simple_tag
def missing_permission(exception):
    """`{codename, words, groups}` of the permission that `catalog.access.page` raised; all empty when it named none."""
    codename = str(exception or "")
    app, _, name = codename.partition(".")
    permission = Permission.objects.filter(content_type__app_label=app, codename=name).first()
    if permission is None:
        return {"codename": "", "words": "", "groups": ""}
    groups = Group.objects.filter(permissions=permission).order_by("name").values_list("name", flat=True)
    return {"codename": codename, "words": permission.name, "groups": ", ".join(groups)}


@register.filter
def is_open_to(address, user):
    """Whether `user` may open the page at `address`, so that no link leads to a refusal; false where there is none."""
    try:
        view = resolve(urlsplit(address).path).func if address else None
    except Resolver404:
        return True  # not a page of ours: nothing refuses it
    permission = getattr(view, "permission", "")
    return bool(address) and (not permission or user.has_perm(permission))
