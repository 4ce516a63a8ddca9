"""The webhook of the GiftAPI stand-in. The signature covers the time, the event and the key; the order in it is unsigned."""

import hashlib
import hmac
import uuid
from copy import deepcopy

from ..lab_books import Books
from ..lab_goods import LabOrder, rounded
from ..lab_webhooks import LabNotice
from .lab_orders import ITEM_WORDS

EVENT = "order.status_changed"
EVENTS = (EVENT,)
ANSWER_S = 10.0
RETRIES_S = (10.0, 100.0, 1000.0)
TOLD = frozenset({"completed", "failed", "partially_completed"})


def notices(books: Books, kind: str, row) -> list[LabNotice]:
    """One for an order that reached an end that is told; a cancelled one is not."""
    if kind != "order" or row.status not in TOLD:
        return []
    key, at = str(uuid.uuid4()), row.finished_at.isoformat(timespec="seconds")
    payload = {"event": EVENT, "timestamp": at, "idempotency_key": key, "data": {"order": _order(row, at)}}
    return [LabNotice(EVENT, key, payload)]


def _order(order: LabOrder, at: str) -> dict:
    item = {
        "sku_id": order.sku, "quantity": order.quantity, "price": rounded(order.total / order.quantity, order.currency),
        "status": ITEM_WORDS.get(order.status, order.status), "delivery_data": [_unit(unit) for unit in order.delivered],
    }  # fmt: skip
    return {
        "id": order.id, "external_id": order.ref, "status": order.status, "total_amount": order.total,
        "currency": order.currency, "completed_at": at, "items": [item],
    }  # fmt: skip


def _unit(unit: dict) -> dict:
    """The keys of a unit are written otherwise here than in an answer."""
    names = {"serialNumber": "serial_number", "expiration": "expiration_date"}
    return {names.get(name, name): value for name, value in unit.items() if value is not None}


def headers(notice: LabNotice, body: bytes, stamp: str, secret: str) -> dict[str, str]:
    message = f"{stamp}{notice.event}{notice.key}".encode()
    return {"X-Timestamp": stamp, "X-Signature": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}


def altered(payload: dict) -> dict:
    """Another status, amount and code: the signature still fits."""
    changed = deepcopy(payload)
    changed["data"]["order"] |= {"status": "failed", "total_amount": 0}
    changed["data"]["order"]["items"][0]["delivery_data"] = [{"pin": "TEST-ALTERED-ON-THE-WAY"}]
    return changed
