"""Writing down transactions that staff want to know about. Nothing is asked here; the rows say what is due."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway, vault
from catalog.suppliers import ports
from catalog.suppliers.errors import Invalid

from .models import Transaction, TransactionEvent
from .models.transaction import TransactionStatus
from .telling import FIELDS, Wrong, digest

CHUNK = 500
Kind = TransactionEvent.Kind


class CannotAsk(Exception):
    """The supplier cannot be asked about transactions as it stands; the text says why."""


def desk_of(supplier):
    """The client of a supplier that can be asked about transactions. Raises CannotAsk; calls nothing."""
    if not gateway.supports(supplier, ports.TransactionDesk):
        raise CannotAsk(_("%(supplier)s cannot be asked about transactions.") % {"supplier": supplier.name})
    try:
        return gateway.connect(supplier)
    except gateway.NotConnected as refusal:
        raise CannotAsk(str(refusal)) from refusal


def fits(*, desk, query):
    """Raise Wrong if `desk` would refuse to ask about `query`: it is another provider's, for example."""
    try:
        desk.compose_query(query)
    except Invalid as refusal:
        raise Wrong({refusal.code if refusal.code in FIELDS else "transaction_id": refusal.message}) from None


def enter(*, supplier, query, by, now):
    """The Transaction for `query`, to be asked about now. Raises CannotAsk, or Wrong.

    One that was entered before is asked about again, in its new session.
    """
    fits(desk=desk_of(supplier), query=query)
    with transaction.atomic():
        entered, = enter_all(supplier=supplier, queries=[query], by=by, now=now)
        async_task("orders.tasks.check_transaction", entered.pk)
    return entered


def enter_all(*, supplier, queries, by, now):
    """The Transactions for checked `queries`, in their order; a few statements however many there are."""
    rows = {}
    with transaction.atomic():
        for start in range(0, len(queries), CHUNK):
            wanted = {digest(query): query for query in queries[start:start + CHUNK]}
            rows |= _enter_chunk(supplier, wanted, by, now)
    return [rows[digest(query)] for query in queries]


def ask_again(*, row, by, now):
    """Have `row` asked about now, by a person. False where the supplier has confirmed it already."""
    with transaction.atomic():
        wanted = _want(Transaction.objects.filter(pk=row.pk), by, now)
        if wanted:
            TransactionEvent.objects.create(transaction=row, at=now, kind=Kind.ASKED, by=by)
            async_task("orders.tasks.check_transaction", row.pk)
    return bool(wanted)


def place(supplier_id, digest_):
    """Where the token of a transaction is sealed for."""
    return f"transaction:{supplier_id}:{digest_}:token"


def _enter_chunk(supplier, wanted, by, now):
    # In one order everywhere, so that two files with the same lines wait for each other and never in a circle.
    made = {one: _row(supplier, one, query, by, now) for one, query in sorted(wanted.items())}
    Transaction.objects.bulk_create(made.values(), ignore_conflicts=True)  # whoever came first, there is one row
    known = Transaction.objects.select_for_update().filter(supplier=supplier, digest__in=made)
    rows = {row.digest: row for row in known.order_by("digest")}
    old = [row for row in rows.values() if row.pk != made[row.digest].pk]
    for row in old:
        row.sealed_token = made[row.digest].sealed_token
    Transaction.objects.bulk_update(old, ["sealed_token"])
    _want(Transaction.objects.filter(pk__in=[row.pk for row in old]), by, now)
    TransactionEvent.objects.bulk_create(
        TransactionEvent(transaction=row, at=now, by=by, kind=Kind.ENTERED if row.pk == made[row.digest].pk else Kind.ASKED,
                         text="" if row.pk == made[row.digest].pk else "Entered again")
        for row in rows.values())
    return rows


def _want(rows, by, now):
    return rows.filter(~Q(status=TransactionStatus.CONFIRMED)).update(
        wanted_at=now, ask_count=0, due_at=now, asked_by=by, changed_at=now)


def _row(supplier, digest_, query, by, now):
    told = {name: getattr(query, name) for name in FIELDS if name != "token"}
    texts = {name: "" if value is None else str(value) for name, value in told.items()}
    return Transaction(
        supplier=supplier, digest=digest_, sealed_token=vault.seal(query.token, place=place(supplier.pk, digest_)), **texts,
        wanted_at=now, due_at=now, entered_by=by, asked_by=by, created_at=now, changed_at=now)
