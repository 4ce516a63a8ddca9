"""A refused permission in words, for the 403 page: what it is called and which groups have it."""

from django import template
from django.contrib.auth.models import Group, Permission

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
