"""`manage.py demo`: the whole of Purser on stand-in suppliers, started and stopped together."""

import signal
import time

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from catalog import commanding
from catalog.suppliers.lab import Lab
from monitoring import machinery, watching
from monitoring.demo import (
    connections,
    history,
    people,
    readings,
    serving,
    statuses,
    surroundings,
    top_ups,
    transactions,
)
from monitoring.installing import install
from monitoring.running import Runner
from monitoring.workers import ask_for_life, children

GRACE_S = 8


class Command(commanding.Command):
    help = "Starts a demo shop on stand-in suppliers: migrations, lab, sample data, workers and web server on PORT."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address the web server listens on (127.0.0.1)")

    def handle(self, *, host, **options):
        begun = time.monotonic()
        if not settings.SUPPLIER_ALLOW_LOCAL:
            raise commanding.Refused("Set SUPPLIER_ALLOW_LOCAL=1: the demo's suppliers live on loopback.")
        # What a script starts in the background ignores SIGINT, and a make that ends is told by it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        surroundings.end_with_make()
        try:
            with surroundings.folder_and_port():
                self.run(host, begun)
        except KeyboardInterrupt:  # before the runner listens for it
            self.say("Stopped.")
        except (surroundings.Odd, connections.RealShop) as refusal:
            raise commanding.Refused(refusal) from refusal

    def run(self, host, begun):
        self.say("Preparing the database ...")
        prepare()
        password = people.password(settings.VAR_DIR / "demo-password", settings.DEMO_PASSWORD)
        lab_port = self.fill(people.hire(password))
        self.serve(host, lab_port, password, begun)

    def fill(self, staff):
        """Sample data, made against a lab of our own on the books that the served one will open; gives its port."""
        self.say("Opening the shop ...")
        lab = Lab(settings.VAR_DIR / "lab-books.sqlite3")
        port = connections.port_in_use_before()
        url = lab.start(port if port and serving.is_free(port) else 0)
        try:
            fill(lab, url, staff, timezone.now())
        finally:
            lab.stop()
            connection.close()
        return int(url.rpartition(":")[2])

    def serve(self, host, lab_port, password, begun):
        """Run everything until told to stop."""
        log = settings.VAR_DIR / "log"
        lab_url, home = f"http://127.0.0.1:{lab_port}", f"http://127.0.0.1:{settings.PORT}"
        stand_ins = serving.lab(lab_port, settings.VAR_DIR / "lab-books.sqlite3", log / "lab.log",
                                notify=connections.notice_addresses(home))
        runner = Runner([stand_ins, *children(log), serving.web(settings.PORT, log / "web.log", host=host)],
                        grace_s=GRACE_S)
        runner.listen()
        runner.start()
        signs = [lambda: serving.answers(f"{lab_url}/lab/"), lambda: serving.answers(f"{home}/readyz"), workers_live]
        if serving.wait_for(signs, seconds=60, is_stopping=lambda: runner.is_stopping):
            self.say(welcome(home, lab_url, password, log, time.monotonic() - begun))
        elif not runner.is_stopping:
            runner.stop()
            raise commanding.Failed(f"The demo did not come up; see {log}.")
        runner.run()
        self.say("Stopped.")

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()


def prepare():
    """Tables, static files, groups and schedules."""
    surroundings.prepare_tables()
    connections.refuse_real_shop()
    call_command("collectstatic", interactive=False, verbosity=0)
    install(now=timezone.now())


def fill(lab, url, staff, now):
    """Whatever of the sample data is missing; a second start finds it all and adds nothing."""
    suppliers = connections.connect(url, lab.credentials, by=staff["lead"], now=now)
    connections.fill(suppliers, now=now)
    connections.probe_the_last_hour(lab, suppliers, now=now)
    connections.set_thresholds(now=now)
    statuses.show_every_status(lab, by=staff["operations"], now=now)
    transactions.show_every_status(
        lab.books["game_wallet"], suppliers["wallet-demo"], by=staff["support"], now=now)
    history.trade(lab, sellers=[staff["operations"], staff["lead"]], now=now)
    top_ups.show(lab, by=staff["operations"], now=now)
    connections.read_books(suppliers, now=timezone.now())  # after the last purchase, so that pages tell what is left
    readings.remember(now=timezone.now())
    watching.watch(now=timezone.now())
    OrmQ.objects.all().delete()  # doorbells of orders that have been seen to; what is due stands in the rows
    ask_for_life()


def workers_live():
    try:
        return all(queue.is_alive for queue in machinery.machinery(now=timezone.now()).queues)
    finally:
        connection.close()


def welcome(home, lab_url, password, log, seconds):
    names = ", ".join([*people.GROUPS, people.OWNER])
    return f"""
Purser is ready at {home}/   (after {seconds:.0f} s)

  Sign in as    {names}
  Password      {password}
  Suppliers     stand-ins at {lab_url}/lab/ : make them fail, deposit, change prices
  Logs, e-mail  {log}/

Stop with Ctrl-C."""
