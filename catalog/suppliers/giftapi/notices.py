"""GiftAPI's webhook: the timestamp, the event and the key of the notice are signed, the order in it is not."""

import re

from ..decoding import ident, text
from ..notices import Notice, NoticeKind, Unreadable, check_signature, fresh, node_of
from .signing import signature

# The parts are signed without anything between them. A timestamp of ten digits, an event of letters and a key of 36
# characters leave one way only to cut them apart.
EVENT = re.compile(r"[a-z]+([._][a-z]+){0,7}")
KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LONGEST_EVENT = 60


def read_notice(*, headers, body, secrets, now):
    """The Notice in a request; raises RefusedNotice. Each of `secrets` may have signed it."""
    timestamp = fresh(headers.get("X-Timestamp", ""), now=now)
    node = node_of(body)
    event, key = _shaped(node, "event", EVENT), _shaped(node, "idempotency_key", KEY)
    check_signature(headers.get("X-Signature", "").lower(),
                    [signature(secret, timestamp, event, key) for secret in secrets])
    order = _order(node)
    return Notice(
        key=key, event=event, kind=NoticeKind.ORDER if event.startswith("order.") else NoticeKind.OTHER,
        order_id=ident(order, "id"), ref=ident(order, "external_id"), word=text(order, "status", longest=60))


def _shaped(node, name, shape):
    value = node.get(name)
    if not (isinstance(value, str) and len(value) <= LONGEST_EVENT and shape.fullmatch(value)):
        raise Unreadable
    return value


def _order(node):
    data = node.get("data")
    order = data.get("order") if isinstance(data, dict) else None
    return order if isinstance(order, dict) else {}
