"""Suppliers' text on our pages: words only, and nothing invisible."""

from html.parser import HTMLParser

import pytest
from django.template import Context, Template

from tests.look.payloads import PAYLOADS

PAGE = Template(
    "{% load display %}<p title=\"{{ text|plain }}\">{{ text|plain|linebreaksbr }}</p>"
    "{% status_badge text %}{% copy_button text text %}{% ident text %}{{ text|visible }}")
OURS = {"p", "br", "span", "svg", "path", "use", "button", "code"}


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def drawn(text):
    elements = Elements()
    elements.feed(PAGE.render(Context({"text": text})))
    return elements.found


def plain(text):
    return Template("{% load display %}{{ text|plain }}").render(Context({"text": text}, autoescape=False))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_adds_no_element(payload):
    assert {tag for tag, _ in drawn(payload)} <= OURS


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_adds_no_acting_attribute(payload):
    acting = [name for _, attributes in drawn(payload) for name in attributes
              if name.startswith(("on", "hx-", "data-hx", "style", "src", "formaction"))]
    addresses = [attributes["href"] for _, attributes in drawn(payload) if "href" in attributes]

    assert acting == []
    assert all(address.startswith("/static/vendor/tabler-icons/") for address in addresses)


def test_script_text_is_dropped():
    assert plain("Before<script>alert(1)</script> after") == "Before after"


def test_paragraphs_become_lines():
    assert plain("<p>Redeem at <b>example</b>.</p><ul><li>One</li><li>Two</li></ul>") == "Redeem at example.\nOne\nTwo"


def test_entities_become_characters():
    assert plain("Tom &amp; Jerry&nbsp;&euro;5 &lt;new&gt;") == "Tom & Jerry €5 <new>"


def test_plain_text_passes_unchanged():
    assert plain("Price < 5 and > 3, AT&T") == "Price < 5 and > 3, AT&T"


def test_nothing_stays_nothing():
    assert plain(None) == ""


@pytest.mark.parametrize(("text", "seen"), [
    ("code\u202egnp.exe", "code⟦U+202E⟧gnp.exe"),
    ("zero\u200bwidth", "zero⟦U+200B⟧width"),
    ("\u2066isolated\u2069", "⟦U+2066⟧isolated⟦U+2069⟧"),
    ("bell\x07", "bell⟦U+0007⟧"),
    ("tag\U000e0041", "tag⟦U+E0041⟧"),
])
def test_deceiving_characters_are_shown(text, seen):
    assert plain(text) == seen


def test_other_alphabets_stay_as_they_are():
    assert plain("Подарочная карта · بطاقة · 礼品卡 · Ünïcödé") == "Подарочная карта · بطاقة · 礼品卡 · Ünïcödé"
