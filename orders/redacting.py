"""A notice shown to staff: its shape, and the few values that are no secret. The rest is covered."""

import json
import re

from catalog.suppliers.decoding import decode
from catalog.suppliers.errors import Misread

COVER = "•••"
LOOKED_INTO = ("", "data", "order")
NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,39}")
LONGEST = 100
SHOWN = frozenset((
    "event", "type", "id", "idempotency_key", "timestamp", "created_at", "completed_at", "delivered_on", "external_id",
    "reference_code", "client_reference", "status", "currency", "sku_id", "quantity", "delivered_quantity",
))


def redacted(body):
    """The JSON `body` (bytes), indented, with every value covered that is not known to be harmless."""
    try:
        return json.dumps(_covered(decode(body), ""), indent=2, ensure_ascii=False, default=str)
    except Misread:
        return COVER


def _covered(value, name):
    if isinstance(value, dict):
        # Goods and buyers come in objects and lists of their own; nothing inside them is harmless by its name.
        return ({key if NAME.fullmatch(key) else COVER: _covered(one, key) for key, one in value.items()}
                if name in LOOKED_INTO else COVER)
    if isinstance(value, list):
        return COVER
    is_harmless = name in SHOWN and len(str(value)) <= LONGEST
    return value if is_harmless or value is None or isinstance(value, bool) else COVER
