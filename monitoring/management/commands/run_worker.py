"""`manage.py run_worker`: everything that works in the background, under one process to start and stop."""

from django.core.management.base import BaseCommand
from django.db import connection

from monitoring.running import Runner
from monitoring.workers import ask_for_life, children


class Command(BaseCommand):
    help = "Runs both queues and the loop of order work; starts again what dies or falls silent. Stop it with SIGTERM."

    def add_arguments(self, parser):
        parser.add_argument("--grace", type=float, default=60, metavar="S",
                            help="seconds given to work in hand when told to stop (60)")

    def handle(self, *, grace, **options):
        runner = Runner(children(), grace_s=grace)
        runner.listen()
        ask_for_life()
        connection.close()
        runner.run()
