"""What passes between a supplier's client and the transport: a call, its answer, and the hooks around every try.

No value here shows a header, a body or a parameter in its repr, because reprs end up in logs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MAX_BYTES = 2 * 1024 * 1024
MAX_PAGE_BYTES = 16 * 1024 * 1024  # a page of a big catalog


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `route` is the path with `{names}`, safe to log; `params` fill it, each quoted as one segment.

    `sign` is called once per try and gives headers made for that try. `is_read` calls may be retried; a purchase is sent
    once. `is_evidence` asks the recorder to keep the bodies (sealed), because money may depend on them. `deadline_s` is
    for the whole call, retries included; `max_bytes` bounds the decoded body of the answer. `documented` names statuses of
    500 and more that are the supplier's own word when they come as JSON: they are not retried and break no circuit.
    """

    operation: str
    method: str
    route: str
    params: Mapping[str, str] = field(repr=False, default_factory=dict)
    query: Mapping[str, str] = field(repr=False, default_factory=dict)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    content: bytes = field(repr=False, default=b"")
    sign: Callable[[], Mapping[str, str]] | None = field(repr=False, default=None)
    is_read: bool = True
    is_evidence: bool = False
    deadline_s: float = 15.0
    ref: str = ""
    max_bytes: int = MAX_BYTES
    documented: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole: a body over the cap or past the deadline never becomes an Answer.

    `headers` has lower-case names. `skew_s` is how far the supplier's clock is ahead of ours, None if it told no time.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    elapsed_ms: int
    http_version: str
    skew_s: float | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One try, for the call log. Bodies are given only for `is_evidence` calls; header values are never given.

    `outcome`: answered, unanswered (it may have arrived), not_sent, forbidden (the address may not be called),
    interrupted (we were stopped while it ran).
    """

    operation: str
    method: str
    route: str
    ref: str
    is_read: bool
    is_evidence: bool
    started_at: datetime
    duration_ms: int
    status: int | None
    outcome: str
    detail: str
    http_version: str
    skew_s: float | None
    request_size: int
    request_digest: str
    response_size: int
    request_body: bytes | None = field(repr=False)
    response_body: bytes | None = field(repr=False)


class Recorder(Protocol):
    """Keeps every try. It must not lose an evidence record: if it cannot store one it raises."""

    def record(self, record: CallRecord) -> None: ...


class Circuit(Protocol):
    """Stops calls to a supplier that keeps failing."""

    def before(self, *, is_read: bool) -> None:
        """Raises `CircuitOpen` when the call must not be made."""
        ...

    def after(self, *, answered: bool) -> None:
        """Tells how a try went: `answered` is false for NotSent and Unanswered. A refusal counts as answered."""
        ...
