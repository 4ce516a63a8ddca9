"""HTTP/2 where a supplier needs it: the same deadline, and a record that says what was spoken."""

import asyncio
import ssl
import threading
import time

import pytest
import trustme
from hypercorn.asyncio import serve as run
from hypercorn.config import Config

from catalog.suppliers.errors import NotSent, Unanswered
from catalog.suppliers.game_wallet.client import GameWallet
from catalog.suppliers.game_wallet.signing import signature
from tests.suppliers.calls import purchase, read
from tests.suppliers.server import answers
from tests.suppliers.test_game_wallet import ASKED
from tests.suppliers.wire import SAMPLES

KEYS = {"provider_id": "1", "access_key": "access", "private_key": "private"}


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    for byte in b'{"slow":1}' if scope["path"] == "/slow" else []:
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
        await asyncio.sleep(0.2)
    await send({"type": "http.response.body", "body": b'"end"'})


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def trusting(authority):
    """TLS settings that trust the servers of these tests."""
    settings = ssl.create_default_context()
    authority.configure_trust(settings)
    return settings


@pytest.fixture
def old_server(authority, serve):
    """A TLS server that speaks only HTTP/1.1, and says so."""
    settings = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(settings)
    settings.set_alpn_protocols(["http/1.1"])
    return serve(answers(b"{}"), tls=settings)


@pytest.fixture
def server(authority, trusting, tmp_path, unused_port):
    """The address of an HTTP/2 server with a certificate, and TLS settings that trust it."""
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(key)
    certificate.cert_chain_pems[0].write_to_path(chain)
    config = Config.from_mapping(
        bind=[f"127.0.0.1:{unused_port}"], keyfile=str(key), certfile=str(chain), errorlog=None, graceful_timeout=0.1)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def until_stopped():
        await run(app, config, shutdown_trigger=stop.wait)

    serving = threading.Thread(target=lambda: loop.run_until_complete(until_stopped()))
    serving.start()
    yield f"https://127.0.0.1:{unused_port}", trusting
    loop.call_soon_threadsafe(stop.set)
    serving.join(5)
    loop.close()


def test_version_is_recorded(server, connect, notebook):
    url, trusting = server

    answer = connect(url, tls=trusting, http2=True).send(read(route="/quick", deadline_s=5))

    assert answer.http_version == "HTTP/2"
    assert notebook.records[-1].http_version == "HTTP/2"


def test_deadline_holds(server, connect):
    url, trusting = server
    transport = connect(url, tls=trusting, http2=True)
    transport.send(read(route="/quick", deadline_s=5))
    begun = time.monotonic()

    with pytest.raises(Unanswered, match="did not answer in time"):
        transport.send(purchase(route="/slow", deadline_s=0.5))
    assert time.monotonic() - begun < 1.2


def test_required_version_is_spoken(server, connect):
    url, trusting = server

    answer = connect(url, tls=trusting, http2=True, require_http2=True).send(read(route="/quick", deadline_s=5))

    assert answer.http_version == "HTTP/2"


def test_older_server_is_spoken_to_and_the_record_says_so(old_server, trusting, connect, notebook):
    answer = connect(old_server.url, tls=trusting, http2=True).send(read())

    assert answer.http_version == notebook.records[-1].http_version == "HTTP/1.1"


def test_older_server_hears_nothing_where_http2_is_required(old_server, trusting, connect, notebook):
    transport = connect(old_server.url, tls=trusting, http2=True, require_http2=True)

    with pytest.raises(NotSent, match="takes nothing less"):
        transport.send(purchase())

    assert old_server.requests == []
    assert notebook.outcomes == ["not_sent"]


def test_wallet_notes_an_older_server(authority, serve, trusting, connect):
    settings = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(settings)
    server = serve(answers((SAMPLES / "game_wallet/status_success.json").read_bytes()), tls=settings)
    wallet = GameWallet(connect(server.url, tls=trusting, http2=True), KEYS, {})

    reply = wallet.transaction_status(ASKED)

    assert (reply.is_confirmed, reply.http_version) == (True, "HTTP/1.1")
    assert reply.warning == "The server spoke HTTP/1.1 instead of HTTP/2."
    assert signature(KEYS["private_key"], server.requests[0].partition(b"\r\n\r\n")[2]) == (
        server.headers(0)["x-request-signature"])


def test_without_tls_it_is_spoken_from_the_first_byte(lab, connect, notebook):
    answer = connect(f"{lab.url}/plexy_gate", http2=True).send(read(route="/health"))

    assert (answer.status, answer.http_version) == (200, "HTTP/2")


def test_outside_this_machine_there_is_no_way_without_tls(connect, notebook):
    transport = connect("http://wallet.example.com", http2=True, allowed_hosts=["wallet.example.com"])

    with pytest.raises(NotSent, match="only be called over https"):
        transport.send(read())
