"""`manage.py lab`: the suppliers' stand-ins on loopback."""

import signal
import threading

from django.core.management.base import BaseCommand

from catalog.suppliers.lab import Lab


class Command(BaseCommand):
    help = "Serves the failure lab, stand-ins for all suppliers, until it is told to stop. Prints `ready URL`."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--books", help="file that keeps what was bought over a restart")
        parser.add_argument("--seconds", type=float, default=6.0, help="after which accepted orders end by themselves")

    def handle(self, *args, port, books, seconds, **options):
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        lab = Lab(books, seconds=seconds)
        self.stdout.write(f"ready {lab.start(port)}")
        self.stdout.flush()
        stopping.wait()
        lab.stop()
