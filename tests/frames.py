"""How a server of HTTP/2 breaks off one exchange: what a Proxy puts in place of the answer."""

import struct

from tests import proxy

HEADERS, RST_STREAM, GOAWAY = 1, 3, 7
ENDS = {
    "goaway_with_us": lambda stream: _frame(GOAWAY, 0, stream, 0),
    "goaway_without_us": lambda stream: _frame(GOAWAY, 0, max(stream - 2, 0), 0),  # as if it had never looked at what it did
    "stream_reset": lambda stream: _frame(RST_STREAM, stream, 2),
}


def broken_off(how):
    """Passed on and done; a frame of ENDS arrives in place of the answer, then nothing."""
    def answer(link, data):
        streams = [stream for kind, stream in _frames(data) if kind == HEADERS]
        if streams:
            link.client.sendall(ENDS[how](streams[0]))
            link.harm = proxy.clog()
        else:
            link.client.sendall(data)
    return proxy.Harm(answer=answer)


def at_the_answer(harm):
    """`harm`, but not before the answer itself begins: a server of HTTP/2 speaks before it is asked."""
    def answer(link, data):
        if any(kind == HEADERS for kind, _ in _frames(data)):
            harm.answer(link, data)
        else:
            link.client.sendall(data)
    return proxy.Harm(answer=answer)


def _frame(kind, stream, *numbers):
    """A frame that holds nothing but numbers of four bytes."""
    return struct.pack(f">IBI{len(numbers)}I", len(numbers) * 4 << 8 | kind, 0, stream, *numbers)


def _frames(data):
    """Kind and stream of each frame."""
    while len(data) >= 9:
        length, kind, stream = int.from_bytes(data[:3]), data[3], int.from_bytes(data[5:9])
        yield kind, stream
        data = data[9 + length:]
