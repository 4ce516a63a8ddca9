"""Octopus Cards' webhooks: the exact bytes of the body are signed, the headers are not.

One of the headers carries the secret itself in clear text. It proves nothing and is never looked at.
"""

import hashlib
import hmac

from ..decoding import ident, text
from ..notices import Notice, NoticeKind, Unreadable, check_signature, fresh, node_of
from .refs import ESIM, TOPUP, VOUCHER, join

# What the first word of an event is about. Those of top-ups and eSIMs are announced, not sent yet.
VERTICALS = {"order": VOUCHER, "topup": TOPUP, "esim": ESIM}
KINDS = {**dict.fromkeys(VERTICALS, NoticeKind.ORDER), "wallet": NoticeKind.MONEY}


def read_notice(*, headers, body, secrets, now):
    """The Notice in a request; raises RefusedNotice. Each of `secrets` may have signed it."""
    fresh(headers.get("X-Timestamp", ""), now=now)
    check_signature(headers.get("X-Signature", ""),
                    [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets])
    node = node_of(body)
    key, event = ident(node, "id"), text(node, "type", longest=60)
    if not key or not event:
        raise Unreadable
    subject = event.partition(".")[0]
    data = node.get("data") if subject in VERTICALS and isinstance(node.get("data"), dict) else {}
    number = ident(data, "id")
    return Notice(
        key=key, event=event, kind=KINDS.get(subject, NoticeKind.OTHER),
        order_id=join(VERTICALS[subject], number) if number else "",
        ref=ident(data, "client_reference") or ident(data, "reference_code"), word=text(data, "status", longest=60))
