"""The only way out to a supplier, and the only importer of httpx.

`Transport.send` makes one call and gives an `Answer` or raises `NotSent` or `Unanswered`. What the answer means is the
supplier's own mapping's business. httpx is used below its Client, so there are no cookies, redirects, proxies from the
environment or log lines to switch off.
"""

import logging
import os
import re
import ssl
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpcore
import httpx

from .addresses import Unresolved, allowed_base, resolve
from .bodies import Unreadable, once, read_body
from .deadline import Deadline, left_here
from .errors import Forbidden, NotSent, SupplierError, Unanswered
from .exchange import Answer, Call, CallRecord, Circuit, Recorder
from .pacing import RetryBudget, pause_before, retry_after_s
from .recording import is_their_word, outcome_of, record_of

__all__ = ["Answer", "Call", "CallRecord", "Circuit", "Recorder", "Transport"]

logger = logging.getLogger(__name__)


class NoHttp2(httpcore.ConnectError):
    """The server did not choose HTTP/2 when the encrypted connection was made."""


CONNECT_S = 5.0
KEEP_ALIVE_S = 5.0  # shorter than most servers', so that a purchase rarely meets a connection that is just being closed
CONNECTIONS = 8
WRITE_BYTES = 64 * 1024
COMMON_HEADERS = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": "Purser"}
NOT_SENT = (httpx.PoolTimeout, httpx.ConnectTimeout, httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol)
# Looked up along the chain of causes, first match wins. The libraries' own texts are not used: they may quote what we sent.
SENTENCES = (
    (NoHttp2, "{host} does not speak HTTP/2, and this connection takes nothing less. Nothing was sent."),
    (Unresolved, "The name of {host} could not be resolved. Nothing was sent."),
    (ssl.SSLCertVerificationError, "{host} shows a certificate that is not valid for it. Nothing was sent."),
    (httpx.PoolTimeout, "All connections to {host} were busy. Nothing was sent."),
    (httpx.ConnectTimeout, "{host} did not accept a connection in time. Nothing was sent."),
    (ConnectionRefusedError, "{host} refuses connections. Nothing was sent."),
    (httpx.ConnectError, "{host} could not be reached. Nothing was sent."),
    (httpx.TimeoutException, "{host} did not answer in time."),
    (httpx.RemoteProtocolError, "{host} closed the connection before it had answered, or what it sent is not HTTP."),
    (Exception, "The connection to {host} broke before it had answered."),
)

for _name in ("httpx", "httpcore", "hpack", "h2"):
    # They print whole addresses and header values at lower levels.
    _quiet = logging.getLogger(_name)
    _quiet.setLevel(logging.CRITICAL)
    _quiet.propagate = False
    _quiet.addHandler(logging.NullHandler())


class Transport:
    """Calls to one base address. Safe to use from several threads; connects on first use, and anew after a fork.

    `guard()` is called before every try and may raise to forbid it. `tls` replaces the usual trust store. `skew_s` is how
    far the supplier's clock was ahead of ours when it last told the time, None before that.

    With `http2`, HTTP/2 is offered over TLS and the answer says what was spoken; with `require_http2` a server that does
    not choose it hears nothing from us. Without TLS, so on this machine only, it is spoken from the first byte.
    """

    def __init__(self, base_url, *, allowed_hosts, allow_local, recorder, circuit, guard, http2=False, require_http2=False,
                 tls=None):
        self._base_url = base_url
        self._rules = {"allowed_hosts": tuple(allowed_hosts), "allow_local": allow_local}
        self._recorder, self._circuit, self._guard = recorder, circuit, guard
        self._http2, self._require_http2, self._tls = http2, require_http2, tls
        self._budget = RetryBudget()
        self._lock, self._wire, self._pid = threading.Lock(), None, None
        self.skew_s = None

    def send(self, call):
        """The answer to `call`, whatever its status. Raises NotSent or Unanswered; reads are retried within the deadline."""
        deadline = Deadline(call.deadline_s)
        self._budget.earn()
        tries = 1
        result = self._try(call, deadline)
        while (wait := _wait_before_retry(call, result, tries)) is not None:
            if wait >= deadline.left() or not self._budget.spend():
                break
            time.sleep(wait)
            tries += 1
            result = self._try(call, deadline)
        if isinstance(result, SupplierError):
            raise result
        return result

    def close(self):
        """Close idle connections; a later call opens new ones."""
        with self._lock:
            wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def _try(self, call, deadline):
        """One try: an Answer, or the SupplierError that it ended with. Recorded either way."""
        self._guard()
        started_at, begun = datetime.now(UTC), time.monotonic()

        def record(result):
            return self._record(record_of(call, result=result, started_at=started_at, duration_ms=_ms_since(begun)))

        try:
            request = self._request(call, deadline)
        except Forbidden as error:
            record(error)
            return error
        self._circuit.before(is_read=call.is_read)
        try:
            result = self._exchange(call, request, deadline)
        except BaseException:
            record(None)
            raise
        if self._http2 and not isinstance(result, Answer):
            self.close()  # a stream that was given up holds back, or has lost, the connection that all others share
        is_kept = record(result)
        self._tell_circuit(answered=outcome_of(call, result) == "answered")
        if isinstance(result, Answer) and not is_kept:
            # What nobody kept must not be acted on: the same will be asked again, by reference.
            return Unanswered("The supplier answered, but the answer could not be recorded.", operation=call.operation)
        return result

    def _request(self, call, deadline):
        base = allowed_base(self._base_url, **self._rules)
        headers = {**COMMON_HEADERS, **call.headers, **(call.sign() if call.sign else {})}
        if call.content:
            headers = {"content-type": "application/json", **headers, "content-length": str(len(call.content))}
        if not all(re.fullmatch(r"[\x20-\x7e]*", value) for value in headers.values()):
            raise Forbidden("A credential holds characters that cannot be sent. Enter the credentials again.")
        try:
            return httpx.Request(call.method, base.url(call.route, call.params, call.query), headers=headers,
                                 content=call.content if call.is_read else once(call.content),
                                 extensions={"timeout": {"connect": CONNECT_S, "pool": deadline.left()}})
        except (httpx.InvalidURL, UnicodeError):
            raise Forbidden(f"The address for {call.operation} at {base.host} is not a valid one. Correct it.") from None

    def _exchange(self, call, request, deadline):
        """Send and read whole. What fails after a byte may have left is Unanswered; errors carry no cause with secrets."""
        begun = time.monotonic()
        try:
            with deadline, closing(self._connections().handle_request(request)) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                encoding = headers.get("content-encoding", "").strip().lower()
                body = read_body(response.iter_raw(), encoding=encoding, max_bytes=call.max_bytes)
        except SupplierError as error:
            return error
        except Unreadable as error:
            return Unanswered(str(error), operation=call.operation)
        except Exception as error:
            kind = NotSent if isinstance(error, NOT_SENT) else Unanswered
            return kind(_sentence(error, request.url.host), operation=call.operation)
        skew_s = _skew_s(headers.get("date", ""))
        self.skew_s = self.skew_s if skew_s is None else skew_s
        return Answer(
            status=response.status_code, content_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
            body=body, headers=headers, elapsed_ms=_ms_since(begun), http_version=response.http_version, skew_s=skew_s)

    def _connections(self):
        with self._lock:
            if self._wire is None or self._pid != os.getpid():
                base = allowed_base(self._base_url, **self._rules)
                self._wire = Wire(base, tls=self._tls or usual_trust(self._http2), http2=self._http2,
                                  require_http2=self._require_http2)
                self._pid = os.getpid()
            return self._wire

    def _record(self, record):
        """Hand a try to the recorder; false if it could not keep it."""
        try:
            self._recorder.record(record)
        except Exception as error:
            logger.error("%s: a call could not be recorded: %s", record.operation, type(error).__name__)
            return False
        return True

    def _tell_circuit(self, *, answered):
        try:
            self._circuit.after(answered=answered)
        except Exception as error:  # the answer is worth more than the count
            logger.error("the circuit could not be told how a call went: %s", type(error).__name__)


