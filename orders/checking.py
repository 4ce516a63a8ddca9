"""Asking a supplier what became of a transaction, again and again until it is known or a person has to find out.

Asking moves no money and may be repeated. Only an answer that agrees in everything confirms; only a code that the shop's own
table calls failed fails; whatever else happens, the transaction is unknown and is asked about again.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from catalog import gateway, vault
from catalog.suppliers.errors import Invalid, SupplierError, Unauthorised
from catalog.suppliers.transactions import Action, TransactionQuery

from .entering import place
from .models import ResultCode, Transaction, TransactionCheck, TransactionEvent
from .models.transaction import KNOWN_BETTER, OPEN, TransactionStatus

LEASE = timedelta(seconds=60)  # longer than a call may take with its retries
PAUSES_S = (10, 30, 60, 300, 900)
SLOW_PAUSE_S = 3600
# A transaction that nobody accepts is rejected by itself within a day; this is a weekend and a Monday for a person.
GIVE_UP_AFTER = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of asking once. `stops` where asking again cannot help; `wait_s` is the least to wait before it may."""

    outcome: str
    code: str = ""
    message: str = ""
    request_id: str = ""
    balance: Decimal | None = None
    http_version: str = ""
    detail: str = ""
    stops: bool = False
    wait_s: int = 0

    @property
    def columns(self):
        return {name: getattr(self, name) for name in (
            "code", "message", "request_id", "balance", "http_version", "detail")}


def due(*, now, limit):
    """Ids of the transactions to ask about, the longest waiting first."""
    waiting = Transaction.objects.filter(due_at__lte=now, supplier__is_active=True)
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:limit])


def check(*, pk, now, clock):
    """Ask about one transaction if it is due. True if this call asked; `clock()` dates the answer."""
    claimed = Transaction.objects.filter(pk=pk, due_at__lte=now).update(due_at=now + LEASE, ask_count=F("ask_count") + 1)
    if not claimed:
        return False
    row = Transaction.objects.select_related("supplier", "asked_by").get(pk=pk)
    _note(row, _ask(row), clock())
    return True


def _ask(row):
    try:
        return _meaning(row.supplier.api, gateway.connect(row.supplier).transaction_status(_query(row)))
    except (gateway.NotConnected, vault.Unreadable) as problem:
        return Told(TransactionStatus.UNKNOWN, detail=str(problem)[:400], wait_s=SLOW_PAUSE_S)
    except SupplierError as problem:
        return Told(
            TransactionStatus.UNKNOWN, detail=problem.message, stops=isinstance(problem, Invalid),
            wait_s=SLOW_PAUSE_S if isinstance(problem, Unauthorised) else problem.retry_after_s or 0)


def _query(row):
    token = vault.unseal(row.sealed_token, place=place(row.supplier_id, row.digest))
    return TransactionQuery(
        token=token, player_id=int(row.player_id), site_id=int(row.site_id), game_id=row.game_id, currency=row.currency,
        amount=Decimal(row.amount), round_id=row.round_id, transaction_id=row.transaction_id, action=Action(row.action),
        provider_id=int(row.provider_id) if row.provider_id else None)


def _meaning(api, reply):
    """What an answer means by the shop's table of codes."""
    row = ResultCode.objects.filter(api=api, code=reply.code).first()
    known = f"{row.word}. {row.meaning}".strip() if row else f"Code {reply.code} is not in the table of result codes."
    if reply.is_confirmed:
        outcome = TransactionStatus.CONFIRMED
    else:
        outcome = row.outcome if row and row.outcome != TransactionStatus.CONFIRMED else TransactionStatus.UNKNOWN
    return Told(
        outcome, code=reply.code, message=reply.message, request_id=reply.request_id, balance=reply.balance,
        http_version=reply.http_version, detail=f"{known} {reply.warning}".strip()[:400])


@transaction.atomic
def _note(row, told, now):
    TransactionCheck.objects.create(transaction=row, at=now, outcome=told.outcome, by=row.asked_by, **told.columns)
    rank = KNOWN_BETTER.index(told.outcome)
    moved = Transaction.objects.filter(pk=row.pk, status__in=KNOWN_BETTER[:rank + 1]).update(
        status=told.outcome, answered_at=now, changed_at=now, asked_by=None, due_at=_next(row, told, told.outcome, now),
        **told.columns)
    if not moved:
        status = Transaction.objects.values_list("status", flat=True).get(pk=row.pk)
        Transaction.objects.filter(pk=row.pk).update(
            due_at=_next(row, told, status, now), asked_by=None, changed_at=now)
    if moved and told.outcome != row.status:
        _tell(row, now, TransactionEvent.Kind.MOVED, f"{row.get_status_display()} → {TransactionStatus(told.outcome).label}")
    if told.outcome in OPEN and _next(row, told, told.outcome, now) is None:
        why = told.detail if told.stops else f"Asked for {GIVE_UP_AFTER.days} days. Ask the supplier's support."
        _tell(row, now, TransactionEvent.Kind.STOPPED, why)


def _next(row, told, status, now):
    """When to ask again; None where it is known, or where nobody will ever know by asking."""
    if status not in OPEN or told.stops or now - row.wanted_at >= GIVE_UP_AFTER:
        return None
    tries = row.ask_count - 1
    pause_s = PAUSES_S[tries] if tries < len(PAUSES_S) else SLOW_PAUSE_S
    return now + timedelta(seconds=max(pause_s, told.wait_s))


def _tell(row, now, kind, text):
    TransactionEvent.objects.create(transaction=row, at=now, kind=kind, text=text[:300])
