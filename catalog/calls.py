"""The call log: every try of every request to a supplier becomes a row, or at least a sealed file."""

import logging
import time
import uuid

from django.db import Error

from . import life, spool, vault
from .models import Call

logger = logging.getLogger(__name__)

# Together about 1.5 s: long enough for a restart of a connection pooler, short enough for a worker's deadline.
PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)


class RowRecorder:
    """Implements `catalog.suppliers.http.Recorder` for one supplier.

    A row that the database refuses five times goes to the spool; `spool.Full` is raised when that fails too, and then the
    caller must not act as if the call were recorded.
    """

    def __init__(self, supplier, *, sleep=time.sleep):
        self.supplier_id = supplier.pk
        self.sleep = sleep

    def record(self, record):
        """Keep one try (a `CallRecord`)."""
        life.sign()
        row = _row(self.supplier_id, record)
        for pause in PAUSES_S:
            try:
                row.save(force_insert=True)
                return
            except Error as error:
                logger.warning("call log: %s, trying again", type(error).__name__)
                self.sleep(pause)
                spool.drop_dead_connection()
        spool.keep(row)


def read_bodies(call):
    """`(request, response)` of an evidence call as bytes, None where none was kept. Raises vault.Unreadable."""
    return _open(call.sealed_request, call.key), _open(call.sealed_response, call.key)


def last_skew_s(supplier_id, *, since=None):
    """How far the supplier's clock was ahead of ours when it last told the time, in seconds; None if it has not `since`."""
    told = Call.objects.filter(supplier_id=supplier_id, skew_s__isnull=False)
    if since is not None:
        told = told.filter(started_at__gte=since)
    return told.order_by("-started_at").values_list("skew_s", flat=True).first()


def _row(supplier_id, record):
    key = uuid.uuid4()
    return Call(
        supplier_id=supplier_id, key=key, operation=record.operation[:60], method=record.method[:8],
        route=record.route[:200], ref=record.ref[:64], is_read=record.is_read, started_at=record.started_at,
        duration_ms=record.duration_ms, status=record.status, outcome=record.outcome[:30], detail=record.detail[:300],
        http_version=record.http_version[:10], skew_s=record.skew_s, request_size=record.request_size,
        request_digest=record.request_digest[:64], response_size=record.response_size,
        sealed_request=_seal(record.request_body, key) if record.is_evidence else "",
        sealed_response=_seal(record.response_body, key) if record.is_evidence else "",
    )


def _seal(body, key):
    # Latin-1 carries any bytes through the vault's text and back.
    return "" if body is None else vault.seal(body.decode("latin-1"), place=f"call:{key}")


def _open(sealed, key):
    return vault.unseal(sealed, place=f"call:{key}").encode("latin-1") if sealed else None
