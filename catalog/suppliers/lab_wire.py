"""How an answer reaches the client: whole, or spoiled in one of the ways a network spoils it.

Each way is called with the line, the head and the body, and tells whether the connection may be used again.
"""

import contextlib
import functools
import select
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable

MIB = 1 << 20


class Line:
    """One open connection: the bare socket, its buffered reader, and patience that ends when the lab is reset."""

    def __init__(self, sock: socket.socket, released: Callable[[], threading.Event]):
        self.sock = sock
        self.reader = sock.makefile("rb")
        self._released = released
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Waits; True if the time passed, False if the client hung up or the lab was reset meanwhile."""
        released, until = self._released(), time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if released.wait(min(left, 0.05)):
                return False
            if self._is_gone():
                return False
        return True

    def reset(self) -> None:
        """Closes with RST instead of FIN, so that the client sees `connection reset by peer`."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Closes for good: the reader first, because it keeps the descriptor open."""
        self.reader.close()
        self.sock.close()

    def hang_up(self) -> None:
        """From another thread: wakes whoever reads or writes here."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def _is_gone(self) -> bool:
        readable, _, _ = select.select([self.sock], [], [], 0)
        return bool(readable) and self.sock.recv(1, socket.MSG_PEEK) == b""


def whole(line: Line, head: bytes, body: bytes) -> bool:
    line.send(head + body)
    return True


def reset(line: Line, head: bytes, body: bytes) -> bool:
    line.reset()
    return False


def close(line: Line, head: bytes, body: bytes) -> bool:
    return False


def silent(seconds: float):
    """Says nothing for so long, then hangs up."""

    def send(line: Line, head: bytes, body: bytes) -> bool:
        line.wait(seconds)
        return False

    return send


def late(seconds: float):
    """Answers properly, but only after so long."""

    def send(line: Line, head: bytes, body: bytes) -> bool:
        return line.wait(seconds) and whole(line, head, body)

    return send


def drip(seconds: float):
    """One byte of the body at a time."""

    def send(line: Line, head: bytes, body: bytes) -> bool:
        line.send(head)
        for place in range(len(body)):
            line.send(body[place : place + 1])
            if not line.wait(seconds):
                return False
        return True

    return send


def cut(line: Line, head: bytes, body: bytes) -> bool:
    """Promises the whole body, sends half of it and hangs up."""
    line.send(head + body[: len(body) // 2])
    return False


def flood(mebibytes: int):
    """A plain body of so many MiB of blanks."""

    def send(line: Line, head: bytes, body: bytes) -> bool:
        line.send(_with_length(head, mebibytes * MIB))
        block = b" " * MIB
        for _ in range(mebibytes):
            line.send(block)
        return True

    return send


def _with_length(head: bytes, length: int) -> bytes:
    lines = [text for text in head.split(b"\r\n") if text and not text.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % length, b"", b""])


@functools.cache
def gzip_bomb(mebibytes: int) -> bytes:
    """A small gzip stream that decodes to so many MiB of blanks: one block, flushed so that it can be repeated."""
    block, packer = b" " * MIB, zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(block, checksum)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    ending = struct.pack("<II", checksum, (mebibytes * MIB) & 0xFFFFFFFF)
    return header + piece * mebibytes + packer.flush(zlib.Z_FINISH) + ending
