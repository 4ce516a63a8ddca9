"""The faults a stand-in can be told to make, by name.

Five sorts. An *answer* fault replaces or spoils one answer; with `when="before"` nothing was bought, with
`when="after"` the act was done first. A *behaviour* is asked for by name where the stand-in would behave otherwise.
A *page* fault is a behaviour of lists; its option `page` says which page it strikes. A *clock* fault moves the supplier's
clock, a *hook* fault spoils a webhook.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from . import lab_wire as wire
from .lab_http import HTML, Reply, json_reply

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
    "hook_never": Kind("hook", "the webhook is not sent", {}, FOREVER),
    "hook_early": Kind("hook", "the webhook arrives before the answer of the order"),
    "hook_late": Kind("hook", "the webhook comes so much later (null: at `land`)", {"seconds": 60}),
    "hook_twice": Kind("hook", "so many copies of the webhook at once", {"copies": 2}),
    "hook_reversed": Kind("hook", "the webhook waits until the next one was sent"),
    "hook_bad_signature": Kind("hook", "the signature is wrong or missing", {"how": "wrong"}),
    "hook_stale": Kind("hook", "signed for another time (above 0: the future)", {"seconds": -301}),
    "hook_altered": Kind("hook", "the body is changed after it was signed"),
    "hook_oversized": Kind("hook", "the body is padded to so much", {"mebibytes": 10}),
}
HOOKS = tuple(name for name, kind in KINDS.items() if kind.sort == "hook")
