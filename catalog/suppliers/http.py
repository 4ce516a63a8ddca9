"""The only way out to a supplier, and the only importer of httpx.

`Transport.send` makes one call and gives an `Answer` or raises `NotSent` or `Unanswered`. What the answer means is the
supplier's own mapping's business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `route` is the path with `{names}`, safe to log; `params` fill it, each quoted as one segment.

    `sign` is called once per try and gives headers made for that try. `is_read` calls may be retried; a purchase is sent
    once. `is_evidence` asks the recorder to keep the bodies (sealed), because money may depend on them.
    """

    operation: str
    method: str
    route: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    sign: Callable[[], Mapping[str, str]] | None = None
    is_read: bool = True
    is_evidence: bool = False
    deadline_s: float = 15.0
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole: a body over the cap or past the deadline never becomes an Answer."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str]
    elapsed_ms: int
    http_version: str
    skew_s: float | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One try, for the call log. Bodies are given only for `is_evidence` calls; header values are never given."""

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
    request_body: bytes | None
    response_body: bytes | None


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
