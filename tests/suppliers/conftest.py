"""Doubles for the hooks of a transport, and a factory for servers and transports that cleans up behind itself."""

import socket

import pytest

from catalog.suppliers.errors import CircuitOpen
from catalog.suppliers.http import Transport
from tests.suppliers.server import Server


class Notebook:
    """A recorder that remembers, or fails when told to."""

    def __init__(self):
        self.records, self.error = [], None

    def record(self, record):
        if self.error:
            raise self.error
        self.records.append(record)

    @property
    def outcomes(self):
        return [record.outcome for record in self.records]


class Fuse:
    """A circuit that remembers, and is open when told to."""

    def __init__(self):
        self.is_open, self.told = False, []

    def before(self, *, is_read):
        if self.is_open:
            raise CircuitOpen("not now", retry_after_s=30)

    def after(self, *, answered):
        self.told.append(answered)


@pytest.fixture
def notebook():
    return Notebook()


@pytest.fixture
def fuse():
    return Fuse()


@pytest.fixture
def serve():
    """Start servers: `serve(step, step, ...)`."""
    servers = []

    def start(*script, **options):
        servers.append(Server(*script, **options))
        return servers[-1]
    yield start
    for server in servers:
        server.close()


@pytest.fixture
def connect(notebook, fuse):
    """Make transports: `connect(url)`, open to loopback unless told otherwise."""
    transports = []

    def make(url, **options):
        options = {"allowed_hosts": [], "allow_local": True, "recorder": notebook, "circuit": fuse,
                   "guard": lambda: None, **options}
        transports.append(Transport(url, **options))
        return transports[-1]
    yield make
    for transport in transports:
        transport.close()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    """Retries follow at once, as far as the supplier does not ask for a wait."""
    monkeypatch.setattr("catalog.suppliers.pacing.FIRST_PAUSE_S", 0.001)


@pytest.fixture
def unused_port():
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
