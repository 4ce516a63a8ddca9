"""A server of raw bytes on loopback that does exactly what a test tells it to, well or badly."""

import contextlib
import socket
import struct
import threading
import time


class Server:
    """Takes one step of `script` per request, the last one again and again. `requests` holds what arrived, as bytes.

    A step is called with the connection and returns whether the connection stays open.
    """

    def __init__(self, *script, tls=None):
        self.script = list(script)
        self.tls = tls
        self.requests = []
        self.is_closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def close(self):
        self.is_closing.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)

    def headers(self, number):
        """The headers of one request that arrived, with lower-case names."""
        lines = self.requests[number].split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    def _accept(self):
        while not self.is_closing.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=[connection])
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(0.1)
            if self.tls:
                connection.settimeout(5)
                connection = self.tls.wrap_socket(connection, server_side=True)
                connection.settimeout(0.1)
            with connection:
                while (request := self._request(connection)) is not None:
                    step = self.script[min(len(self.requests), len(self.script) - 1)]
                    self.requests.append(request)
                    if not step(connection):
                        return

    def _request(self, connection):
        received = b""
        while True:
            head, end, body = received.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
            if end and len(body) >= length:
                return received
            try:
                more = connection.recv(65536)
            except TimeoutError:
                if self.is_closing.is_set():
                    return None
                continue
            if not more:
                return None
            received += more


def answers(body=b"{}", *, status="200 OK", content_type="application/json", headers=(), length=None):
    """A well-formed answer, or one whose Content-Length lies."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}",
             f"Content-Length: {len(body) if length is None else length}", *headers]

    def step(connection):
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return length is None
    return step


def says(data):
    """These bytes and nothing more; the connection is closed after them."""
    def step(connection):
        connection.sendall(data)
        return False
    return step


def drips(at_once, dripped, *, pause=0.05):
    """`at_once`, then `dripped` byte by byte until nobody listens any more."""
    def step(connection):
        connection.sendall(at_once)
        for byte in dripped:
            time.sleep(pause)
            connection.sendall(bytes([byte]))
        return False
    return step


def resets(connection):
    """Break the connection the hard way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def hangs_up(connection):
    """Close the connection without a word."""
    return False


def waits(seconds):
    def step(connection):
        time.sleep(seconds)
        return False
    return step
