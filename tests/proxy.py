"""A proxy in front of PostgreSQL that can be cut, and that can lose the database's word on a commit."""

import contextlib
import socket
import threading

COMMIT = b"COMMIT\x00"


class Proxy:
    """Passes bytes between clients and `port` on loopback. `port` of its own is where clients connect."""

    def __init__(self, port):
        self.target = port
        self.commits_to_lose = 0
        self.lost = 0
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_commits(self, count):
        """The next `count` commits are done, and their connection breaks before the client hears of it."""
        self.commits_to_lose = count

    def stop(self):
        """Refuse new connections and break the open ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in self._pairs:
            _break(*pair)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                self._pairs.append((client, server))
                losing = threading.Event()
                threading.Thread(target=self._ask, args=(client, server, losing), daemon=True).start()
                threading.Thread(target=self._answer, args=(client, server, losing), daemon=True).start()

    def _ask(self, client, server, losing):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if COMMIT in data and self.commits_to_lose:
                    self.commits_to_lose -= 1
                    losing.set()
                server.sendall(data)
        _break(client, server)

    def _answer(self, client, server, losing):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if losing.is_set():
                    self.lost += 1
                    break
                client.sendall(data)
        _break(client, server)


def _break(*sockets):
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
