"""HTTP/2 for the stand-ins: the same requests, the same replies and the same faults, in frames.

A connection that begins with the preface of HTTP/2 speaks it from the first byte, without TLS: the lab is called from this
machine only. Requests of one connection are answered one after the other.
"""

from collections import deque
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError

PREFACE = b"PRI * HTTP/2"
CHUNK = 65536


@dataclass(slots=True)
class Coming:
    """A request that has not arrived whole yet."""

    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)


def begins(line) -> bool:
    """Whether the client speaks HTTP/2; waits for its first bytes."""
    return line.reader.peek(len(PREFACE)).startswith(PREFACE)


def converse(line, read, answer) -> None:
    """Answers until somebody hangs up. `read(method, target, headers, body)` makes a request, `answer` its reply."""
    frames = Frames(line)
    try:
        while (arrived := frames.next()) is not None:
            number, coming = arrived
            reply = answer(read(coming.headers[":method"], coming.headers[":path"], coming.headers, bytes(coming.body)))
            if not reply.send(Stream(line, frames, number), reply.head(), reply.body):
                return
            frames.end(number)
    except ProtocolError:
        pass  # what the client sent is no HTTP/2, or it gave the stream up: nothing is left to say


class Frames:
    """One connection of HTTP/2."""

    def __init__(self, line):
        self._line = line
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="latin-1"))
        self._coming: dict[int, Coming] = {}
        self._arrived: deque[tuple[int, Coming]] = deque()
        self._h2.initiate_connection()
        self._flush()

    def next(self) -> tuple[int, Coming] | None:
        """The next whole request with the number of its stream; None when the client has hung up."""
        while not self._arrived:
            if not self._read():
                return None
        return self._arrived.popleft()

    def begin(self, number: int, head: bytes) -> None:
        """Sends a head written as in HTTP/1.1."""
        first, *rest = head.decode("latin-1").split("\r\n")
        fields = (text.partition(":") for text in rest)
        headers = [(name.strip().lower(), value.strip()) for name, _, value in fields]
        self._h2.send_headers(number, [(":status", first.split()[1]), *headers])
        self._flush()

    def data(self, number: int, data: bytes) -> None:
        """Sends a part of the body as fast as the client takes it."""
        view = memoryview(data)
        while view:
            room = min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size, len(view))
            if room <= 0 and not self._read():
                raise ConnectionError("the client has hung up")
            if room > 0:
                self._h2.send_data(number, bytes(view[:room]))
                self._flush()
                view = view[room:]

    def end(self, number: int) -> None:
        self._h2.end_stream(number)
        self._flush()

    def _read(self) -> bool:
        data = self._line.reader.read1(CHUNK)
        if not data:
            return False
        for event in self._h2.receive_data(data):
            self._take(event)
        self._flush()
        return True

    def _take(self, event) -> None:
        if isinstance(event, RequestReceived):
            headers = dict(event.headers)
            self._coming[event.stream_id] = Coming({"host": headers.get(":authority", ""), **headers})
        elif isinstance(event, DataReceived):
            self._coming[event.stream_id].body += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            self._arrived.append((event.stream_id, self._coming.pop(event.stream_id)))
        elif isinstance(event, StreamReset):
            self._coming.pop(event.stream_id, None)

    def _flush(self) -> None:
        self._line.send(self._h2.data_to_send())


class Stream:
    """One answer on its way. The ways of `lab_wire` write it as HTTP/1.1; what they write leaves as frames."""

    def __init__(self, line, frames: Frames, number: int):
        self._line, self._frames, self._number = line, frames, number
        self._has_begun = False

    def send(self, data: bytes) -> None:
        if not self._has_begun:
            head, _, data = data.partition(b"\r\n\r\n")
            self._frames.begin(self._number, head)
            self._has_begun = True
        self._frames.data(self._number, data)

    def wait(self, seconds: float) -> bool:
        return self._line.wait(seconds)

    def reset(self) -> None:
        self._line.reset()
