"""Colours of the house pass WCAG AA in both themes, computed from the style sheet itself."""

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "config" / "static"
TEXT, PARTS = 4.5, 3.0  # WCAG 2.2: 1.4.3 for text, 1.4.11 for borders of inputs and focus rings
TONES = ("calm", "plain", "blue", "violet", "amber", "orange", "teal", "green", "red")
TEXT_PAIRS = [(f"{tone}-ink", f"{tone}-bg") for tone in TONES] + [
    ("ink", "ground"), ("ink", "surface"), ("ink-2", "ground"), ("ink-2", "surface"), ("ink-2", "sunken"),
    ("ink-2", "calm-bg"), ("accent", "surface"), ("accent", "ground"), ("accent-strong", "accent-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-accent", "danger"), ("danger", "surface"),
    ("danger", "ground"), ("ink", "accent-soft"), ("ink-2", "accent-soft"), ("accent", "accent-soft")]
PART_PAIRS = [("line-strong", "surface"), ("focus", "surface"), ("focus", "ground")]


def theme(name):
    sheet = (STATIC / "tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", sheet.split("[data-bs-theme=dark]")[0]))
    dark = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", sheet.split("[data-bs-theme=dark]")[1]))
    return light if name == "light" else {**light, **dark}


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_is_readable(name, ink, ground):
    colours = theme(name)

    assert contrast(colours[ink], colours[ground]) >= TEXT


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("part", "ground"), PART_PAIRS)
def test_edges_are_visible(name, part, ground):
    colours = theme(name)

    assert contrast(colours[part], colours[ground]) >= PARTS
