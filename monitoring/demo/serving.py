"""The demo's processes: the lab, the workers, the web server; and waiting until they answer."""

import socket
import sys
import time
import urllib.error
import urllib.request

from monitoring.running import Child, manage

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is never asked of a proxy


def lab(port, books, log, *, notify):
    """The stand-ins; `notify` says where each sends its webhooks, by API."""
    told = [word for api, url in notify.items() for word in ("--notify", f"{api}={url}")]
    return Child("lab", manage("lab", "--port", str(port), "--books", str(books), *told), log=log)


def web(port, log, *, host="127.0.0.1"):
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}", "--worker-class", "gthread",
               "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]
    return Child("web", command, {"SERVE_TLS": "0"}, log=log)  # on loopback, where nobody has a certificate


def is_free(port):
    """Whether nothing listens on the loopback `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    """Whether `url` answers with success now."""
    try:
        with OPENER.open(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_for(signs, *, seconds, is_stopping):
    """True when each of `signs` has been true; false when told to stop or out of time."""
    deadline = time.monotonic() + seconds
    waiting = list(signs)
    while waiting and not is_stopping() and time.monotonic() < deadline:
        waiting = [sign for sign in waiting if not sign()]
        time.sleep(0.1)
    return not waiting
