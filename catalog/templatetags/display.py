"""How pages show things: money, instants, statuses, secrets, foreign text. `{% load display %}`.

Most names work as a tag (`{% moment order.created_at %}`) and as a filter (`{{ order.created_at|moment }}`).
"""

from datetime import UTC, timedelta
from decimal import Decimal
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from catalog import money as catalog_money
from catalog.templatetags.plaintext import plain_text
from catalog.templatetags.plaintext import visible as make_visible
from catalog.templatetags.status_words import SHAPES, look

register = template.Library()
NONE = timedelta(0)
SPANS = {timedelta(days=1): gettext_noop("%d d"), timedelta(hours=1): gettext_noop("%d h"),
         timedelta(minutes=1): gettext_noop("%d min")}
LONG_IDENT = 24  # longer ones take a line of their own among facts


@register.filter
@register.simple_tag
def money(amount, currency=""):
    """`{% money order.agreed_total order.currency %}`: exact digits, the currency's minor units, its code beside it."""
    if amount is None or amount == "":
        return _nothing()
    sign = " money-negative" if Decimal(amount) < 0 else ""
    return format_html(
        '<span class="money{}">{} <span class="money-code">{}</span></span>', sign, digits(amount, currency),
        make_visible(currency))


@register.filter
def digits(amount, currency):
    """The exact digits of an amount without its currency, for the first end of a range."""
    return catalog_money.show(Decimal(amount), currency).removesuffix(f" {currency}")


@register.filter
@register.simple_tag
def moment(at, style="both"):
    """A `<time>`: relative, local time beside it, UTC on hover. The style `relative` or `absolute` shows one only."""
    if at is None or at == "":
        return _nothing()
    now, zone, language = timezone.now(), timezone.get_current_timezone(), get_language()
    local, utc = at.astimezone(zone), at.astimezone(UTC).isoformat(" ", "seconds")[:19]
    clock = f"{_day(local.date(), now.astimezone(zone).year, language)}, {local:%H:%M %Z}"
    near = "" if style == "absolute" else _distance(at - now, language)
    far = "" if style == "relative" else clock
    hover = f"{clock} · {utc} UTC" if style == "relative" else f"{utc} UTC"
    return format_html(
        '<time class="moment" datetime="{}" title="{}"><span class="moment-near">{}</span>'
        '<span class="moment-far">{}</span></time>', f"{utc[:10]}T{utc[11:]}Z", hover, near, far)


@register.filter
def older_than(at, seconds):
    """Whether the instant `at` lies more than `seconds` back."""
    return at is not None and timezone.now() - at > timedelta(seconds=seconds)


@register.filter
def day(date):
    """`21 Nov 2027`: a date without a time, the year left out in this one."""
    return _nothing() if date in (None, "") else _day(date, timezone.localdate().year, get_language())


def absolute(at):
    """`2 Mar, 12:00 UTC`: what stands in a moment of that style, where a `<time>` of the same instant stands beside it."""
    local = timezone.localtime(at)
    return f"{_day(local.date(), timezone.localtime().year, get_language())}, {local:%H:%M %Z}"


def relative(at):
    """`3 min ago`, `in 2 h`, `5 d ago`; purser.js keeps it true with the same words."""
    return _distance(at - timezone.now(), get_language())


def _distance(distance, language):
    size = abs(distance)
    unit = next((unit for unit in SPANS if size >= unit), None)
    return _distance_words(unit, size // unit if unit else 0, distance <= NONE, language)


@lru_cache(maxsize=1024)
def _distance_words(unit, count, is_past, _language):
    """Kept by language, as is the day: a table says the same few over and over."""
    if unit is None:
        return _("just now") if is_past else _("in a moment")
    return (_("%s ago") if is_past else _("in %s")) % (_(SPANS[unit]) % count)


@lru_cache(maxsize=1024)
def _day(day, this_year, _language):
    return date_format(day, "j M" if day.year == this_year else "j M Y")


@register.filter
@register.simple_tag
def status_badge(word, label=""):
    """Word, shape and colour of a status. `label` replaces the word shown: `{% status_badge "open" "Stopped" %}`."""
    if word is None or word == "":
        return _nothing()
    return _badge(str(word), str(label), get_language())


@lru_cache(maxsize=1024, typed=True)
def _badge(word, label, _language):
    shown = look(word)
    return format_html('<span class="badge-status tone-{}">{}{}</span>',
                       shown.tone, _shape(shown.shape), make_visible(label or shown.label))


def _shape(name):
    path, kind = SHAPES[name]
    return format_html(
        '<svg class="shape shape-{}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">'
        '<path d="{}"/></svg>', kind, path)


@register.filter
@register.simple_tag
def masked(hint=""):
    """A hidden secret: dots and, where the house keeps it, the last four characters."""
    if hint:
        return format_html('<span class="masked"><span aria-hidden="true">••••&nbsp;{}</span>'
                           '<span class="visually-hidden">{}</span></span>', hint, _("hidden, ends in %s") % hint)
    return format_html('<span class="masked"><span aria-hidden="true">••••••••</span>'
                       '<span class="visually-hidden">{}</span></span>', _("hidden"))


@register.filter
def plain(html):
    """A supplier's HTML as plain text, one line per block; pass it on to `linebreaksbr` for paragraphs."""
    return plain_text(html or "")


@register.filter
def visible(text):
    """Foreign text with control and reordering characters shown as ⟦U+202E⟧."""
    return make_visible("" if text is None else text)


@register.simple_tag
@lru_cache(maxsize=1024, typed=True)  # text that is safe HTML already and text that is not shall never share a key
def icon(name, label=""):
    """One of our icons; without a label it is decoration and hidden from screen readers."""
    address = f"{static('vendor/tabler-icons/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def copy_button(text, what=""):
    """A button that copies `text`; `what` names it for screen readers, e.g. "order id"."""
    name = _("Copy %s") % what if what else _("Copy")
    return format_html(
        '<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}" hidden>{}</button>',
        text, name, name, icon("copy"))


@register.simple_tag
def ident(text, what=""):
    """An id, key or reference in fixed width on one line, with its copy button; what does not fit stands in the title."""
    if text is None or text == "":
        return _nothing()
    shown = make_visible(text)
    long = " ident-long" if len(str(text)) > LONG_IDENT else ""
    return format_html(
        '<span class="ident{}"><code title="{}">{}</code>{}</span>', long, shown, shown, copy_button(text, what))


def _nothing():
    return format_html('<span class="nothing"><span aria-hidden="true">—</span>'
                       '<span class="visually-hidden">{}</span></span>', _("none"))