class Wire(httpx.HTTPTransport):
    """httpx's connections, made by our Network so that addresses are pinned and the deadline holds on every byte."""

    def __init__(self, base, *, tls, http2, require_http2):
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_S, http1=not http2 or base.scheme == "https", http2=http2,
            network_backend=Network(base, require_http2))


class Network(httpcore.NetworkBackend):
    """Connects to the very addresses that were checked; the name stays in TLS and in the Host header."""

    def __init__(self, base, require_http2):
        self._base, self._require_http2 = base, require_http2
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        failure = httpcore.ConnectTimeout()
        for address in self._addresses():
            try:
                return Stream(self._sockets.connect_tcp(
                    address, port, timeout=_left(httpcore.ConnectTimeout, CONNECT_S), socket_options=socket_options),
                    self._require_http2)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self):
        try:
            return resolve(self._base, timeout_s=_left(httpcore.ConnectTimeout, CONNECT_S))
        except Unresolved as error:
            raise httpcore.ConnectError from error


class Stream(httpcore.NetworkStream):
    """A connection whose every read and write keeps to the deadline of the call that uses it."""

    def __init__(self, stream, require_http2=False):
        self._stream, self._require_http2 = stream, require_http2

    def read(self, max_bytes, timeout=None):
        return self._stream.read(max_bytes, _left(httpcore.ReadTimeout))

    def write(self, buffer, timeout=None):
        for start in range(0, len(buffer), WRITE_BYTES):
            self._stream.write(buffer[start:start + WRITE_BYTES], _left(httpcore.WriteTimeout))

    def close(self):
        self._stream.close()

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(httpcore.ConnectTimeout, CONNECT_S))
        if self._require_http2 and stream.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
            stream.close()
            raise NoHttp2
        return Stream(stream)

    def get_extra_info(self, info):
        return self._stream.get_extra_info(info)


@cache
def usual_trust(http2):
    """The trust store that comes with httpx; one per protocol, because connections write their protocols into it."""
    return httpx.create_ssl_context(trust_env=False)


def _wait_before_retry(call, result, tries):
    """Seconds to wait before this read is tried again, or None: then `result` stands."""
    if not call.is_read or isinstance(result, Forbidden):
        return None
    if isinstance(result, Answer):
        return pause_before(tries, retry_after_s(result.headers)) if not is_their_word(call, result) else None
    return pause_before(tries)


def _left(too_late, at_most=60.0):
    left = min(left_here(at_most), at_most)
    if left <= 0:
        raise too_late
    return left


def _sentence(error, host):
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return next(text for kind, text in SENTENCES if any(isinstance(one, kind) for one in chain)).format(host=host)


def _skew_s(date):
    try:
        told = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
    return (told.replace(tzinfo=told.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _ms_since(begun):
    return round((time.monotonic() - begun) * 1000)
