"""Webhooks at a real server: verified, stored and answered, beside a view that only reads what was posted."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.giftapi.signing import signature
from orders.models import Notice

from .timing import Figure, in_turns, told

POSTS, SENDERS, THREADS = 400, 8, 8
WAITS_S = 30
SECRET = "bench"


def measure(rounds):
    """The figure of webhooks taken per second, as a share of what the same server does with a bare view."""
    supplier = Supplier.objects.create(name="webhooks", api="giftapi", base_url="https://webhooks.invalid")
    gateway.keep_credentials(supplier, {"token": "t", "partner_secret": SECRET})
    with served() as port:
        post_all(port, "/webhooks/webhooks/")
        ours, bare = in_turns(rounds, lambda: post_all(port, "/webhooks/webhooks/"), lambda: post_all(port, "/bare/"))
    if Notice.objects.count() != POSTS * (rounds + 1):
        raise AssertionError("not every webhook was stored")
    # The bell for a worker is a row in the same commit; without it about a third more would be taken. The goal has none.
    return [Figure("webhook taken", "bare POST view, same server", bare / ours, 0.6, False, f"{told(ours / POSTS)} each")]


@contextmanager
def served():
    """The port of a server with THREADS threads on the database of this process."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "tests.bench.served:application", "--bind", f"fd://{door.fileno()}",
             "--worker-class", "gthread", "--threads", str(THREADS), "--log-level", "error"],
            pass_fds=[door.fileno()], env={**os.environ, "ALLOWED_HOSTS": "127.0.0.1"},
            stdin=subprocess.DEVNULL)
        try:
            yield door.getsockname()[1]
        finally:
            server.terminate()
            server.wait(WAITS_S)


def post_all(port, path):
    """The seconds in which POSTS notices were answered by the server, sent by SENDERS at once."""
    requests = [signed() for _ in range(POSTS)]
    shares = [requests[number::SENDERS] for number in range(SENDERS)]
    with ThreadPoolExecutor(SENDERS) as pool:
        began = time.perf_counter()
        answers = [status for statuses in pool.map(lambda share: post(port, path, share), shares) for status in statuses]
        taken = time.perf_counter() - began
    if set(answers) != {200}:
        raise AssertionError(f"{path} answered {sorted(set(answers))}")
    return taken


def post(port, path, requests):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAITS_S)
    statuses = []
    for headers, body in requests:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses


def signed():
    event, key, timestamp = "order.status_changed", str(uuid.uuid4()), str(int(time.time()))
    order = {"id": str(uuid.uuid4()), "external_id": str(uuid.uuid4()), "status": "completed", "total_amount": 5.2}
    body = json.dumps({"event": event, "idempotency_key": key, "data": {"order": order}}).encode()
    return {"Content-Type": "application/json", "X-Timestamp": timestamp,
            "X-Signature": signature(SECRET, timestamp, event, key)}, body
