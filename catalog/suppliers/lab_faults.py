"""The faults a stand-in can be told to make, and the board on which they are switched.

Three sorts. An *answer* fault replaces or spoils one answer; with `when="before"` nothing was bought, with
`when="after"` the act was done first. A *behaviour* is asked for by name where the stand-in would behave otherwise.
A *page* fault is a behaviour of lists; its option `page` says which page it strikes.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from . import lab_wire as wire
from .lab_http import HTML, Reply, Request, json_reply

FOREVER = None
DEEP = 100_000
WAF_PAGE = b"<html><head><title>Access denied</title></head><body><h1>Request blocked</h1></body></html>"
CAPTIVE_PAGE = b"<html><body><h1>Welcome</h1><p>Please sign in to the network.</p></body></html>"
_MONEY = re.compile(
    rb'"(total_amount|charged_amount|price|available|available_balance|balance|amount)":("[^"]*"|-?[0-9.]+)'
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault by name: its sort, its options with their defaults, how often it strikes unless told, and its act."""

    sort: str
    help: str
    options: dict = field(default_factory=dict)
    times: int | None = 1
    spoil: Callable[[Reply, dict], Reply] | None = None


@dataclass(slots=True)
class Fault:
    """A switched-on fault. `times` counts down; None means until cleared."""

    id: int
    supplier: str
    operation: str
    name: str
    times: int | None
    options: dict
    struck: int = 0

    def as_dict(self) -> dict:
        return {
            "id": self.id,
            "supplier": self.supplier,
            "operation": self.operation,
            "fault": self.name,
            "times": self.times,
            "struck": self.struck,
            "options": self.options,
        }


def _error(reply: Reply, options: dict) -> Reply:
    headers = {"Retry-After": str(options["retry_after"])} if options["retry_after"] is not None else {}
    if options["html"]:
        return Reply(options["status"], b"<html><body><h1>Error</h1></body></html>", HTML, headers)
    body = options["body"] if options["body"] is not None else options["failure"](options["status"])
    return replace(json_reply(body, options["status"]), headers=headers)


def _malformed(reply: Reply, options: dict) -> Reply:
    what = {
        "nan": b'"%s":NaN',
        "infinity": b'"%s":-Infinity',
        "huge": b'"%s":1e999',
        "duplicate": b'"%s":0.01,"%s":99.99',
        "digits": b'"%s":' + b"9" * 5000,
        "deep": b'"%s":' + b"[" * DEEP + b"]" * DEEP,
    }[options["what"]]
    key = found[1] if (found := _MONEY.search(reply.body)) else b"amount"
    text = what.replace(b"%s", key)
    body = _MONEY.sub(lambda _: text, reply.body, count=1) if found else b"{" + text + b"}"
    return replace(reply, body=body)


def _truncated(reply: Reply, options: dict) -> Reply:
    if options["declared"] == "full":
        return replace(reply, send=wire.cut)
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def _bomb(reply: Reply, options: dict) -> Reply:
    return replace(reply, body=wire.gzip_bomb(options["mebibytes"]), headers={"Content-Encoding": "gzip"})


def _rate_limit(reply: Reply, options: dict) -> Reply:
    limited = json_reply(options["failure"](429), 429)
    return replace(limited, headers={"Retry-After": str(options["retry_after"])})


