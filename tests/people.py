"""Staff, as tests meet them: a user of one group, with what that group may do."""

import importlib

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.test import Client


@pytest.fixture
def staff(db, django_user_model):
    """A factory: `staff("operations")` is a user of that group, with the group's permissions and a password."""

    def make(group, *, username=None, password="a long enough password"):
        user = django_user_model.objects.create_user(
            username or f"{group}-{django_user_model.objects.count() + 1}", password=password,
            email=f"{group}@shop.example", is_staff=group == "lead")
        user.groups.add(_group(group))
        return user

    return make


@pytest.fixture
def page_client(staff):
    """A factory: `page_client("finance")` is a browser in which such a user is signed in (`client.user`)."""

    def make(group, **options):
        client = Client(**options)
        client.user = staff(group)
        client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def _group(name):
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        wanted = importlib.import_module("monitoring.roles").GROUPS[name]
        group.permissions.set(_permissions(wanted))
    return group


def _permissions(names):
    query = Q(pk=None)
    for name in names:
        app, codename = name.split(".")
        query |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.filter(query).select_related("content_type"))
    missing = set(names) - {f"{one.content_type.app_label}.{one.codename}" for one in found}
    if missing:
        raise LookupError(f"monitoring.roles names permissions that no model declares: {sorted(missing)}")
    return found
