"""The wire of a simulated world: every call goes to the lab in the same process, and breaks as the dice say.

Only the exchange of bytes is replaced. Signing, retries, the call log, the circuit and the mapping are the real ones.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from catalog.suppliers.errors import NotSent, Unanswered
from catalog.suppliers.exchange import Answer
from catalog.suppliers.http import Transport
from catalog.suppliers.lab_http import Request


class Crash(BaseException):
    """The process died here. No handler for mere errors may catch it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A purchase that reached the wire at `at`, by the simulated clock. `chunk` is (order, number of the chunk).

    `is_refused`: the supplier's own refusal of it came back.
    """

    supplier: str
    ref: str
    body: bytes
    at: object
    epoch: int
    chunk: tuple
    is_refused: bool = False


class SimulatedTransport(Transport):
    """A Transport whose bytes go to `SimulatedTransport.world`, which hears of each call and each try."""

    world = None

    def send(self, call):
        self.world.calls[self, _ten_minutes(self.world.at)] += 1
        return super().send(call)

    def _exchange(self, call, request, deadline):
        self.world.tries[self, _ten_minutes(self.world.at)] += 1
        request.read()  # a purchase's body can be read only once, and here it is looked at from several sides
        return self.world.carry(call, request, deadline)


def _ten_minutes(at):
    return at.timestamp() // 600


def to_lab(request, now):
    """The lab's view of an httpx request."""
    return Request(
        method=request.method, path=unquote(request.url.path),
        query=dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()}, body=request.content, now=now)


def to_answer(reply):
    """The transport's view of a lab reply."""
    return Answer(
        status=reply.status, content_type=reply.content_type.partition(";")[0], body=reply.body, headers=reply.headers,
        elapsed_ms=1, http_version="HTTP/1.1", skew_s=0.0)


def page_of_html():
    return Answer(status=200, content_type="text/html", body=b"<html>Please sign in</html>", headers={}, elapsed_ms=1,
                  http_version="HTTP/1.1", skew_s=0.0)


def server_error():
    return Answer(status=500, content_type="application/json", body=b'{"message":"Server error"}', headers={},
                  elapsed_ms=1, http_version="HTTP/1.1", skew_s=0.0)


def never_left():
    return NotSent("The connection was refused. Nothing was sent.")


def never_answered():
    return Unanswered("The connection broke before it had answered.")
