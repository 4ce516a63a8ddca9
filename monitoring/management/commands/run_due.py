"""`manage.py run_due`: all due work, without any cluster."""

import contextlib
import json
import logging
import signal
import time
from collections import Counter
from datetime import timedelta

from django.db import Error, InterfaceError, OperationalError, close_old_connections, connection

from catalog import clock, commanding, life
from monitoring import rounds
from monitoring.machinery import LOOP
from orders.models import Attempt

THREADS = 8  # as many suppliers' answers are waited for at once: a silent supplier must not hold up the others
TRY_AGAIN_S = 1  # after the database went away
SHOW_EVERY_S = 30
SOON = timedelta(seconds=15)  # an order that is looked at again within this time is not quiet yet

log = logging.getLogger(__name__)


class Command(commanding.Command):
    """In the JSON each kind counts steps taken, whatever they found out. `failed`: pieces that a supplier's trouble kept
    from being done; they come again at their next turn. `crashed`: stopped by an error of ours, which is in the log; only
    that ends with exit status 1.
    """

    help = "Does all work that is due: orders, probes, balances, books, catalog walks, alerts and their e-mail."

    def add_arguments(self, parser):
        parser.add_argument("--until-quiet", action="store_true", help="repeat until nothing is due, now or very soon")
        parser.add_argument("--max-seconds", type=commanding.seconds, default=300, help="begin nothing new after this (300)")
        parser.add_argument("--every", type=commanding.seconds, metavar="S",
                            help="repeat every S seconds until stopped, and leave calls by the clock to the queues")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, until_quiet, max_seconds, every, json, **options):
        if max_seconds <= 0 or (every is not None and every <= 0):
            raise commanding.Refused("Seconds must be more than zero.")
        if every:
            loop(every)
            return
        counts = run(until_quiet, clock.now() + timedelta(seconds=max_seconds))
        self.stdout.write(as_json(counts) if json else as_lines(counts))
        if counts["crashed"]:
            raise commanding.Failed(f"{counts['crashed']} pieces of work were stopped by an error of Purser's; see the log.")


def run(until_quiet, deadline):
    """Counts of one round, or of rounds until nothing is due soon or `deadline` has come."""
    counts = Counter()
    while True:
        done = rounds.run_due(now=clock.now(), until=lambda: clock.now() >= deadline)
        counts.update(done)
        is_quiet = not any(done.values()) and not _is_due_soon()
        if is_quiet or not until_quiet or done.get("crashed") or clock.now() >= deadline:
            return counts
        time.sleep(0 if any(done.values()) else 0.5)


def loop(every):
    """The runner's own loop: order work and alerts more often than a schedule can ring."""
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    while not stop:
        life.sign()
        next_at = time.monotonic() + every
        try:
            close_old_connections()
            rounds.run_due(now=clock.now(), until=_asked(stop), kinds=(), threads=THREADS)
            rounds.beat(LOOP, now=clock.now())
        except (OperationalError, InterfaceError) as error:
            # A process started anew would find it just as gone, only later; this one is back as soon as it is.
            log.warning("the database is away: %s", type(error).__name__)
            connection.close()
            next_at = time.monotonic() + TRY_AGAIN_S
        while not stop and time.monotonic() < next_at:
            time.sleep(0.2)


def _asked(stop):
    """What a round asks between its steps: whether to stop. Meanwhile a long one shows people that it goes on."""
    shown_at = time.monotonic()

    def is_over():
        nonlocal shown_at
        if time.monotonic() - shown_at > SHOW_EVERY_S:
            shown_at = time.monotonic()
            with contextlib.suppress(Error):
                rounds.beat(LOOP, now=clock.now())
        return bool(stop)

    return is_over


def as_json(counts):
    return json.dumps(dict(sorted(counts.items())))


def as_lines(counts):
    done = [f"{kind}: {count}" for kind, count in sorted(counts.items()) if count]
    return "\n".join(done) or "Nothing was due."


def _is_due_soon():
    return Attempt.objects.filter(due_at__lte=clock.now() + SOON).exists()
