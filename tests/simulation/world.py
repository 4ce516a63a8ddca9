"""A small shop under fire: staff, workers and suppliers act in one thread, in an order that one seed decides.

While one worker waits for a supplier, others may act: that is where a frozen worker, an expired lease or a second sweep
come in. A `Crash` may strike at the named points C1 to C9 of the protocol; the process is then gone, its rows are not.
"""

import hashlib
import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.db.models import Q

from catalog import gateway, sync
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.exchange import Answer
from catalog.suppliers.types import Outcome
from orders import approving, delivery, parking, placing, sweep, terms
from orders.models import Attempt, Order
from orders.models.attempt import HOLDING, State
from orders.models.order import Status

from .goods import BOUGHT_FROM
from .invariants import money_is_held_while_it_may_be_spent
from .lasting import remember
from .machines import Machines
from .restraint import watch_purchase
from .staff import Staff
from .undoing import Undone
from .wire import Crash, Sent, never_answered, never_left, page_of_html, server_error, to_answer, to_lab

STEPS = 30
QUIET_ROUNDS = 120
PROBES = 10  # one a minute
FAULT_RATE, CRASH_RATE, INTERLUDE_RATE = 0.18, 0.04, 0.25
GOES_ON = Q(state__in=HOLDING) | Q(state=State.ACCEPTED, outcome__in=[Outcome.PENDING, Outcome.UNKNOWN])
BEFORE, AFTER = ("never_left", "lost_before", "error_before"), ("lost_after", "error_after", "html_after", "delayed")
EXPECTED = (
    sync.AlreadyRunning, placing.Refusal, delivery.TooManyReveals, terms.Wrong, parking.NotParked, parking.StillShort,
    parking.CannotWithdraw, parking.NeedsApproval, parking.PriceMoved, approving.OwnRequest, approving.NotWaiting,
    approving.PriceExpired, SupplierError)


