"""A small shop under fire: staff, workers and suppliers act in one thread, in an order that one seed decides.

While one worker waits for a supplier, others may act: that is where a frozen worker, an expired lease or a second sweep
come in. A `Crash` may strike at the named points C1 to C10 of the protocol; the process is then gone, its rows are not.
"""

import hashlib
import random
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q

from catalog import gateway, sync
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.notices import NoticeKind
from catalog.suppliers.types import Outcome
from funding import refreshing
from orders import approving, delivery, parking, placing, sweep, terms
from orders.models import Attempt, Notice, Order
from orders.models.attempt import HOLDING, State
from orders.models.order import Status

from .goods import BOUGHT_FROM
from .invariants import money_is_held_while_it_may_be_spent
from .lasting import remember
from .machines import Machines
from .passage import Passage
from .staff import Staff
from .suppliers import Suppliers
from .undoing import Undone
from .wire import Crash

STEPS = 30
QUIET_ROUNDS = 120
A_DAY_S = 25 * 3600
LONG = timedelta(hours=6)
CRASH_RATE = 0.04
GOES_ON = Q(state__in=HOLDING) | Q(state=State.ACCEPTED, outcome__in=[Outcome.PENDING, Outcome.UNKNOWN])
EXPECTED = (
    sync.AlreadyRunning, placing.Refusal, delivery.TooManyReveals, terms.Wrong, parking.NotParked, parking.StillShort,
    parking.CannotWithdraw, parking.NeedsApproval, parking.PriceMoved, approving.OwnRequest, approving.NotWaiting,
    approving.PriceExpired, SupplierError)


