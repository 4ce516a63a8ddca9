"""Taking in a notice: verified, stored, answered. Whatever follows from it is done by somebody else, later."""

import hashlib

from django.db import connection, transaction
from django_q.tasks import async_task

from catalog import clock, gateway, vault
from catalog.suppliers.notices import RefusedNotice

from .models import Notice
from .models.notice import Result

TASK = "orders.tasks.follow_notice"
# A key may come again with another text: where the text is not signed, only so often, or one signature could fill a disk.
VARIANTS = 8

# One statement stores a new notice or counts a copy, so two of them at once make one row.
STORE = """
INSERT INTO orders_notice (supplier_id, event_key, body_digest, sealed_body, kind, event, supplier_order_id, ref, word,
                           received_at, last_received_at, copies, result, due_at, tries)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s, %s, 0
WHERE (SELECT COUNT(*) FROM orders_notice WHERE supplier_id = %s AND event_key = %s AND body_digest <> %s) < %s
ON CONFLICT (supplier_id, event_key, body_digest)
DO UPDATE SET copies = orders_notice.copies + 1, last_received_at = excluded.last_received_at
RETURNING id, copies
"""


class TooManyVariants(RefusedNotice):
    """This event has come with many different texts already."""

    reason = "variants"


def receive(*, supplier, headers, body, now):
    """Store the notice in a request from `supplier`, or count it as a copy of one that is stored.

    Raises a RefusedNotice, and then nothing was stored; gateway.NotConnected where its secret cannot be read. Before it is
    verified, nothing is asked of the database.
    """
    notice = gateway.read_notice(supplier, headers=headers, body=body, now=now)
    digest = hashlib.sha256(body).hexdigest()
    sealed = vault.seal(body.decode("latin-1"), place=_place(supplier.pk, notice.key, digest))
    with transaction.atomic():
        stored = _store(supplier, notice, digest, sealed, clock.now())
        if stored is None:
            raise TooManyVariants
        notice_id, copies = stored
        if copies == 1:
            async_task(TASK, notice_id)


def open_body(notice):
    """What came, byte by byte. Raises vault.Unreadable."""
    place = _place(notice.supplier_id, notice.event_key, notice.body_digest)
    return vault.unseal(notice.sealed_body, place=place).encode("latin-1")


def replay(*, notice, by, now):
    """Follow `notice` once more, as if it had come at `now`. It is a hint as before: the supplier is asked."""
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(
            result=Result.WAITING, due_at=now, handled_at=None, tries=0, replayed_at=now, replayed_by=by)
        async_task(TASK, notice.pk)


def _store(supplier, notice, digest, sealed, now):
    """`(id, copies)` of its row, or None where there are too many others under its key."""
    at = connection.ops.adapt_datetimefield_value(now)
    row = (supplier.pk, notice.key, digest, sealed, notice.kind.value, notice.event, notice.order_id, notice.ref,
           notice.word, at, at, Result.WAITING.value, at)
    with connection.cursor() as cursor:
        cursor.execute(STORE, (*row, supplier.pk, notice.key, digest, VARIANTS))
        return cursor.fetchone()


def _place(supplier_id, event_key, digest):
    return f"notice:{supplier_id}:{event_key}:{digest}"
