"""Closed doors: in a test run, no socket leads off this machine and no name is looked up."""

import ipaddress
import socket


class OutsideCall(Exception):
    """A test tried to reach something that is not on loopback. Not an OSError, so no client mistakes it for an outage."""


def close(monkeypatch):
    """Refuse connections and look-ups that leave loopback, for as long as `monkeypatch` lasts."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self, address):
        _check(self, address)
        return connect(self, address)

    def guarded_connect_ex(self, address):
        _check(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host, *args, **kwargs):
        if not _is_literal(host):
            raise OutsideCall(f"A test looked up {host!r}.")
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


def _check(sock, address):
    if sock.family not in (socket.AF_INET, socket.AF_INET6) or _is_loopback(address[0]):
        return
    raise OutsideCall(f"A test tried to reach {address[0]}:{address[1]}.")


def _is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_literal(host):
    """Whether looking `host` up asks nobody: our own name, or an address already."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return True
