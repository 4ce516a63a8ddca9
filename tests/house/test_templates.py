"""Templates obey the strict content policy, and supplier text stays text."""

import re

import pytest

from tests.house.source import own_files, production_python, text

UNSAFE_TEMPLATE = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+off")
UNSAFE_PYTHON = re.compile(r"\bmark_safe\b|\bSafeString\b|\bSafeText\b|\bhtml_safe\b|\ballow_tags\b")
INLINE = {
    "script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\s(data-)?hx-on\b", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:|[\"']js:", re.IGNORECASE),
    "foreign file": re.compile(r"<(script|link|img|iframe)[^>]+(src|href)=[\"'](https?:)?//", re.IGNORECASE),
}


def found(pattern, paths):
    return [f"{path}: {match.group().strip()}" for path in paths for match in pattern.finditer(text(path))]


@pytest.mark.parametrize("kind", INLINE)
def test_pages_hold_nothing_inline(kind):
    assert found(INLINE[kind], own_files(".html")) == []


def test_templates_never_switch_escaping_off():
    assert found(UNSAFE_TEMPLATE, own_files(".html")) == []


def test_code_never_marks_text_safe():
    assert found(UNSAFE_PYTHON, production_python()) == []


def test_posting_forms_carry_the_token():
    forms = re.compile(r"<form\b[^>]*method=[\"']?post.*?</form>", re.IGNORECASE | re.DOTALL)

    assert [f"{path}: {form.group()[:80]}" for path in own_files(".html") for form in forms.finditer(text(path))
            if "csrf_token" not in form.group()] == []


def test_htmx_acts_work_without_it():
    """`hx-get` stands beside an `href` (or refreshes itself by trigger), `hx-post` beside a form's `action`."""
    tags = re.compile(r"<(\w+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?\shx-(get|post)=(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
    lonely = []
    for path in own_files(".html"):
        for tag in tags.finditer(text(path)):
            attributes, verb = tag.group(2), tag.group(3)
            fallback = "action=" if verb == "post" or tag.group(1) == "form" else "href="
            if fallback not in attributes and "hx-trigger=" not in attributes:
                lonely.append(f"{path}: {tag.group()[:100]}")

    assert lonely == []


# Django looks these up by name.
BY_NAME = re.compile(r"(\d{3}(_csrf)?|admin/.+|registration/(login|password_\w+)|django/.+)\.html")


def test_every_template_is_used():
    """A file that no page includes and no view renders is a trap for whoever mends it."""
    templates = [path for path in own_files(".html") if path.parts[0] == "templates"]
    named = "".join(text(path) for path in [*production_python(), *templates])
    said = re.findall(r"[\"']([\w/{}]+\.html)[\"']", named)
    used = re.compile("|".join(re.sub(r"\\{[^{}]*\\}", r"[^/]+", re.escape(name)) for name in said))

    names = {path: "/".join(path.parts[1:]) for path in templates}
    assert [name for path, name in names.items()
            if not BY_NAME.fullmatch(name) and not used.fullmatch(name) and not used.fullmatch(path.name)] == []
