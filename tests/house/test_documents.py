"""The documents speak of what is there."""

import re
from pathlib import Path

from django.core.management import get_commands

from tests.house.source import ROOT, own_files, text

SETTINGS = text(Path("config/settings.py"))
OPERATIONS = text(Path("docs/operations.md"))
OURS = ("catalog", "orders", "funding", "monitoring")
BUILT_IN = {"check", "migrate", "collectstatic", "createsuperuser", "qcluster"}


def test_every_setting_is_explained():
    read = set(re.findall(r"(?:env\.\w+|required)\(\s*\"([A-Z_]+)\"", SETTINGS))

    assert {name for name in read if f"| `{name}` |" not in OPERATIONS} == set()


def test_links_lead_somewhere():
    broken = []
    for path in own_files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", text(path)):
            is_elsewhere = target.startswith(("http", "mailto:"))
            if not is_elsewhere and not (ROOT / path.parent / target).exists():
                broken.append(f"{path}: {target}")

    assert broken == []


def test_commands_named_in_the_documents_exist():
    known = {name for name, app in get_commands().items() if app in OURS} | BUILT_IN
    named = {name for path in own_files(".md") for name in re.findall(r"manage\.py ([a-z_]+)", text(path))}
    named |= set(re.findall(r"^\| `([a-z_]+)` \|", text(Path("README.md")), re.MULTILINE))

    assert named - known == set()
