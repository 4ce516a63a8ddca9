"""The webhooks that the stand-ins send: signed and repeated as each contract says, and spoiled where a fault says so.

    lab.webhooks.address("giftapi", "http://127.0.0.1:8000/webhooks/giftapi/")
    lab.fail("giftapi", "order.status_changed", "hook_early")

Nothing is sent before an address is set, and never to another machine. A supplier's `hooks` is its module `lab_notices` with
EVENTS, ANSWER_S, RETRIES_S (the waits before each new try), `notices(books, kind, row)`, `headers(notice, body, stamp,
secret)` and `altered(payload)`.
"""

import heapq
import http.client
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlsplit

from .lab_faults import Board, asked
from .lab_http import JSON, to_json
from .lab_kinds import HOOKS

HERE = frozenset({"127.0.0.1", "localhost", "::1"})
KEPT = 500
AT_ONCE = 16
USUAL_DELAY_S = 0.3
MIB = 1 << 20
WITHOUT = 2**62  # the monotonic time of a notice that waits to be let go


@dataclass(frozen=True, slots=True)
class LabNotice:
    """One notice as the supplier words it; `key` stays the same over every copy and every try."""

    event: str
    key: str
    payload: dict


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One try. `status` is what the receiver answered, None if it did not; `error` says why."""

    supplier: str
    notice: LabNotice
    attempt: int
    at: datetime
    status: int | None
    error: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice on its way. `spoiled` are the faults it carries, by name with their options."""

    supplier: str
    notice: LabNotice
    spoiled: dict[str, dict]
    attempt: int = 1


