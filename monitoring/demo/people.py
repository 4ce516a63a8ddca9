"""The demo's staff: one person per group, named like it, and an owner."""

import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group, User

from monitoring.roles import GROUPS

OWNER = "owner"
USES_ADMIN = (OWNER, "lead", "auditor")


def password(path, wanted):
    """The password of all demo users: `wanted`, else the one kept in `path`, else a new one, kept there."""
    if wanted:
        return wanted
    if not path.exists() or not path.read_text():  # a start that was killed may have left it empty
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    return path.read_text()


def hire(secret):
    """Make sure that everybody exists and signs in with `secret`; gives users by name."""
    names = [*GROUPS, OWNER]
    people = User.objects.in_bulk(names, field_name="username")
    hashed = next((user.password for user in people.values() if check_password(secret, user.password)), None)
    hashed = hashed or make_password(secret)  # one hash for all: making one takes most of a second
    for name in names:
        if name not in people or people[name].password != hashed:
            people[name] = _hire(name, hashed)
    return people


def _hire(name, hashed):
    is_owner = name == OWNER
    user, _ = User.objects.update_or_create(username=name, defaults={
        "password": hashed, "email": f"{name}@shop.example", "is_staff": name in USES_ADMIN,
        "is_superuser": is_owner})
    if not is_owner:
        user.groups.add(Group.objects.get(name=name))
    return user
