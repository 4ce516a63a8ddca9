"""Starting a command, against a project of Django's own template; and what a first visit weighs."""

import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from .timing import Figure, in_turns, seconds, told

ROOT = Path(__file__).parents[2]
ASSET = re.compile(r'(?:href|src)="/static/([^"?]+\.(?:css|js))"')


def measure(rounds):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "django", "startproject", "plain", folder], check=True)
        ours, plain = in_turns(rounds, check(ROOT, os.environ), check(Path(folder), without("DJANGO_SETTINGS_MODULE")))
    return [
        Figure("manage.py check", "an empty Django project", ours / plain, 1.35, True, told(ours)),
        weight(),
    ]


def check(folder, environment):
    command = [sys.executable, "manage.py", "check"]
    return lambda: seconds(lambda: subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True))


def without(name):
    return {key: value for key, value in os.environ.items() if key != name}


def weight():
    """Compressed bytes of the order list with all its styles and scripts, against the admin's list of users."""
    client = Client()
    client.force_login(User.objects.get(username="bench"), backend="django.contrib.auth.backends.ModelBackend")
    ours, admin = (visit(client, address) for address in (reverse("orders:list"), reverse("admin:auth_user_changelist")))
    return Figure("first visit, compressed", "Django's admin", ours / admin, 0.3, True, f"{ours / 1024:.0f} KB")


def visit(client, address):
    page = client.get(address).content
    files = set(ASSET.findall(page.decode()))
    return len(gzip.compress(page)) + sum(len(gzip.compress((settings.STATIC_ROOT / name).read_bytes())) for name in files)
