"""Webhooks as GiftAPI sends them, and the supplier's side of what they tell about."""

import json
import time
import uuid

from django.test import Client

from catalog.models import Call
from catalog.suppliers.giftapi.signing import signature

EVENT = "order.status_changed"


def body_of(attempt=None, *, key=None, event=EVENT, **order):
    """The bytes of a notice about an order that is completed, with a code in it."""
    told = {
        "id": (attempt.supplier_order_id if attempt else "") or str(uuid.uuid4()),
        "external_id": attempt.ref if attempt else "BO-1", "status": "completed", "total_amount": 5.2, "currency": "USD",
        "items": [{"sku_id": "s", "quantity": 1, "status": "completed", "delivery_data": [{"pin": "CODE-IN-THE-NOTICE"}]}],
        **order}
    return json.dumps({"event": event, "timestamp": "2026-09-01T10:15:33+00:00",
                       "idempotency_key": key or str(uuid.uuid4()), "data": {"order": told}}).encode()


def headers_of(body, secret, *, at=None):
    """The headers that GiftAPI would send with `body`."""
    told, timestamp = json.loads(body), str(int(time.time() if at is None else at))
    return {"X-Timestamp": timestamp,
            "X-Signature": signature(secret, timestamp, told["event"], told["idempotency_key"])}


def post(name, body, headers, *, content_type="application/json"):
    """Post it the way a stranger does: without a session, and with Django's check of forms switched on."""
    return Client(enforce_csrf_checks=True).post(
        f"/webhooks/{name}/", data=body, content_type=content_type, headers=headers)


def fetches():
    """How often an order was read."""
    return Call.objects.filter(operation="getOrder").count()
