"""The lab's own small HTTP server, 1.1 and 2: one thread per connection, and the bare socket within reach of every reply.

A ready-made server would finish the answers that a fault has to spoil, so reading and writing are done here.
"""

import json
import re
import socketserver
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from . import lab_http2
from .lab_wire import Line, whole

MAX_BODY = 1 << 20
MAX_HEADERS = 100
JSON = "application/json"
HTML = "text/html; charset=utf-8"
REASONS = {status.value: status.phrase for status in HTTPStatus}
_NUMBER = re.compile(r'"\\u0000(-?[0-9.]+)"')


def to_json(value) -> bytes:
    """JSON in which every Decimal is a number with exactly its digits."""
    return _NUMBER.sub(r"\1", json.dumps(value, default=_plain, separators=(",", ":"))).encode()


def _plain(value):
    if isinstance(value, Decimal):
        return f"\0{value:f}" if value.as_tuple().exponent >= 0 else f"\0{value:f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"not for JSON: {type(value).__name__}")


def no_fault(name: str, **here) -> dict | None:
    """What a request asks when nobody wants it to go wrong."""


@dataclass(slots=True)
class Request:
    """One call as it came. Header names are lower-case; `now` is the supplier's clock; `fault` uses a fault up."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    fault: Callable[..., dict | None] = no_fault


@dataclass(slots=True)
class Reply:
    """An answer, and the way it is put on the wire: `send(line, head, body)` tells whether the connection lives on."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    date: datetime | None = None
    send: Callable[[Line, bytes, bytes], bool] = whole

    def head(self) -> bytes:
        fields = {
            "Date": format_datetime(self.date or datetime.now(UTC), usegmt=True),
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Other')}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def json_reply(value, status: int = 200) -> Reply:
    return Reply(status, to_json(value))


class Server(socketserver.ThreadingTCPServer):
    """Serves `answer(request) -> Reply` on loopback only."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, answer: Callable[[Request], Reply]):
        self.answer = answer
        self.released = threading.Event()
        self._lines: set[Line] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Conversation)

    def release(self) -> None:
        """Ends every stalled answer."""
        with self._guard:
            released, self.released = self.released, threading.Event()
        released.set()

    def close_all(self) -> None:
        """Stops serving and hangs up on everybody."""
        self.release()
        self.shutdown()
        self.server_close()
        with self._guard:
            lines = list(self._lines)
        for line in lines:
            line.hang_up()

    def opened(self, line: Line) -> None:
        with self._guard:
            self._lines.add(line)

    def closed(self, line: Line) -> None:
        with self._guard:
            self._lines.discard(line)


class _Conversation(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        line = Line(self.request, lambda: self.server.released)
        self.server.opened(line)
        try:
            if lab_http2.begins(line):
                lab_http2.converse(line, make_request, self._answered)
            else:
                while self._exchange(line):
                    pass
        except OSError:
            pass  # the client went away, or the fault hung up: nothing is left to say
        finally:
            self.server.closed(line)
            line.close()

    def _exchange(self, line: Line) -> bool:
        try:
            request = read_request(line.reader)
        except ValueError as error:
            whole(line, Reply(400).head(), b"")
            print(f"lab: unreadable request: {error}", file=sys.stderr)
            return False
        if request is None:
            return False
        reply = self._answered(request)
        return reply.send(line, reply.head(), reply.body) and request.headers.get("connection") != "close"

    def _answered(self, request: Request) -> Reply:
        try:
            return self.server.answer(request)
        except Exception:
            traceback.print_exc()
            return Reply(500, b"the lab itself failed", "text/plain")


def read_request(reader) -> Request | None:
    """The next request, or None when the client has finished. Raises ValueError on anything that is not HTTP/1.1."""
    first = reader.readline(8192)
    if not first.strip():
        return None
    method, target, version = first.decode("latin-1").split()
    if not version.startswith("HTTP/1."):
        raise ValueError("not HTTP/1.x")
    headers = _read_headers(reader)
    if "transfer-encoding" in headers:
        raise ValueError("chunked bodies are not read here")
    length = int(headers.get("content-length") or 0)
    if not 0 <= length <= MAX_BODY:
        raise ValueError("body too long")
    return make_request(method, target, headers, reader.read(length))


def make_request(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    path, _, query = target.partition("?")
    return Request(method, unquote(path), dict(parse_qsl(query, keep_blank_values=True)), headers, body)


def _read_headers(reader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MAX_HEADERS):
        text = reader.readline(16384).decode("latin-1").rstrip("\r\n")
        if not text:
            return headers
        name, _, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise ValueError("too many headers")