class World(Machines, Staff):
    """One run. `trace` is what happened, in words that are the same for the same seed."""

    def __init__(self, seed, *, lab, skus, staff, approver, clock, start, api=""):
        self.rng, self.lab, self.skus, self.api = random.Random(seed), lab, skus, api
        self.staff, self.approver = staff, approver
        self.clock, self.at = clock, start
        self.sent, self.delayed, self.trace, self.names = [], [], [], {}
        self.is_quiet, self.depth, self.crashes = False, 0, 0
        self.is_scripted, self.plan, self.dies_at = False, [], ""
        self.epochs, self.written, self.calls, self.tries, self.heard = {}, {}, Counter(), Counter(), []
        self.tokens, self.refusals, self.problems = [], [], []

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
            (self.a_catalog_is_synced, 2),
        ]
        act = self.rng.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        try:
            act()
        except Crash as crash:
            self.process_begins_anew(crash)
        except EXPECTED as refusal:
            self.tell(f"refused {type(refusal).__name__}")
        self.pass_time(self.rng.choice([0.2, 1, 5, 30, 120, 600]))

    def calm_down(self):
        """Faults end, money comes, and workers go on until nothing more happens by itself, within a day of the clock."""
        self.is_quiet = True
        self.somebody_reviews()
        for books in map(self.lab.books.get, BOUGHT_FROM):
            for currency in books.balances:
                books.deposit(currency, "50000.00")
        for _ in range(QUIET_ROUNDS):
            if Order.objects.filter(status__in=[Status.PARKED, Status.UNKNOWN]).exists():
                self.funding_is_read()
            sweep.run_due(now=self.at)
            due = Attempt.objects.filter(GOES_ON, due_at__isnull=False).order_by("due_at").values_list(
                "due_at", flat=True).first()
            if due is None and not Order.objects.filter(status=Status.PARKED, parked_reason="funds").exists():
                break
            self.pass_time(max(61, ((due or self.at) - self.at).total_seconds()))
        for _ in range(PROBES):
            self.suppliers_are_probed()
            self.pass_time(60)
        self.funding_is_read()

    def follow(self, script):
        """One run of what `script(world)` does: in place of dice, its `plan` of faults and the crash `dies_at` strike."""
        self.is_scripted = True
        try:
            script(self)
        except Crash as crash:
            self.process_begins_anew(crash)
        self.look()
        remember(self)
        self.calm_down()
        return self

    def work_for(self, minutes):
        """A worker sweeps every twenty seconds."""
        remember(self)
        for _ in range(minutes * 3):
            sweep.run_due(now=self.at)
            self.look()
            self.pass_time(20)

    def look(self):
        """What must hold at every moment, and what later moments are compared with."""
        self.problems += money_is_held_while_it_may_be_spent(self)
        self.epochs = dict(Attempt.objects.values_list("pk", "lease_epoch"))

    # What machines do stands in `Machines`, what people do in `Staff`.

    # The wire.

    def carry(self, call, request, deadline):
        """Bring one call to the lab, or break on the way. As on a real wire, nothing leaves after the deadline."""
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            self.problems.append(f"I-16 {call.operation} was called inside a transaction")
        if not call.is_read:
            watch_purchase(self, Attempt.objects.get(ref=call.ref))
        self._others_act_meanwhile()
        if deadline.left() <= 0:
            return never_left()
        answer = self._exchange(call, request)
        if deadline.left() <= 0:
            return never_answered()
        if not call.is_read and isinstance(answer, Answer):
            self._hear(call.ref, answer)
        return answer

    def _exchange(self, call, request):
        if call.is_read:
            self.maybe_crash("C9" if call.is_evidence else "C3")
            return self._broken_read() or to_answer(self._ask(request))
        return self._purchase(call, request)

    def _hear(self, ref, answer):
        """A supplier that said no in its own words to the last send has not bought, and keeps nothing of it."""
        last = max((number for number, sent in enumerate(self.sent) if sent.ref == ref), default=None)
        if last is not None:
            is_no = 400 <= answer.status < 500 and answer.content_type == "application/json"
            bought = self.lab.books[self.sent[last].supplier].purchases(ref)
            self.sent[last] = replace(self.sent[last], is_refused=is_no and not bought)

    def _purchase(self, call, request):
        self.maybe_crash("C5")
        fault = self._fault()
        if fault == "never_left":
            return never_left()
        attempt = Attempt.objects.get(ref=call.ref)
        supplier = attempt.supplier.api
        if attempt.lease_epoch <= self.epochs.get(attempt.pk, 0):
            self.problems.append(f"I-23 {self.name(call.ref)} is sent under a lease that was used before")
        self.sent.append(Sent(
            supplier, call.ref, bytes(request.content), self.at, attempt.lease_epoch, (attempt.order_id, attempt.chunk)))
        self.tell(f"POST {self.name(call.ref)} {fault or ''}")
        if fault == "delayed":
            self.delayed.append((self.at + timedelta(seconds=self.rng.choice([20, 200, 400])),
                                 lambda: self._ask(request)))
            return never_answered()
        if fault in ("lost_before", "error_before"):
            return never_answered() if fault == "lost_before" else server_error()
        reply = to_answer(self._ask(request))
        self._others_act_meanwhile()
        self.maybe_crash("C6")
        return {"lost_after": never_answered, "error_after": server_error, "html_after": page_of_html}.get(
            fault, lambda: reply)()

    def _fault(self):
        """What befalls the next purchase."""
        if self.is_scripted:
            return self.plan.pop(0) if self.plan else None
        return None if self.is_quiet or self.rng.random() > FAULT_RATE * 2 else self.rng.choice(BEFORE + AFTER)

    def _broken_read(self):
        if self.is_quiet or self.is_scripted or self.rng.random() > FAULT_RATE / 2:
            return None
        return self.rng.choice([never_left, never_answered, server_error, page_of_html])()

    def _ask(self, request):
        reply = self.lab.answer(to_lab(request, self.at))
        if request.method == "POST" and 400 <= reply.status < 500:
            self.refusals.append(reply.body.decode())
        return reply

    def _others_act_meanwhile(self):
        """Time passes while a supplier is waited for, and another worker may sweep; sometimes for longer than a lease."""
        if self.is_quiet or self.is_scripted or self.depth or self.rng.random() > INTERLUDE_RATE:
            return
        self.depth += 1
        try:
            self.pass_time(self.rng.choice([1, 8, 25, 95]))
            sweep.run_due(now=self.at)
        finally:
            self.depth -= 1

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
        self.crashes += 1
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
