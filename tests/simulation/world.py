"""A small shop under fire: staff, workers and suppliers act in one thread, in an order that one seed decides.

While one worker waits for a supplier, others may act: that is where a frozen worker, an expired lease or a second sweep
come in. A `Crash` may strike at the named points C1 to C9 of the protocol; the process is then gone, its rows are not.
"""

import hashlib
import random
import uuid
from datetime import timedelta
from types import SimpleNamespace

from django.db import transaction

from catalog import calls
from catalog.suppliers.errors import SupplierError
from funding import refreshing
from orders import delivery, parking, placing, quoting, reviewing, sending, sweep, terms
from orders.models import Attempt, Order, Quote
from orders.models.order import Status

from .invariants import money_is_held_while_it_may_be_spent
from .wire import Crash, Sent, never_answered, never_left, page_of_html, server_error, to_answer, to_lab

STEPS = 40
QUIET_ROUNDS = 120
FAULT_RATE, CRASH_RATE, INTERLUDE_RATE = 0.18, 0.04, 0.25
BEFORE, AFTER = ("never_left", "lost_before", "error_before"), ("lost_after", "error_after", "html_after", "delayed")
EXPECTED = (placing.Refusal, terms.Wrong, parking.NotParked, parking.StillShort, parking.CannotWithdraw, SupplierError)


