"""What the transport makes of a network and a supplier at their worst. The clock and the memory are the judges."""

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from catalog.suppliers import addresses, http
from catalog.suppliers.errors import Forbidden, NotSent, Unanswered
from tests.suppliers.calls import purchase, read
from tests.suppliers.server import answers, drips, hangs_up, resets, says, waits

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MIB = 1024 * 1024


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def trusting(authority):
    """A client's TLS settings that trust the test authority alone."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certified(issuer, *names):
    """A server's TLS settings with a certificate for `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(*names).configure_cert(context)
    return context


def compressed(mebibytes):
    """So many MiB of zeros, small enough to be put into one chunk."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(mebibytes)) + packer.flush()


@pytest.mark.parametrize("step", [
    drips(HEAD + b"Content-Length: 900\r\n\r\n", b"x" * 900),
    drips(b"HTTP/1.1 200 OK\r\n", b"X-Slow: " + b"y" * 900),
    drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
    waits(3),
], ids=["body", "headers", "interim answers", "silence"])
@pytest.mark.fault("F09")
def test_deadline_is_for_the_whole_call(serve, connect, step):
    begun = time.monotonic()

    with pytest.raises(Unanswered, match="did not answer in time"):
        connect(serve(step).url).send(purchase(deadline_s=0.5))
    assert time.monotonic() - begun < 1.2


@pytest.mark.parametrize("step", [
    resets,
    hangs_up,
    says(b"HTTP/1.1 200 OK\r\nContent-Type: appl"),
    says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    says(b"HTTP/1.1 banana\r\n\r\n"),
    answers(b'{"id": "cut of', length=900),
    says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":"),
    says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    answers(gzip.compress(b"{}")[:-4], headers=["Content-Encoding: gzip"]),
    answers(b"not gzip", headers=["Content-Encoding: gzip"]),
    answers(gzip.compress(b"{}") + b"tail", headers=["Content-Encoding: gzip"]),
    answers(b"{}", headers=["Content-Encoding: br"]),
    answers(b"{}", headers=["Content-Encoding: gzip, gzip"]),
])
def test_broken_answer_leaves_the_outcome_unknown(serve, connect, notebook, step):
    with pytest.raises(Unanswered):
        connect(serve(step).url).send(purchase())

    assert notebook.outcomes == ["unanswered"]


@pytest.mark.fault("F06")
def test_kept_connection_that_died_is_not_resent(serve, connect):
    server = serve(answers(), hangs_up, answers())
    transport = connect(server.url)
    transport.send(read())

    with pytest.raises(Unanswered, match="closed the connection"):
        transport.send(purchase())
    assert len(server.requests) == 2


def test_gzip_is_unpacked(serve, connect):
    server = serve(answers(gzip.compress(b'{"ok":1}'), headers=["Content-Encoding: GZIP"]))

    assert connect(server.url).send(read()).body == b'{"ok":1}'
    assert server.headers(0)["accept-encoding"] == "gzip"


def test_empty_gzip_is_empty(serve, connect):
    assert connect(serve(answers(b"", headers=["Content-Encoding: gzip"])).url).send(read()).body == b""


@pytest.mark.fault("F15")
def test_gzip_bomb_is_cut_in_bounded_memory(serve, connect):
    server = serve(answers(compressed(200), headers=["Content-Encoding: gzip"]))
    transport = connect(server.url)
    tracemalloc.start()

    with pytest.raises(Unanswered, match="longer than 2097152 bytes"):
        transport.send(purchase())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * MIB


@pytest.mark.parametrize("size", ["Content-Length: 3000000000\r\n", "Connection: close\r\n"])
@pytest.mark.fault("F15")
def test_huge_body_is_cut(serve, connect, size):
    def flood(connection):
        connection.sendall(HEAD + size.encode() + b"\r\n")
        while True:
            connection.sendall(bytes(65536))

    with pytest.raises(Unanswered, match="longer than"):
        connect(serve(flood).url).send(purchase())


def test_catalog_page_may_be_longer(serve, connect):
    server = serve(answers(b" " * (3 * MIB)))

    assert len(connect(server.url).send(read(max_bytes=4 * MIB)).body) == 3 * MIB
    with pytest.raises(Unanswered):
        connect(server.url).send(read())


@pytest.mark.fault("F02")
def test_refused_connection_is_not_sent(connect, notebook, fuse, unused_port):
    with pytest.raises(NotSent, match="refuses connections") as caught:
        connect(f"http://127.0.0.1:{unused_port}").send(purchase())
    assert not isinstance(caught.value, Unanswered)
    assert (notebook.outcomes, fuse.told) == (["not_sent"], [False])


def test_unrecorded_refusal_stays_not_sent(connect, notebook, unused_port):
    notebook.error = RuntimeError("disk full")

    with pytest.raises(NotSent):
        connect(f"http://127.0.0.1:{unused_port}").send(purchase())


def test_busy_pool_is_not_sent(serve, connect, monkeypatch):
    monkeypatch.setattr(http, "CONNECTIONS", 1)
    server = serve(waits(0.8))
    transport = connect(server.url)

    def hold():
        with pytest.raises(Unanswered):
            transport.send(purchase())

    first = threading.Thread(target=hold)
    first.start()
    while not server.requests:
        time.sleep(0.01)

    with pytest.raises(NotSent, match="were busy"):
        transport.send(purchase(deadline_s=0.3))
    first.join()


def test_full_backlog_is_not_sent_in_time(connect, monkeypatch):
    monkeypatch.setattr(http, "CONNECT_S", 0.3)
    with socket.socket() as listener, socket.socket() as one, socket.socket() as two:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())

        with pytest.raises(NotSent, match="did not accept a connection in time"):
            connect(f"http://127.0.0.1:{listener.getsockname()[1]}").send(purchase())


def test_good_certificate_is_accepted(serve, connect, authority, trusting):
    server = serve(answers(b'"ok"'), tls=certified(authority, "127.0.0.1"))

    assert connect(server.url, tls=trusting).send(purchase()).body == b'"ok"'


@pytest.mark.parametrize("names", [["elsewhere.example"], ["127.0.0.2"]])
@pytest.mark.fault("F03")
def test_certificate_of_another_host_is_not_sent(serve, connect, authority, trusting, names):
    server = serve(answers(), tls=certified(authority, *names))

    with pytest.raises(NotSent, match="certificate that is not valid for it"):
        connect(server.url, tls=trusting).send(purchase())
    assert server.requests == []


@pytest.mark.fault("F03")
def test_certificate_that_is_too_old_is_not_sent(serve, connect, authority, trusting):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued = datetime.now(UTC) - timedelta(days=9)
    authority.issue_cert("127.0.0.1", not_before=issued, not_after=issued + timedelta(days=8)).configure_cert(tls)
    server = serve(answers(), tls=tls)

    with pytest.raises(NotSent, match="certificate that is not valid"):
        connect(server.url, tls=trusting).send(purchase())
    assert server.requests == []


@pytest.mark.fault("F03")
def test_certificate_of_an_unknown_authority_is_not_sent(serve, connect, authority):
    server = serve(answers(), tls=certified(authority, "127.0.0.1"))

    with pytest.raises(NotSent, match="certificate that is not valid"):
        connect(server.url).send(purchase())
    assert server.requests == []


def test_handshake_that_never_ends_is_not_sent(serve, connect, trusting, monkeypatch):
    monkeypatch.setattr(http, "CONNECT_S", 0.3)
    server = serve(answers())

    with pytest.raises(NotSent, match="did not accept a connection in time"):
        connect(server.url.replace("http:", "https:"), tls=trusting).send(purchase())


def test_checked_address_is_called_under_its_name(serve, connect, authority, trusting, monkeypatch):
    """The name goes into TLS and Host, the connection to the very address that was looked up, once."""
    tls = certified(authority, "api.supplier.example")
    names, looked_up = [], []
    tls.sni_callback = lambda connection, name, context: names.append(name)
    server = serve(answers(), tls=tls)
    base = addresses.Base("https", "api.supplier.example", server.port, "", is_local=False)
    monkeypatch.setattr(http, "allowed_base", lambda *given, **rules: base)
    monkeypatch.setattr(addresses, "is_public", lambda address: True)
    monkeypatch.setattr(addresses, "_look_up", lambda host, *rest: looked_up.append(host) or [
        addresses.ipaddress.ip_address("127.0.0.1")])

    connect("https://api.supplier.example", tls=trusting).send(purchase())

    assert (names, looked_up) == (["api.supplier.example"], ["api.supplier.example"])
    assert server.headers(0)["host"] == f"api.supplier.example:{server.port}"


def test_name_that_turns_to_a_private_address_is_not_called(serve, connect, monkeypatch, notebook):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *given, **options: [(0, 0, 0, "", ("127.0.0.1", 443))])

    with pytest.raises(Forbidden, match=r"api\.supplier\.example leads to 127\.0\.0\.1"):
        connect("https://api.supplier.example", allowed_hosts=["api.supplier.example"], allow_local=True).send(purchase())
    assert notebook.outcomes == ["forbidden"]


@pytest.mark.fault("F01")
def test_unknown_name_is_not_sent(connect, monkeypatch):
    def fail(*given, **options):
        raise socket.gaierror(-2, "Name or service not known")
    monkeypatch.setattr(addresses.socket, "getaddrinfo", fail)

    with pytest.raises(NotSent, match="could not be resolved"):
        connect("https://api.supplier.example", allowed_hosts=["api.supplier.example"]).send(purchase())


def test_slow_name_servers_do_not_stretch_the_deadline(connect, monkeypatch):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *given, **options: time.sleep(2) or [])
    begun = time.monotonic()

    with pytest.raises(NotSent, match="could not be resolved"):
        connect("https://api.supplier.example", allowed_hosts=["api.supplier.example"]).send(purchase(deadline_s=0.3))
    assert time.monotonic() - begun < 1
