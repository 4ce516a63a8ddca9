"""What the browser loads: vendored files are what they say, classes exist, the first visit is light."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from catalog.templatetags.status_words import LOOKS
from config.assets import Files

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "config" / "static"
VENDORED = sorted(path for path in (STATIC / "vendor").iterdir() if path.is_dir())
FIRST_VISIT_BYTES = 44 * 1024  # gzipped, without the page itself; Django's own admin takes 100 kB
FIRST_VISIT = (
    "theme.js", "tokens.css", "purser.css", "shell.css", "purser.js", "purser.svg", "vendor/tabler/tabler.css",
    "vendor/tabler-icons/icons.svg", "django_htmx/htmx-2.min.js")
# Hooks of the scripts and of tests, and words that only stand in template logic.
UNSTYLED = re.compile(r"htmx-\w+|is-\w+|no-\w+|js-[\w-]+")


def templates():
    return {path.relative_to(ROOT): path.read_text() for path in (ROOT / "templates").rglob("*.html")}


def known_classes():
    sheets = "".join(path.read_text() for path in [*STATIC.glob("*.css"), STATIC / "vendor/tabler/tabler.css"])
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", sheets))


def used_classes(source):
    source = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", source, flags=re.DOTALL)
    for attribute in re.findall(r"\bclass=\"([^\"]*)\"", re.sub(r"\{[%{].*?[%}]\}", "\0", source)):
        yield from (name for name in attribute.split() if "\0" not in name)


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_are_what_they_say(folder):
    sums = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines())

    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                    for path in folder.iterdir() if path.name not in ("VERSION", "SHA256SUMS")}


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_have_licence_and_version(folder):
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()
    assert re.search(r"\d+\.\d+\.\d+", (folder / "VERSION").read_text())


@pytest.mark.filterwarnings("ignore:No directory at")
def test_pages_are_whole_before_files_were_collected(settings, tmp_path):
    settings.STATIC_ROOT, settings.DEBUG, settings.WHITENOISE_AUTOREFRESH = tmp_path / "none", False, False

    address = Files().url("purser.css")

    assert address == "/static/purser.css"
    assert address in WhiteNoiseMiddleware(lambda request: HttpResponse(), settings).files


def test_style_sheets_load_nothing_from_elsewhere():
    sheets = "".join(path.read_text() for path in STATIC.rglob("*.css"))

    assert re.findall(r"@import|url\((?!\s*[\"']?(?:data:|#))", sheets) == []


def test_every_class_of_a_page_is_styled():
    known = known_classes()

    assert {f"{path}: {name}" for path, source in templates().items() for name in used_classes(source)
            if name not in known and not UNSTYLED.fullmatch(name) and "admin" not in path.parts} == set()


def test_every_icon_of_a_page_exists():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "vendor/tabler-icons/icons.svg").read_text()))
    asked = {name for source in templates().values() for name in re.findall(r"\{% icon \"([\w-]+)\"", source)}
    asked |= {name for source in templates().values() for name in re.findall(r"icon_name=\"([\w-]+)\"", source)}

    assert asked - drawn == set()


def test_every_tone_is_styled():
    assert {f"tone-{look.tone}" for look in LOOKS.values()} <= known_classes()


def test_first_visit_is_light():
    weight = sum(len(gzip.compress(Path(finders.find(name)).read_bytes())) for name in FIRST_VISIT)

    assert weight < FIRST_VISIT_BYTES
