"""The documents speak of what is there."""

import re
from pathlib import Path

from tests.house.source import ROOT, own_files, text

SETTINGS = text(Path("config/settings.py"))
OPERATIONS = text(Path("docs/operations.md"))


def test_every_setting_is_explained():
    read = set(re.findall(r"(?:env\.\w+|required)\(\s*\"([A-Z_]+)\"", SETTINGS))

    assert {name for name in read if f"| `{name}` |" not in OPERATIONS} == set()


def test_links_lead_somewhere():
    broken = []
    for path in own_files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", text(path)):
            is_elsewhere = target.startswith(("http", "mailto:", "docs/screenshots/"))
            if not is_elsewhere and not (ROOT / path.parent / target).exists():
                broken.append(f"{path}: {target}")

    assert broken == []
