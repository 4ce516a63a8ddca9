"""A TCP proxy in front of PostgreSQL or of a supplier, which does to one exchange what a network does to some.

Nothing here knows what is said: bytes come, bytes go on, late, in part, or not at all. An exchange begins where a client's
bytes fit `said`, and what befalls it is a Harm.
"""

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CHUNK = 65536
COMMIT = rb"COMMIT\x00"


class Gone(Exception):
    """This connection is over."""


@dataclass
class Link:
    """One connection: the client's socket, ours to the server, and the harm that has struck it."""

    client: socket.socket
    server: socket.socket
    harm: "Harm | None" = None
    passed: int = 0
    kept: bytearray = field(default_factory=bytearray)
    is_reset: bool = False

    def end(self):
        """Wake whoever reads here, and close: with FIN, or with RST where that was asked for."""
        how = socket.SHUT_RD if self.is_reset else socket.SHUT_RDWR
        for one in (self.client, self.server):
            with contextlib.suppress(OSError):
                one.shutdown(how)
            one.close()

    def reset(self):
        """End it with RST towards the client."""
        self.is_reset = True
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone


def _on(link, data):
    link.server.sendall(data)


def _back(link, data):
    link.client.sendall(data)
    link.passed += len(data)


def _off(link, data):
    raise Gone


@dataclass(frozen=True)
class Harm:
    """`ask(link, data)` is what becomes of the client's bytes, `answer(link, data)` of the server's; Gone ends both."""

    ask: Callable = _on
    answer: Callable = _back


def hang_up():
    """The connection ends before a byte was passed on."""
    return Harm(ask=_off)


def swallow():
    """Passed on and done; the connection ends in place of the answer."""
    return Harm(answer=_off)


def reset():
    """Passed on and done; the connection is reset in place of the answer."""
    return Harm(answer=lambda link, data: link.reset())


def cut(after):
    """So many bytes of the answer arrive, then the connection ends; below 0, all but so many of one that comes at once."""
    def answer(link, data):
        _back(link, data[:after - link.passed])
        if link.passed >= after:
            raise Gone
    return Harm(answer=answer)


def delay(seconds):
    """The answer arrives whole, so much later."""
    def answer(link, data):
        time.sleep(seconds)
        _back(link, data)
    return Harm(answer=answer)


def trickle(pause):
    """The answer arrives byte by byte."""
    def answer(link, data):
        for byte in data:
            _back(link, bytes([byte]))
            time.sleep(pause)
    return Harm(answer=answer)


def clog():
    """Passed on and done; nothing comes back, and the connection stays open."""
    return Harm(answer=lambda link, data: None)


def half_close():
    """Passed on and done; the client is told that nothing will follow, while its own half stays open."""
    def answer(link, data):
        link.client.shutdown(socket.SHUT_WR)
        link.harm = clog()
    return Harm(answer=answer)


def half_close_there():
    """The server is told that nothing will follow once the request is passed on; the answer comes back all the same."""
    def ask(link, data):
        _on(link, data)
        link.kept += data
        if _is_whole(link.kept):
            link.server.shutdown(socket.SHUT_WR)
    return Harm(ask=ask)


class Proxy:
    """Passes bytes between clients and `target` on loopback. `port` is where clients connect."""

    def __init__(self, target):
        self.target = target
        self.struck = 0
        self._harm, self._said, self._left = None, None, 0
        self._held, self._links = [], []
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def harm(self, harm, *, said=b"", times=1):
        """The next `times` exchanges whose first bytes hold `said`, a pattern, meet `harm`."""
        with self._guard:
            self._harm, self._said, self._left = harm, re.compile(said), times

    def hold(self, *, said=b""):
        """The next such exchange gets no answer, and its request lies somewhere until `land`."""
        def ask(link, data):
            link.kept += data
            if _is_whole(link.kept):
                self._held.append(bytes(link.kept))
                raise Gone
        self.harm(Harm(ask=ask), said=said)

    def land(self):
        """What was held arrives now, after all, and its answer goes nowhere; gives the status lines."""
        held, self._held, said = self._held, [], []
        for request in held:
            with socket.create_connection(("127.0.0.1", self.target), timeout=30) as late:
                late.sendall(request)
                said.append(late.recv(CHUNK).partition(b"\r\n")[0].decode())
        return said

    def lose_commits(self, count):
        """The next `count` commits are done, and their connection breaks before the client hears of it."""
        self.harm(swallow(), said=COMMIT, times=count)

    def stop(self):
        """Refuse new connections and break the open ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._links:
            link.end()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                link = Link(client, socket.create_connection(("127.0.0.1", self.target)))
                for one in (link.client, link.server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._links.append(link)
                threading.Thread(target=self._ask, args=[link], daemon=True).start()
                threading.Thread(target=self._answer, args=[link], daemon=True).start()

    def _ask(self, link):
        with contextlib.suppress(OSError, Gone):
            while data := link.client.recv(CHUNK):
                link.harm = link.harm or self._struck(data)
                (link.harm or Harm()).ask(link, data)
        link.end()

    def _answer(self, link):
        with contextlib.suppress(OSError, Gone):
            while data := link.server.recv(CHUNK):
                (link.harm or Harm()).answer(link, data)
        link.end()

    def _struck(self, data):
        with self._guard:
            if not self._left or not self._said.search(data):
                return None
            self._left -= 1
            self.struck += 1
            return self._harm


def _is_whole(request):
    """Whether these are all bytes of one request of HTTP/1.1."""
    head, end, body = bytes(request).partition(b"\r\n\r\n")
    told = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end) and len(body) >= int(told[1] if told else 0)
