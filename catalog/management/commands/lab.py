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

    def handle(self, *args, port, books, seconds, **options):
        try:
            lab = Lab(books, seconds=seconds)
            url = lab.start(port)
        except (OSError, sqlite3.Error) as error:
            raise commanding.Refused(f"The lab cannot start: {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write(f"ready {url}")
        self.stdout.flush()
        stopping.wait()
        lab.stop()
