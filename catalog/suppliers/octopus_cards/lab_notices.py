"""The webhooks of the Octopus Cards stand-in: vouchers that ended and wallets that moved. The signature covers the body."""

import hashlib
import hmac
import uuid
from datetime import UTC, datetime

from ..lab_goods import LabOrder, LedgerRow
from ..lab_webhooks import LabNotice
from .lab_books import OctopusBooks
from .lab_catalog import VOUCHER
from .lab_telling import ENDED, FIRST_TRANSACTION, moment, voucher_order, wallet, word

ORDER_EVENTS = {
    "DELIVERED": "order.delivered", "PARTIALLY_DELIVERED": "order.partially_delivered", "FAILED": "order.failed",
    "CANCELLED": "order.cancelled",
}  # fmt: skip
EVENTS = (*ORDER_EVENTS.values(), "wallet.credited", "wallet.debited")
WEBHOOK_ID = "41"
ANSWER_S = 5.0
RETRIES_S = (10.0, 30.0, 90.0, 300.0)


def notices(books: OctopusBooks, kind: str, row) -> list[LabNotice]:
    """Of orders only vouchers are told, and without their codes."""
    if kind == "money":
        return [_notice("wallet.credited" if row.amount > 0 else "wallet.debited", _money(books, row))]
    is_told = books.products[row.product].kind == VOUCHER and word(row) in ORDER_EVENTS
    return [_notice(ORDER_EVENTS[word(row)], _order(books, row))] if is_told else []


def _notice(event: str, data: dict) -> LabNotice:
    key = f"evt_{uuid.uuid4().hex}"
    return LabNotice(event, key, {"id": key, "type": event, "created_at": moment(datetime.now(UTC)), "data": data})


def _order(books: OctopusBooks, order: LabOrder) -> dict:
    shown = voucher_order(books, order)
    told = {name: shown[name] for name in ("id", "status", "product_name", "denomination", "quantity", "amount")}
    if order.ref:
        told["reference_code"] = order.ref
    if word(order) in ENDED:
        told["delivered_on"] = moment(order.finished_at)
    return {**told, "delivered_quantity": len(order.delivered), "created_at": moment(order.created_at)}


def _money(books: OctopusBooks, row: LedgerRow) -> dict:
    shown = wallet(books, row.currency, "")
    return {
        "wallet_id": shown["id"], "currency": row.currency, "amount": abs(row.amount), "balance": row.balance_after,
        "transaction_id": FIRST_TRANSACTION + row.number,
    }  # fmt: skip


def headers(notice: LabNotice, body: bytes, stamp: str, secret: str) -> dict[str, str]:
    return {
        "X-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "X-OCTOPUS-WEBHOOK-TOKEN": secret,
        "X-Timestamp": stamp,
        "X-Event-ID": notice.key,
        "X-Event-Type": notice.event,
        "X-Webhook-ID": WEBHOOK_ID,
    }


def altered(payload: dict) -> dict:
    return {**payload, "data": {**payload["data"], "status": "FAILED", "amount": 0}}
