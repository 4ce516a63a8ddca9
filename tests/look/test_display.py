"""Money, instants, statuses and secrets as pages show them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from catalog.models import SyncRun
from catalog.templatetags.status_words import LOOKS, SHAPES
from funding.models import Account
from monitoring.models import Alert
from orders.models.attempt import State
from orders.models.order import Status

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def render(source, **values):
    return Template("{% load display %}" + source).render(Context(values))


def words(markup):
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@pytest.mark.parametrize(("amount", "currency", "shown"), [
    (Decimal("1234.5"), "USD", "1,234.50 USD"),
    (Decimal("1234"), "JPY", "1,234 JPY"),
    (Decimal("0.5"), "KWD", "0.500 KWD"),
    (Decimal("-12.34"), "EUR", "−12.34 EUR"),
    (Decimal("0.123456"), "USD", "0.123456 USD"),
    (Decimal("0.000000"), "JPY", "0 JPY"),
    (Decimal("100.000000"), "USD", "100.00 USD"),
    (Decimal("12345678901234.56"), "USD", "12,345,678,901,234.56 USD"),
    (7, "USD", "7.00 USD"),
    (Decimal("5"), "", "5.00"),
])
def test_money_has_exact_digits_and_its_code(amount, currency, shown):
    assert words(render("{% money amount currency %}", amount=amount, currency=currency)) == shown


def test_negative_money_has_a_sign_and_not_only_a_colour():
    shown = render("{% money amount 'USD' %}", amount=Decimal("-1"))

    assert "money-negative" in shown
    assert "\N{MINUS SIGN}1.00" in shown


def test_missing_money_is_said_to_be_none():
    assert words(render("{% money amount 'USD' %}", amount=None)) == "— none"


def test_money_is_also_a_filter():
    assert render("{{ amount|money:'USD' }}", amount=Decimal("1")) == render("{% money amount 'USD' %}", amount=1)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(("distance", "shown"), [
    (timedelta(seconds=-20), "just now"),
    (timedelta(seconds=20), "in a moment"),
    (timedelta(minutes=-3), "3 min ago"),
    (timedelta(hours=-5, minutes=-40), "5 h ago"),
    (timedelta(days=-8), "8 d ago"),
    (timedelta(minutes=90), "in 1 h"),
])
def test_moment_tells_the_distance(distance, shown):
    assert words(render("{% moment at 'relative' %}", at=NOON + distance)) == shown


@time_machine.travel(NOON, tick=False)
def test_moment_tells_local_time_and_utc_on_hover():
    with timezone.override("Asia/Almaty"):
        shown = render("{% moment at %}", at=NOON - timedelta(minutes=3))

    assert words(shown) == "3 min ago 4 Mar, 16:57 +05"
    assert 'title="2026-03-04 11:57:00 UTC"' in shown
    assert 'datetime="2026-03-04T11:57:00Z"' in shown


@time_machine.travel(NOON, tick=False)
def test_moment_of_another_year_names_the_year():
    assert "31 Dec 2025" in render("{% moment at 'absolute' %}", at=datetime(2025, 12, 31, tzinfo=UTC))


@time_machine.travel(NOON, tick=False)
def test_moment_and_badge_speak_the_language_of_the_page():
    def shown():
        return render("{% moment at %}{% status_badge 'unknown' %}", at=NOON - timedelta(days=1))

    english = shown()

    with translation.override("ru"):
        russian = shown()
    assert (shown(), english != russian) == (english, True)


def test_text_that_is_safe_makes_no_other_text_safe():
    render("{% status_badge 'open' label %}{% icon 'search' label %}", label=SafeString("<b>"))

    assert "<b>" not in render("{% icon 'search' label %}", label="<b>")
    assert "<b>" not in render("{% status_badge 'open' label %}", label="<b>")


def test_moment_that_never_was_is_said_to_be_none():
    assert words(render("{% moment at %}", at=None)) == "— none"


@pytest.mark.parametrize("choices", [
    Status, State, Account.State, Alert.Severity, SyncRun.Status], ids=lambda choices: choices.__qualname__)
def test_every_stored_status_has_a_look(choices):
    assert set(choices.values) - set(LOOKS) == set()


def test_every_look_has_a_shape():
    assert {look.shape for look in LOOKS.values()} <= set(SHAPES)


def test_badge_has_word_shape_and_tone():
    shown = render("{% status_badge 'partially_completed' %}")

    assert words(shown) == "Partially completed"
    assert "<path" in shown
    assert "tone-teal" in shown


def test_badge_of_an_unknown_word_shows_the_word():
    shown = render("{% status_badge 'on_hold_by_bank' %}")

    assert words(shown) == "on hold by bank"
    assert "tone-plain" in shown


def test_badge_takes_another_label():
    assert words(render("{% status_badge 'open' 'Stopped' %}")) == "Stopped"


def test_masked_shows_only_the_hint():
    assert "4F2A" in render("{% masked '4F2A' %}")
    assert words(render("{% masked '' %}")) == "•••••••• hidden"


def test_copy_button_names_what_it_copies():
    shown = render("{% copy_button 'PO-1' 'reference' %}")

    assert 'data-copy="PO-1"' in shown
    assert 'aria-label="Copy reference"' in shown


@pytest.mark.parametrize(("amount", "currency", "shown"), [
    ("10", "USD", "10.00"), ("5000", "JPY", "5,000"), ("0.9405", "USD", "0.9405"), ("0", "EUR", "0.00")])
def test_both_ends_of_a_range_have_the_digits_of_their_currency(amount, currency, shown):
    assert Template("{% load display %}{{ amount|digits:currency }}").render(
        Context({"amount": Decimal(amount), "currency": currency})) == shown