class World:
    """One run. `trace` is what happened, in words that are the same for the same seed."""

    def __init__(self, seed, *, lab, skus, staff, clock, start):
        self.rng, self.lab, self.skus, self.staff = random.Random(seed), lab, skus, staff
        self.clock, self.at = clock, start
        self.sent, self.delayed, self.trace, self.names = [], [], [], {}
        self.is_quiet, self.depth, self.crashes = False, 0, 0
        self.tokens, self.refusals, self.problems = [], [], []

    # The clock.

    def pass_time(self, seconds):
        self.at += timedelta(seconds=seconds)
        self.clock.move_to(self.at)
        for due_at, act in [one for one in self.delayed if one[0] <= self.at]:
            self.delayed.remove((due_at, act))
            act()

    def monotonic(self):
        return self.at.timestamp()

    # One run.

    def run(self):
        for _ in range(STEPS):
            self.step()
            self.problems += money_is_held_while_it_may_be_spent(self)
        self.calm_down()
        return self

    def step(self):
        acts = [
            (self.somebody_orders, 30), (self.a_worker_sweeps, 40), (self.a_task_arrives, 12),
            (self.funding_is_read, 8), (self.money_arrives, 4), (self.somebody_withdraws, 3), (self.somebody_releases, 3),
            (self.a_supplier_forgets, 2),
        ]
        act = self.rng.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        try:
            act()
        except Crash as crash:
            self.crashes += 1
            self.tell(f"crash {crash}")
        except EXPECTED as refusal:
            self.tell(f"refused {type(refusal).__name__}")
        self.pass_time(self.rng.choice([0.2, 1, 5, 30, 120, 600]))

    def calm_down(self):
        """Faults end, money comes, and workers go on until nothing more happens by itself, within a day of the clock."""
        self.is_quiet = True
        self.somebody_reviews()
        for books in self.lab.books.values():
            books.deposit("USD", "50000.00")
        for _ in range(QUIET_ROUNDS):
            self.funding_is_read()
            sweep.run_due(now=self.at)
            due = Attempt.objects.filter(
                due_at__isnull=False, order__status__in=[Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.ACCEPTED],
            ).order_by("due_at").values_list("due_at", flat=True).first()
            if due is None and not Order.objects.filter(status=Status.PARKED, parked_reason="funds").exists():
                break
            self.pass_time(max(61, ((due or self.at) - self.at).total_seconds()))
        self.funding_is_read()

    # What people and machines do.

    def somebody_orders(self):
        sku, token = self.rng.choice(self.skus), uuid.UUID(int=self.rng.getrandbits(128))
        if self.tokens and self.rng.random() < 0.15:
            sku, token = self.rng.choice(self.tokens)  # a double click, or the back button
        wanted = terms.check(sku=sku, quantity=self._quantity(sku), amount=sku.min_amount if sku.is_open else None,
                             fields={field["name"]: self._input(field) for field in sku.product.fields})
        quote = quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=None, now=self.at), now=self.at)
        if quote.state != Quote.State.READY:
            self.tell("no quote")
            return
        self.pass_time(self.rng.choice([1, 10, 100, 130]))
        order = placing.confirm(token=token, sku=sku, terms=wanted, quote=quote, reference="", by=self.staff, now=self.at,
                                repeat=True)
        self.tokens.append((sku, token))
        self.tell(f"order {order.status}")
        self.maybe_crash("C2")

    def a_worker_sweeps(self):
        self.tell(f"sweep {sorted(sweep.run_due(now=self.at).items())}")

    def a_task_arrives(self):
        """Late, twice, or for an attempt that is long done: as a queue may."""
        attempt_ids = list(Attempt.objects.order_by("created_at", "ref").values_list("pk", flat=True))
        if attempt_ids:
            sending.send(attempt_id=self.rng.choice(attempt_ids), now=self.at)

    def funding_is_read(self):
        for supplier in dict.fromkeys(sku.supplier for sku in self.skus):
            refreshing.refresh(supplier=supplier, now=self.at)

    def money_arrives(self):
        books = self.rng.choice(list(self.lab.books.values()))
        books.deposit("USD", str(self.rng.choice([5, 20, 100])))

    def a_supplier_forgets(self):
        """The next finished order that is read is told as open again."""
        self.lab.fail(self.rng.choice(list(self.lab.books)), "getOrder", "regression")

    def somebody_withdraws(self):
        self._with_an_order(lambda order: parking.withdraw(order=order, by=self.staff, now=self.at))

    def somebody_releases(self):
        self._with_an_order(lambda order: parking.release(order=order, by=self.staff, now=self.at))

    def somebody_reviews(self):
        """What was left to a person, because workers died at it too often, goes on once they have looked."""
        sweep.run_due(now=self.at)
        for order in Order.objects.filter(needs_review=True, attempts__crash_count__gt=0):
            reviewing.settle(order=order, by=self.staff, note="Looked at", now=self.at)

    def _with_an_order(self, act):
        orders = list(Order.objects.order_by("created_at", "submission_token"))
        if orders:
            act(self.rng.choice(orders))

    def _quantity(self, sku):
        return 1 if sku.max_per_order in (None, 1) else self.rng.randint(1, min(3, sku.max_per_order))

    def _input(self, field):
        if field.get("choices"):
            return field["choices"][0]
        return {"email": "buyer@example.org", "digits": "12345678", "phone": "+447700900123"}.get(
            field["kind"], "reefwalker")

    # The wire.

    def carry(self, call, request, deadline):
        """Bring one call to the lab, or break on the way. As on a real wire, nothing leaves after the deadline."""
        self._others_act_meanwhile()
        if deadline.left() <= 0:
            return never_left()
        answer = self._exchange(call, request)
        return answer if deadline.left() > 0 else never_answered()

    def _exchange(self, call, request):
        if call.is_read:
            self.maybe_crash("C9" if call.is_evidence else "C3")
            return self._broken_read() or to_answer(self._ask(request))
        return self._purchase(call, request)

    def _purchase(self, call, request):
        self.maybe_crash("C5")
        fault = None if self.is_quiet or self.rng.random() > FAULT_RATE * 2 else self.rng.choice(BEFORE + AFTER)
        if fault == "never_left":
            return never_left()
        attempt = Attempt.objects.get(ref=call.ref)
        supplier = attempt.supplier.api
        self.sent.append(Sent(supplier, call.ref, bytes(request.content), self.at, attempt.lease_epoch))
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

    def _broken_read(self):
        if self.is_quiet or self.rng.random() > FAULT_RATE / 2:
            return None
        return self.rng.choice([never_left, never_answered, server_error, page_of_html])()

    def _ask(self, request):
        reply = self.lab.answer(to_lab(request, self.at))
        if request.method == "POST" and 400 <= reply.status < 500:
            self.refusals.append(reply.body.decode())
        return reply

    def _others_act_meanwhile(self):
        """Time passes while a supplier is waited for, and another worker may sweep; sometimes for longer than a lease."""
        if self.is_quiet or self.depth or self.rng.random() > INTERLUDE_RATE:
            return
        self.depth += 1
        try:
            self.pass_time(self.rng.choice([1, 8, 25, 95]))
            sweep.run_due(now=self.at)
        finally:
            self.depth -= 1

    # Crashes and the trace.

    def maybe_crash(self, point):
        if not self.is_quiet and self.rng.random() < CRASH_RATE:
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


def seam(world, monkeypatch):
    """Put the world's clock, dice and crash points where the house meets the outside."""
    random.seed(world.rng.random())
    for module in ("catalog.clock", "catalog.suppliers.http", "catalog.suppliers.deadline"):
        monkeypatch.setattr(f"{module}.time", SimpleNamespace(monotonic=world.monotonic, sleep=lambda seconds: None))
    monkeypatch.setattr("orders.placing.async_task", world.crashing("C1", _forget))
    monkeypatch.setattr("orders.parking.async_task", _forget)
    monkeypatch.setattr("orders.sending.lease", world.crashing("C4", sending.lease))
    monkeypatch.setattr("catalog.calls._row", world.crashing("C7", calls._row))
    monkeypatch.setattr("orders.delivery.keep", world.crashing("C8", delivery.keep))


def _forget(*args, **kwargs):
    """The queue loses every task: rows are the truth."""


class Savepoint(transaction.Atomic):
    """A block that undoes a whole run, and counts as the test's own, so that durable blocks may open inside it."""

    def __init__(self):
        super().__init__(using=None, savepoint=True, durable=False)
        self._from_testcase = True