AFTER = {"when": "after"}
ENDING = {"status": "", "delivered": None, "refund": True, "reason": "", "code": "", "fixable": False}
KINDS: dict[str, Kind] = {
    "error": Kind(
        "answer", "any status, as JSON or HTML",
        {**AFTER, "status": 500, "body": None, "html": False, "retry_after": None}, spoil=_error,
    ),
    "reset": Kind("answer", "connection reset", AFTER, spoil=lambda r, o: replace(r, send=wire.reset)),
    "close": Kind("answer", "hangs up without a reply", AFTER, spoil=lambda r, o: replace(r, send=wire.close)),
    "silence": Kind(
        "answer", "says nothing, then hangs up", {**AFTER, "seconds": 60},
        spoil=lambda r, o: replace(r, send=wire.silent(o["seconds"])),
    ),
    "late": Kind(
        "answer", "answers properly, but late", {**AFTER, "seconds": 35},
        spoil=lambda r, o: replace(r, send=wire.late(o["seconds"])),
    ),
    "drip": Kind(
        "answer", "one byte at a time", {**AFTER, "seconds": 1},
        spoil=lambda r, o: replace(r, send=wire.drip(o["seconds"])),
    ),
    "truncated": Kind("answer", "half of the JSON", {**AFTER, "declared": "half"}, spoil=_truncated),
    "html": Kind("answer", "200 with a web page", AFTER, spoil=lambda r, o: Reply(200, CAPTIVE_PAGE, HTML)),
    "empty": Kind("answer", "200 with nothing", AFTER, spoil=lambda r, o: replace(r, status=200, body=b"")),
    "malformed": Kind(
        "answer", "nan, infinity, huge, duplicate, digits or deep", {**AFTER, "what": "nan"}, spoil=_malformed
    ),
    "bomb": Kind("answer", "gzip bomb", {**AFTER, "mebibytes": 200}, spoil=_bomb),
    "flood": Kind(
        "answer", "endless plain body", {**AFTER, "mebibytes": 3000},
        spoil=lambda r, o: replace(r, send=wire.flood(o["mebibytes"])),
    ),
    "revoked": Kind(
        "answer", "401: the key is not accepted", {"when": "before"}, FOREVER,
        lambda r, o: json_reply(o["failure"](401), 401),
    ),
    "not_allowed": Kind(
        "answer", "403: the address is not on the allow-list", {"when": "before"}, FOREVER,
        lambda r, o: json_reply(o["failure"](403), 403),
    ),
    "waf": Kind(
        "answer", "403 page of a firewall", {"when": "before"}, spoil=lambda r, o: Reply(403, WAF_PAGE, HTML)
    ),
    "rate_limit": Kind("answer", "429 with Retry-After", {"when": "before", "retry_after": 30}, spoil=_rate_limit),
    "commit_later": Kind(
        "answer", "hangs up now, acts after so many seconds (null: at `Lab.land_delayed`)",
        {"when": "later", "seconds": 2},
        spoil=lambda r, o: replace(r, send=wire.close),
    ),
    "clock_skew": Kind("clock", "the supplier's clock is off", {"seconds": 600}, FOREVER),
    "echo": Kind("behaviour", "tells another order", {"ref": None, "sku": None, "quantity": None, "currency": None}),
    "charge_above": Kind("behaviour", "charges more than quoted", {"by": "1.00"}),
    "insufficient_funds": Kind("behaviour", "refuses: balance too low"),
    "freeze_refusal": Kind("behaviour", "a refusal is replayed for its key", {}, FOREVER),
    "forget_keys": Kind("behaviour", "idempotency keys are forgotten", {}, FOREVER),
    "allow_duplicates": Kind("behaviour", "our reference is not unique", {}, FOREVER),
    "lookup_lag": Kind("behaviour", "new orders are missing from look-ups", {"seconds": None}, FOREVER),
    "status_word": Kind("behaviour", "an unknown status word", {"word": "reviewing"}),
    "regression": Kind("behaviour", "a finished order is told as open"),
    "finish": Kind(
        "behaviour", "how the next order will end",
        {**ENDING, "status": "failed", "reason": "Vendor refused the account"},
    ),
    "hold": Kind("behaviour", "the next order stays open for so many seconds (null: until settled)", {"seconds": None}),
    "short_tokens": Kind("behaviour", "access tokens live for so many seconds only", {"seconds": 60}, FOREVER),
    "feature_off": Kind("behaviour", "a vertical is not switched on for us", {"vertical": None}, FOREVER),
    "vanish": Kind("behaviour", "a listed product is not found", {"product": None}),
    "second_cursor": Kind("behaviour", "the ledger's cursor loses rows of one second", {}, FOREVER),
    "page_empty": Kind("page", "an empty page in the middle", {"page": 2}),
    "page_repeat": Kind("page", "the page before once more", {"page": 2}),
    "page_error": Kind("page", "a page answers an error", {"page": 2, "status": 500}),
    "page_endless": Kind("page", "the list never ends", {"page": None}, FOREVER),
}


class Board:
    """The switched-on faults of all suppliers. Thread-safe."""

    def __init__(self):
        self._faults: list[Fault] = []
        self._guard = threading.Lock()
        self._ids = count(1)

    def add(self, supplier: str, operation: str, name: str, times: int | None, options: dict) -> Fault:
        """Raises ValueError for a fault or option that does not exist."""
        kind = KINDS.get(name)
        if kind is None:
            raise ValueError(f"no fault {name!r}; there are: {', '.join(KINDS)}")
        if unknown := set(options) - set(kind.options):
            raise ValueError(f"{name} has no option {', '.join(sorted(unknown))}; it has: {', '.join(kind.options)}")
        json.dumps(options)  # they are shown and set over HTTP too
        fault = Fault(
            next(self._ids), supplier, operation, name, times, {**kind.options, **options}
        )
        with self._guard:
            self._faults.append(fault)
        return fault

    def standing(self) -> list[Fault]:
        with self._guard:
            return list(self._faults)

    def clear(self, supplier: str | None = None, fault_id: int | None = None) -> None:
        with self._guard:
            self._faults = [
                fault
                for fault in self._faults
                if (supplier and fault.supplier != supplier) or (fault_id and fault.id != fault_id)
            ]

    def take(self, supplier: str, operation: str, fits: Callable[[Fault], bool]) -> Fault | None:
        """Uses up the oldest fault of this operation that fits."""
        if not self._faults:
            return None
        with self._guard:
            for fault in self._faults:
                if fault.supplier == supplier and fault.operation in (operation, "*") and fits(fault):
                    self._use(fault)
                    return fault
        return None

    def _use(self, fault: Fault) -> None:
        fault.struck += 1
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)


def asked(board: Board, supplier: str, operation: str) -> Callable[..., dict | None]:
    """What a stand-in asks with `request.fault(name, page=2)`: the options of that fault, if it strikes here.

    A fault that names a page or product strikes only there.
    """

    def ask(name: str, **here) -> dict | None:
        def fits(one: Fault) -> bool:
            return one.name == name and all(one.options.get(key) in (None, value) for key, value in here.items())

        fault = board.take(supplier, operation, fits)
        return None if fault is None else {"fault": name, **fault.options}

    return ask


def is_answer(fault: Fault) -> bool:
    return KINDS[fault.name].sort == "answer"


def is_clock(fault: Fault) -> bool:
    return KINDS[fault.name].sort == "clock"


def spoiled(
    fault: Fault, request: Request, act: Callable[[Request], Reply], later: Callable, failure: Callable[[int], dict]
) -> Reply:
    """The answer with the fault in it.

    `act` is what the stand-in does, `later(seconds, request)` does it afterwards, `failure(status)` words an error.
    """
    when = fault.options["when"]
    if when == "later":
        later(fault.options["seconds"], request)
    reply = act(request) if when == "after" else json_reply({})
    return KINDS[fault.name].spoil(reply, {**fault.options, "failure": failure})
