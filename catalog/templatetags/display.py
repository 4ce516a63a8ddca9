"""How pages show things: money, instants, statuses, secrets, foreign text. `{% load display %}`.

Most names work as a tag (`{% moment order.created_at %}`) and as a filter (`{{ order.created_at|moment }}`).
"""

from datetime import UTC, timedelta
from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from catalog import money as catalog_money
from catalog.templatetags.plaintext import plain_text
from catalog.templatetags.plaintext import visible as make_visible
from catalog.templatetags.status_words import SHAPES, look

register = template.Library()
LONG_IDENT = 24  # longer ones take a line of their own among facts


@register.filter
@register.simple_tag
def money(amount, currency=""):
    """`{% money order.agreed_total order.currency %}`: exact digits, the currency's minor units, its code beside it."""
    if amount is None or amount == "":
        return _nothing()
    digits = catalog_money.show(Decimal(amount), currency).removesuffix(f" {currency}")
    sign = " money-negative" if Decimal(amount) < 0 else ""
    return format_html(
        '<span class="money{}">{} <span class="money-code">{}</span></span>', sign, digits, make_visible(currency))


@register.filter
@register.simple_tag
def moment(at, style="both"):
    """A `<time>`: relative, local time beside it, UTC on hover. The style `relative` or `absolute` shows one only."""
    if at is None or at == "":
        return _nothing()
    local, utc = timezone.localtime(at), at.astimezone(UTC)
    absolute = f"{date_format(local, 'j M Y' if local.year != timezone.localtime().year else 'j M')}, {local:%H:%M %Z}"
    hover = f"{utc:%Y-%m-%d %H:%M:%S} UTC" if style != "relative" else f"{absolute} · {utc:%Y-%m-%d %H:%M:%S} UTC"
    near, far = ("", absolute) if style == "absolute" else (relative(at), "" if style == "relative" else absolute)
    return format_html(
        '<time class="moment" datetime="{}" title="{}"><span class="moment-near">{}</span>'
        '<span class="moment-far">{}</span></time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", hover, near, far)


def relative(at):
    """`3 min ago`, `in 2 h`, `5 d ago`; purser.js keeps it true with the same words."""
    distance = at - timezone.now()
    size = abs(distance)
    if size < timedelta(minutes=1):
        return _("just now") if distance <= timedelta(0) else _("in a moment")
    unit, word = next(
        (unit, word) for unit, word in (
            (timedelta(days=1), _("%d d")), (timedelta(hours=1), _("%d h")), (timedelta(minutes=1), _("%d min")),
        ) if size >= unit)
    return (_("%s ago") if distance < timedelta(0) else _("in %s")) % (word % (size // unit))


@register.filter
@register.simple_tag
def status_badge(word, label=""):
    """Word, shape and colour of a status. `label` replaces the word shown: `{% status_badge "open" "Stopped" %}`."""
    if word is None or word == "":
        return _nothing()
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