class Webhooks:
    """All that is to be sent. Thread-safe; `pace` multiplies every delay, for tests."""

    def __init__(self, desks: dict, board: Board, told: dict[str, tuple[str, str | None]] | None = None):
        """`told` is where to send from the start, by supplier: URL and secret, None for the usual one."""
        self._desks, self._board, self._told = desks, board, told or {}
        self._changed = threading.Condition()
        self._numbers = count()
        self._pool: ThreadPoolExecutor | None = None
        self._is_stopped = False
        self.forget()

    def forget(self) -> None:
        """Only the addresses of the start, nothing waiting, nothing remembered."""
        with self._changed:
            self.addresses: dict[str, Address] = {}
            self.sent: deque[Sent] = deque(maxlen=KEPT)
            self.pace = 1.0
            self._waiting: list[tuple[float, int, Delivery]] = []
            self._early: list[Delivery] = []
            self._reversed: list[Delivery] = []
            self._busy = 0
            self._generation = next(self._numbers)
            self._changed.notify_all()
        for supplier, (url, secret) in self._told.items():
            self.address(supplier, url, secret)

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def address(self, supplier: str, url: str, secret: str | None = None) -> None:
        """From now on the supplier sends there, signed with this secret or its usual one; '' ends it.

        Raises ValueError for a supplier that sends none and for an address on another machine.
        """
        if supplier not in self._desks or not self._desks[supplier].hooks:
            raise ValueError(f"{supplier!r} sends no webhooks")
        if url and (urlsplit(url).hostname not in HERE or urlsplit(url).scheme not in ("http", "https")):
            raise ValueError("webhooks are sent to this machine only")
        with self._changed:
            self.addresses.pop(supplier, None)
            if url:
                self.addresses[supplier] = Address(url, secret or self._desks[supplier].webhook_secret)

    def take(self, supplier: str, kind: str, row) -> None:
        """Something happened in the books (an `order` ended, `money` moved): what there is to tell is sent soon."""
        if supplier in self.addresses:
            desk = self._desks[supplier]
            for notice in desk.hooks.notices(desk.books, kind, row):
                self._plan(supplier, notice)

    def again(self, key: str) -> None:
        """Sends a notice once more. Raises ValueError if none with this key was sent."""
        found = next((one for one in self.sent if one.notice.key == key), None)
        if found is None:
            raise ValueError(f"no notice {key!r} was sent")
        self._put(Delivery(found.supplier, found.notice, {}), 0)

    def send_early(self, supplier: str) -> None:
        """Sends what has to arrive before the answer that is being made; returns when it has."""
        with self._changed:
            mine = [one for one in self._early if one.supplier == supplier]
            self._early = [one for one in self._early if one.supplier != supplier]
        for delivery in mine:
            self._send(delivery)

    def land(self) -> int:
        """Notices held back arrive now; gives how many."""
        with self._changed:
            held = [row for row in self._waiting if row[0] == WITHOUT]
            self._waiting = [row for row in self._waiting if row[0] != WITHOUT]
            heapq.heapify(self._waiting)
            late, self._reversed = self._reversed, []
        for delivery in [row[2] for row in held] + late:
            self._put(delivery, 0)
        return len(held) + len(late)

    def settled(self, seconds: float = 30) -> bool:
        """Waits until nothing is on its way (what is held back does not count); False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._due_ever(), seconds)

    def waiting(self) -> int:
        with self._changed:
            return len(self._waiting) + len(self._reversed) + self._busy

    def _plan(self, supplier: str, notice: LabNotice) -> None:
        ask = asked(self._board, supplier, notice.event)
        faults = {name: ask(name) for name in HOOKS}
        spoiled = {name: options for name, options in faults.items() if options is not None}
        delivery = Delivery(supplier, notice, spoiled)
        if "hook_never" in spoiled:
            return
        copies = [delivery] * (spoiled["hook_twice"]["copies"] if "hook_twice" in spoiled else 1)
        with self._changed:
            if "hook_early" in spoiled:
                self._early += copies
                return
            if "hook_reversed" in spoiled:
                self._reversed += copies
                return
        delay = spoiled["hook_late"]["seconds"] if "hook_late" in spoiled else USUAL_DELAY_S
        for copy in copies:
            self._put(copy, delay)

    def _put(self, delivery: Delivery, delay: float | None) -> None:
        with self._changed:
            if self._is_stopped:
                return
            at = WITHOUT if delay is None else time.monotonic() + delay * self.pace
            heapq.heappush(self._waiting, (at, next(self._numbers), delivery))
            if self._pool is None:
                self._pool = ThreadPoolExecutor(AT_ONCE, "webhook")
                threading.Thread(target=self._serve, name="webhooks", daemon=True).start()
            self._changed.notify_all()

    def _due_ever(self) -> bool:
        return any(at != WITHOUT for at, _, _ in self._waiting)

    def _serve(self) -> None:
        while True:
            with self._changed:
                if self._is_stopped:
                    return
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if left is None or left > 0:
                    self._changed.wait(None if left is None else min(left, 3600))
                    continue
                delivery, generation = heapq.heappop(self._waiting)[2], self._generation
                self._busy += 1
            self._pool.submit(self._send_counted, delivery, generation)

    def _send_counted(self, delivery: Delivery, generation: int) -> None:
        try:
            if generation == self._generation:
                self._send(delivery)
        finally:
            with self._changed:
                if generation == self._generation:
                    self._busy -= 1
                self._changed.notify_all()

    def _send(self, delivery: Delivery) -> None:
        """One try, with the next one planned if it fails; then what waited for it."""
        address, hooks = self.addresses.get(delivery.supplier), self._desks[delivery.supplier].hooks
        if address is None:
            return
        headers, body = worded(hooks, delivery, address.secret, datetime.now(UTC))
        status, error = post(address.url, headers, body, hooks.ANSWER_S)
        notice = delivery.notice
        self.sent.append(
            Sent(delivery.supplier, notice, delivery.attempt, datetime.now(UTC), status, error, headers, body)
        )
        is_taken = status is not None and 200 <= status < 300
        if not is_taken and delivery.attempt <= len(hooks.RETRIES_S):
            self._put(replace(delivery, attempt=delivery.attempt + 1), hooks.RETRIES_S[delivery.attempt - 1])
        with self._changed:
            waited = [one for one in self._reversed if one.supplier == delivery.supplier]
            self._reversed = [one for one in self._reversed if one.supplier != delivery.supplier]
        for one in waited:
            self._put(one, 0)


def worded(hooks, delivery: Delivery, secret: str, now: datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body as they go over the wire, with the faults in them. Every try is signed for its own time."""
    spoiled, notice = delivery.spoiled, delivery.notice
    body = to_json(notice.payload)
    if "hook_oversized" in spoiled:
        body += b" " * (spoiled["hook_oversized"]["mebibytes"] * MIB)
    stamp = int(now.timestamp()) + (spoiled["hook_stale"]["seconds"] if "hook_stale" in spoiled else 0)
    headers = {"Content-Type": JSON, **hooks.headers(notice, body, str(stamp), secret)}
    if "hook_altered" in spoiled:
        body = to_json(hooks.altered(notice.payload))
    if "hook_bad_signature" in spoiled:
        headers["X-Signature"] = "0" * 64
        if spoiled["hook_bad_signature"]["how"] == "missing":
            del headers["X-Signature"]
    return headers, body


def post(url: str, headers: dict[str, str], body: bytes, seconds: float) -> tuple[int | None, str]:
    """The status of the answer, or None and why there is none."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    try:
        connection.request("POST", parts.path or "/", body, headers)
        return connection.getresponse().status, ""
    except (OSError, http.client.HTTPException) as error:
        return None, type(error).__name__
    finally:
        connection.close()
