"""What a supplier's support needs to look into an order: ids, references, times, amounts, and what passed between us.

No code, no key and nothing of a buyer's is in it: of requests and answers only fields of a known harmless name are shown.
"""

import re

from django.utils.translation import gettext as _

from catalog import calls as call_log
from catalog import vault
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
# What an error says, shown for refusals only: in a success `code` may be what the buyer bought.
ERROR_WORDS = frozenset({"code", "error", "errors", "message", "type"})
# An address or a telephone number that an error quotes.
OF_A_BUYER = re.compile(r"\S+@\S+|\+\d[\d ().-]{6,}\d")


def lines(order):
    """The claim as lines of plain text."""
    yield f"{_('Claim about order')} {order.reference}"
    yield from _facts(order)
    for attempt in order.attempts.order_by("chunk", "n"):
        yield from _attempt(attempt)


def _facts(order):
    yield f"{_('Supplier')}: {order.supplier.name} ({order.supplier.get_environment_display()})"
    yield f"{_('Product')}: {order.sku.product.name} / {order.sku.name} ({order.sku.supplier_ref})"
    yield f"{_('Quantity')}: {order.quantity}"
    yield f"{_('Agreed')}: {show(order.agreed_total, order.currency)}"
    if order.charged_total is not None:
        yield f"{_('Charged')}: {show(order.charged_total, order.currency)}"
    yield f"{_('Placed')}: {_instant(order.created_at)}"
    yield f"{_('Status here')}: {order.get_status_display()}"


def _attempt(attempt):
    yield ""
    yield f"{_('Our reference')}: {attempt.ref}"
    yield f"{_('Your order')}: {attempt.supplier_order_id or _('not known to us')}"
    yield f"{_('Quantity')}: {attempt.quantity}, {show(attempt.agreed_total, attempt.currency)}"
    yield f"{_('Sent')}: {attempt.send_count}×, {_instant(attempt.first_sent_at)} – {_instant(attempt.last_sent_at)}"
    yield f"SHA-256 {_('of the request')}: {attempt.body_digest}"
    for seen in Observation.objects.filter(attempt=attempt).order_by("at"):
        yield f"  {_instant(seen.at)} {seen.get_source_display()}: {seen.word or seen.outcome}"
    for call in Call.objects.filter(supplier=attempt.supplier_id, ref=attempt.ref).order_by("started_at")[:MOST_CALLS]:
        yield from _call(call)


def _call(call):
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
            yield f"    {arrow} {redacted(body, is_refusal=is_refusal)}"


def redacted(body, *, is_refusal):
    """A JSON body with its harmless fields, the others hidden; anything else by its size alone.

    What stands in a list is hidden whole, because delivered goods come in lists.
    """
    try:
        told = decode(body)
    except Misread:
        return _("%(count)s bytes that are no JSON") % {"count": len(body)}
    return _text(told, SHOWN | ERROR_WORDS if is_refusal else SHOWN, is_shown=False)


def _text(told, shown, *, is_shown):
    if isinstance(told, dict):
        fields = (f"{name}: {_text(value, shown, is_shown=name in shown)}" for name, value in told.items())
        return "{" + ", ".join(fields) + "}"
    if isinstance(told, list):
        return "[" + ", ".join(_text(value, shown, is_shown=True) if is_shown else HIDDEN for value in told) + "]"
    return OF_A_BUYER.sub(HIDDEN, str(told)[:200]) if is_shown or told is None else HIDDEN


def _instant(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "–"
