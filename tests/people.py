"""Staff, as tests meet them: a user of one group, with what that group may do."""

import time

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from catalog import confirming
from monitoring import roles


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
    """A factory: `page_client("finance")` is a browser in which such a user is signed in (`client.user`).

    The password counts as just typed, unless `confirmed=False`.
    """

    def make(group, *, confirmed=True, **options):
        client = Client(**options)
        client.user = staff(group)
        client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
        if confirmed:
            confirm(client)
        return client

    return make


def confirm(client, at=None):
    """Let the password of the person in `client` be typed now, or `at` a moment."""
    session = client.session
    session[confirming.CONFIRMED] = int(at.timestamp() if at else time.time())
    session.save()


def _group(name):
    """As `roles.install` lays it down; the other groups, which most tests do not need, are left to later."""
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        known = Permission.objects.values_list("content_type__app_label", "codename", "pk")
        group.permissions.add(*(pk for app, word, pk in known if f"{app}.{word}" in roles.GROUPS[name]))
    return group
