"""What a supplier's support needs to look into an order: ids, references, times, amounts, and what passed between us.

No code, no key and nothing of a buyer's is in it: of requests and answers only fields of a known harmless name are shown.
"""

import re

from django.utils.translation import gettext as _

from catalog import calls as call_log
from catalog import gateway, vault
from catalog.models import Call
from catalog.money import show
from catalog.suppliers.decoding import decode
from catalog.suppliers.errors import Misread

from .models import Observation

HIDDEN = "•••"
MOST_CALLS = 200
# Fields that may be shown, whatever the supplier; anything else is hidden, also what we have never seen before.
SHOWN = frozenset({
    "amount", "balance_after", "charged_amount", "client_reference", "completed_at", "created_at", "currency",
    "currency_code", "external_id", "external_ref", "failed_at", "id", "is_test", "order_id", "price", "product_id",
    "quantity", "sku_id", "sku_uuid", "status", "total", "total_amount", "updated_at", "uuid"})
HOW_MUCH = frozenset({"amount", "quantity"})
# What an error says, shown for refusals only: in a success `code` may be what the buyer bought.
ERROR_WORDS = frozenset({"code", "error", "message", "type"})
# Objects that are looked into, and what is shown inside; whatever else nests is hidden whole, for goods and buyers nest.
INSIDE = {"data": SHOWN, "order": SHOWN, "item": SHOWN, "fields": HOW_MUCH, "topup_request": HOW_MUCH}
NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,39}")
# In the words of an error: an address, a telephone number, and whatever may be a key, a code or an account.
SUSPECT = re.compile(r"\S+@\S+|\+\d[\d ().-]{6,}\d|\b[A-Z]{3,}(?:-[A-Z]{3,})+\b|(?=[\w+/=.-]*\d)[\w+/=.-]{6,}")


def lines(order):
    """The claim as lines of plain text."""
    yield f"{_('Claim about order')} {order.reference}"
    yield from _order(order)
    buyer = {text for text in map(str, (order.recipient, *order.fields.values())) if len(text) > 2}
    for attempt in order.attempts.order_by("chunk", "n"):
        yield from _attempt(attempt, buyer)


def _order(order):
    yield f"{_('Supplier')}: {order.supplier.name} ({order.supplier.get_environment_display()})"
    yield f"{_('Product')}: {order.sku.product.name} / {order.sku.name} ({order.sku.supplier_ref})"
    yield f"{_('Quantity')}: {order.quantity}"
    yield f"{_('Agreed')}: {show(order.agreed_total, order.currency)}"
    if order.charged_total is not None:
        yield f"{_('Charged')}: {show(order.charged_total, order.currency)}"
    yield f"{_('Placed')}: {_instant(order.created_at)}"
    yield f"{_('Status here')}: {order.get_status_display()}"


def _attempt(attempt, buyer):
    yield ""
    yield f"{_('Our reference')}: {attempt.ref}"
    yield f"{_('Your order')}: {_number(attempt)}"
    yield f"{_('Quantity')}: {attempt.quantity}, {show(attempt.agreed_total, attempt.currency)}"
    yield f"{_('Sent')}: {attempt.send_count}×, {_instant(attempt.first_sent_at)} – {_instant(attempt.last_sent_at)}"
    yield f"SHA-256 {_('of the request')}: {attempt.body_digest}"
    calls = Call.objects.filter(supplier=attempt.supplier_id, ref=attempt.ref).order_by("started_at")[:MOST_CALLS]
    told = [(call.started_at, _call(call, buyer)) for call in calls]
    told += [(seen.at, [f"  {_instant(seen.at)} {seen.get_source_display()}: {seen.word or seen.outcome}"])
             for seen in Observation.objects.filter(attempt=attempt)]
    for _at, text in sorted(told, key=lambda one: one[0]):
        yield from text


def _number(attempt):
    """The order's id in the supplier's own words: what we put before it says of which sort of goods it is."""
    sort, _colon, number = (attempt.supplier_order_id or "").partition(":")
    is_ours = sort in gateway.traits(attempt.supplier).order_sorts
    return f"{number} ({sort})" if is_ours else attempt.supplier_order_id or _("not known to us")


def _call(call, buyer):
    answer = f"HTTP {call.status}" if call.status else call.outcome_words
    yield f"  {_instant(call.started_at)} {call.method} {call.route}: {answer}, {call.duration_ms} ms"
    try:
        asked, answered = call_log.read_bodies(call)
    except vault.Unreadable:
        yield f"    {_('The kept text cannot be opened: its key is missing.')}"
        return
    is_refusal = bool(call.status and call.status >= 400)
    for arrow, body in (("→", asked), ("←", answered)):
        if body:
            yield f"    {arrow} {redacted(body, is_refusal=is_refusal, buyer=buyer)}"


def redacted(body, *, is_refusal, buyer=()):
    """A JSON body with its harmless fields, the others hidden; anything else by its size alone.

    `buyer` are values that the buyer gave; an error may quote them.
    """
    try:
        told = decode(body)
    except Misread:
        return _("%(count)s bytes that are no JSON") % {"count": len(body)}
    if not isinstance(told, dict):
        return HIDDEN
    return _fields(told, SHOWN, buyer) if not is_refusal else _fields(told, SHOWN, buyer, words=ERROR_WORDS)


def _fields(told, shown, buyer, words=frozenset()):
    said = (f"{name if NAME.fullmatch(name) else HIDDEN}: {_value(name, value, shown, buyer, words)}"
            for name, value in told.items())
    return "{" + ", ".join(said) + "}"


def _value(name, value, shown, buyer, words):
    if words and name in ("error", "errors") and isinstance(value, dict):
        return _fields(value, frozenset(), buyer, words if name == "error" else value.keys())
    if isinstance(value, dict):
        return _fields(value, INSIDE[name], buyer) if name in INSIDE else HIDDEN
    if isinstance(value, list):
        is_words = name in words and all(isinstance(one, str) for one in value)
        return "[" + ", ".join(_covered(one, buyer) for one in value) + "]" if is_words else HIDDEN
    if name in words:
        return _covered(str(value), buyer)
    return str(value)[:200] if name in shown or value is None else HIDDEN


def _covered(words, buyer):
    """What an error says, without what it may quote."""
    for value in sorted(buyer, key=len, reverse=True):
        words = re.sub(re.escape(value), HIDDEN, words, flags=re.IGNORECASE)
    return SUSPECT.sub(HIDDEN, words)[:200]


def _instant(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "–"
