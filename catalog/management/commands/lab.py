"""`manage.py lab`: the suppliers' stand-ins on loopback."""

import signal
import sqlite3
import threading

from catalog import commanding
from catalog.suppliers.lab import Lab


class Command(commanding.Command):
    help = "Serves the failure lab, stand-ins for all suppliers, until it is told to stop. Prints `ready URL`."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--books", help="file that keeps what was bought over a restart")
        parser.add_argument("--seconds", type=float, default=6.0, help="after which accepted orders end by themselves")

        parser.add_argument("--notify", action="append", default=[], metavar="SUPPLIER=URL", help=(
            "where a supplier sends its webhooks, on this machine; may be given for each supplier"))
        parser.add_argument("--secret", action="append", default=[], metavar="SUPPLIER=SECRET", help=(
            "what signs a supplier's webhooks; left out, the stand-in's own"))

    def handle(self, *args, port, books, seconds, notify, secret, **options):
        secrets = pairs(secret)
        told = {supplier: (url, secrets.get(supplier)) for supplier, url in pairs(notify).items()}
        try:
            lab = Lab(books, seconds=seconds, notify=told)
            url = lab.start(port)
        except (OSError, OverflowError, ValueError, sqlite3.Error) as error:
            raise commanding.Refused(f"The lab cannot start: {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write(f"ready {url}")
        self.stdout.flush()
        stopping.wait()
        lab.stop()


def pairs(given):
    """`name=value` texts as a dict; raises Refused for a text that is none."""
    odd = [text for text in given if "=" not in text]
    if odd:
        raise commanding.Refused(f"Write {odd[0]} as SUPPLIER=VALUE.")
    return dict(text.split("=", 1) for text in given)
