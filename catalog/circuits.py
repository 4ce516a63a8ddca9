"""The circuit breaker of a supplier, kept in one row that every process shares.

Closed: all calls pass. When at least half of the last 20 calls, and of no fewer than 10, stayed unanswered, it opens: no
call passes for 30 s, give or take half, so that many processes do not come back at the same instant. Then it is half open:
reads pass, purchases do not. Three answered reads close it, one unanswered read opens it again.
"""

import contextlib
import random
from datetime import timedelta

from django.utils import timezone

from .models import CircuitState
from .suppliers.errors import CircuitOpen

WINDOW = 20
MINIMUM = 10
OPEN_FOR_S = 30
READS_TO_CLOSE = 3
TRIES = 4  # the first with the row as it was before the call

State = CircuitState.State


class RowCircuit:
    """Implements `catalog.suppliers.http.Circuit` for one supplier; `clock` and `spread` are replaced in tests."""

    def __init__(self, supplier, *, clock=timezone.now, spread=random.uniform):
        self.supplier = supplier
        self.clock = clock
        self.spread = spread
        self._seen = None  # the row that let the last call pass, until that call has ended

    def before(self, *, is_read):
        """Raise CircuitOpen when the call must not be made now."""
        self._seen = row = CircuitState.objects.filter(supplier=self.supplier).first()
        if row is None or row.state == State.CLOSED:
            return
        self._seen = None
        now = self.clock()
        if row.state == State.OPEN:
            if now < row.retry_at:
                raise self._refusal(row, now)
            # Two processes may both try; the one that comes second finds the row half open already.
            self._write(row, now, state=State.HALF_OPEN, half_open_reads=0)
        if not is_read:
            raise self._refusal(row, now)

    def after(self, *, answered):
        """Note how a try went. A healthy supplier costs nothing here: what was read before the try still stands, and if
        others wrote meanwhile, so that a change of ours is refused, it is read again.
        """
        for _ in range(TRIES):
            row, self._seen = self._seen or self._row(), None
            changes = self._changes(row, answered)
            if not changes or self._write(row, self.clock(), **changes):
                return
        # Others wrote again and again meanwhile: the window moves without this one result, which decides nothing alone.

    def _row(self):
        row = CircuitState.objects.filter(supplier=self.supplier).first()
        return row or CircuitState.objects.get_or_create(supplier=self.supplier)[0]

    def _changes(self, row, answered):
        if row.state == State.OPEN:
            return {}  # A call that began before it opened; it was judged already.
        if row.state == State.HALF_OPEN:
            return self._half_open_changes(row, answered)
        if answered and False not in row.window and len(row.window) >= MINIMUM:
            return {}
        window = [*row.window, answered][-WINDOW:]
        if len(window) >= MINIMUM and window.count(False) * 2 >= len(window):
            return self._opening(window)
        return {"window": window}

    def _half_open_changes(self, row, answered):
        if not answered:
            return self._opening(row.window)
        if row.half_open_reads + 1 >= READS_TO_CLOSE:
            return {"state": State.CLOSED, "window": [], "half_open_reads": 0, "opened_at": None, "retry_at": None}
        return {"half_open_reads": row.half_open_reads + 1}

    def _opening(self, window):
        now = self.clock()
        wait = timedelta(seconds=OPEN_FOR_S * self.spread(0.5, 1.5))
        return {"state": State.OPEN, "window": window, "opened_at": now, "retry_at": now + wait, "half_open_reads": 0}

    def _write(self, row, now, **changes):
        """Change the row only if nobody else did since it was read; true if so."""
        if changes.get("state", row.state) != row.state:
            changes["changed_at"] = now
        return CircuitState.objects.filter(pk=row.pk, version=row.version).update(**changes, version=row.version + 1)

    def _refusal(self, row, now):
        wait = max((row.retry_at - now).total_seconds(), 1) if row.retry_at else 1
        return CircuitOpen(
            f"{self.supplier.name} has not been answering; we try again in {wait:.0f} s.", retry_after_s=wait)


class ProbeCircuit(RowCircuit):
    """For health probes, which pass in any state: how well a supplier says it is tells nothing about its orders, so only a
    good one counts, and only as a read while half open.
    """

    def before(self, *, is_read):
        with contextlib.suppress(CircuitOpen):
            super().before(is_read=is_read)

    def after(self, *, answered):
        if answered and self._row().state == State.HALF_OPEN:
            super().after(answered=True)


class AskedCircuit(RowCircuit):
    """For the one read that a person asked for: it passes in any state, and how it went counts as for any other."""

    def before(self, *, is_read):
        if not is_read:
            super().before(is_read=is_read)