class World(Machines, Staff, Suppliers, Passage):
    """One run. `trace` is what happened, in words that are the same for the same seed, `happened` how often what did."""

    def __init__(self, seed, *, lab, skus, staff, approver, clock, start, api=""):
        self.rng, self.lab, self.skus, self.api = random.Random(seed), lab, skus, api
        self.staff, self.approver = staff, approver
        self.clock, self.at = clock, start
        self.sent, self.delayed, self.trace, self.names = [], [], [], {}
        self.is_quiet, self.depth, self.happened = False, 0, Counter()
        self.is_scripted, self.plan, self.dies_at = False, [], ""
        self.epochs, self.written, self.calls, self.tries, self.heard = {}, {}, Counter(), Counter(), []
        self.tokens, self.refusals, self.problems = [], [], []
        self.wants_it_still = seed % 4 != 0
        self.takes_repeats, self.delivers_in_part, self.sees_less, self.posted = (), False, set(), Counter()

    # The clock.

    def pass_time(self, seconds):
        self.at += timedelta(seconds=seconds)
        self.clock.move_to(self.at)
        for due_at, act in [one for one in self.delayed if one[0] <= self.at]:
            self.delayed.remove((due_at, act))
            act()

    def wait(self, seconds):
        """Somebody looks again and again until another is ready: as nobody acts beside them, it may as well be later."""
        self.pass_time(max(seconds, 5))

    def monotonic(self):
        return self.at.timestamp()

    # One run.

    def run(self, steps=STEPS):
        for _ in range(steps):
            self.step()
            self.look()
        remember(self)
        self.calm_down()
        return self

    def step(self):
        acts = [
            (self.somebody_orders, 45), (self.a_worker_sweeps, 40), (self.a_task_arrives, 12),
            (self.funding_is_read, 8), (self.money_arrives, 4), (self.somebody_withdraws, 3), (self.somebody_releases, 3),
            (self.a_supplier_forgets, 2), (self.somebody_reveals, 3), (self.somebody_approves, 6),
            (self.a_supplier_goes_on, 4), (self.a_supplier_takes_back, 2), (self.a_catalog_is_synced, 2),
        ]
        act = self.rng.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        try:
            act()
        except Crash as crash:
            self.process_begins_anew(crash)
        except EXPECTED as refusal:
            self.tell(f"refused {type(refusal).__name__}")
            self.happened[f"refused {type(refusal).__name__}"] += 1
        self.pass_time(self.rng.choice([0.2, 1, 5, 30, 120, 600]))

    def calm_down(self):
        """Faults end, money comes, and workers go on until nothing more happens by itself, within a day of the clock."""
        self.is_quiet = True
        self.faults_end()
        self.somebody_reviews()
        for books in map(self.lab.books.get, BOUGHT_FROM):
            for currency in books.balances:
                books.deposit(currency, "50000.00")
        self.workers_go_on()
        self.what_is_left_is_sent_again()
        self.suppliers_are_probed()
        self.last_notices_come()
        if self.happened["order reversed"] or Attempt.objects.filter(outcome=Outcome.PARTIAL).exists():
            self.a_day_passes()
            self.last_notices_come()
        self.funding_is_read()

    def workers_go_on(self):
        for _ in range(QUIET_ROUNDS):
            self.awaited_books_are_read()
            sweep.run_due(now=self.at)
            # What was long looked for is with a person by now, who has the means to find out.
            left_to_them = Q(order__needs_review=True, unknown_since__lte=self.at - LONG)
            due = Attempt.objects.filter(GOES_ON, due_at__isnull=False).exclude(left_to_them).order_by(
                "due_at").values_list("due_at", flat=True).first()
            if due is None and not Order.objects.filter(status=Status.PARKED, parked_reason="funds").exists():
                break
            self.pass_time(max(61, ((due or self.at) - self.at).total_seconds()))

    def what_is_left_is_sent_again(self):
        """On most days the buyers still want what nobody found; on the others it stays with a person."""
        if not self.is_scripted and self.wants_it_still:
            self.funding_is_read()
            self.somebody_sends_again()
            self.workers_go_on()

    def last_notices_come(self):
        for _ in range(QUIET_ROUNDS):
            while self.delayed:
                self.pass_time(max(1, (max(at for at, _ in self.delayed) - self.at).total_seconds()))
            waiting = Notice.objects.filter(due_at__isnull=False)
            if not waiting:
                break
            self.pass_time(max(1, (min(notice.due_at for notice in waiting) - self.at).total_seconds()))
            self.awaited_books_are_read()
            sweep.run_due(now=self.at)

    def awaited_books_are_read(self):
        waiting = Notice.objects.filter(due_at__isnull=False, kind=NoticeKind.MONEY)
        parked = Order.objects.filter(status=Status.PARKED)
        for supplier in self.suppliers(Q(notices__in=waiting) | Q(orders__in=parked)):
            refreshing.refresh(supplier=supplier, now=self.at)

    def a_day_passes(self):
        """After which a finished order was read once more, and what stayed in parts was told to a person."""
        self.pass_time(A_DAY_S)
        for _ in range(2):
            sweep.run_due(now=self.at)
            self.pass_time(61)

    def follow(self, script):
        """One run of what `script(world)` does: in place of dice, its `plan` of faults and the crash `dies_at` strike."""
        try:
            script(self)
        except Crash as crash:
            self.process_begins_anew(crash)
        self.look()
        remember(self)
        self.calm_down()
        return self

    def work_for(self, minutes):
        """A worker sweeps every twenty seconds, and when the first orders have had their time, every minute."""
        remember(self)
        ends_at, hurried_until = self.at + timedelta(minutes=minutes), self.at + timedelta(minutes=3)
        while self.at < ends_at:
            sweep.run_due(now=self.at)
            self.look()
            self.pass_time(20 if self.at < hurried_until else 60)

    def look(self):
        """What must hold at every moment, and what later moments are compared with."""
        self.problems += money_is_held_while_it_may_be_spent(self)
        self.epochs = dict(Attempt.objects.values_list("pk", "lease_epoch"))

    # What machines do stands in `Machines`, what people do in `Staff`, what suppliers do in `Suppliers`.

    @contextmanager
    def as_it_was_before(self):
        """What the block writes is lost, as when an older copy of the database takes its place; what it bought is bought."""
        with Undone():
            yield
        vars(gateway._kept).clear()
        self.written = {}
        self.tell("restored")

    # Crashes and the trace.

    def process_begins_anew(self, crash):
        """What it held in memory is gone: connections, and what clients had found out."""
        vars(gateway._kept).clear()
        self.happened[f"crash {crash}"] += 1
        self.tell(f"crash {crash}")

    def maybe_crash(self, point):
        if self.dies_at == point:
            self.dies_at = ""
            raise Crash(point)
        if not self.is_scripted and not self.is_quiet and self.rng.random() < CRASH_RATE:
            raise Crash(point)

    def crashing(self, point, act):
        """`act`, before which the process may die."""

        def risky(*args, **kwargs):
            self.maybe_crash(point)
            return act(*args, **kwargs)

        risky.__name__ = act.__name__
        return risky

    def name(self, ref):
        """A name for a random reference that is the same for the same seed."""
        return self.names.setdefault(ref, f"ref{len(self.names)}")

    def tell(self, text):
        self.trace.append(f"{self.at:%H:%M:%S} {text}")

    def trace_hash(self):
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()
