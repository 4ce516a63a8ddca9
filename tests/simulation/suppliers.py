"""What suppliers of a simulated world do by themselves: end orders otherwise, forget, take back, and tell of it."""

import hashlib
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import IntegrityError
from django.test import RequestFactory

from catalog.suppliers.lab_webhooks import Delivery, worded
from catalog.suppliers.types import Outcome
from orders.models import Attempt, Notice
from orders.models.attempt import State
from orders.views_webhook import webhook
from tests.orders import shop

from .goods import BOUGHT_FROM
from .wire import Crash

OTHERWISE_RATE = 0.25
OPEN_FOR_S = 5400
IN_PART = {"status": "partially_completed", "delivered": 1}
LAG_S = 50  # in which an order may be missing from lists
SPOILED = {"altered": "hook_altered", "forged": "hook_bad_signature", "stale": "hook_stale"}
WAYS = {"plainly": 50, "never": 15, "twice": 15, "altered": 8, "forged": 6, "stale": 6}
SPOIL = {"hook_altered": {}, "hook_bad_signature": {"how": "wrong"}, "hook_stale": {"seconds": -301}}


class Suppliers:
    """A part of `World`."""

    def suppliers_begin(self, seed, patch):
        """How they are on this day: some take a reference twice although they should not, some are slow to list orders."""
        for api in BOUGHT_FROM:
            patch.setattr(self.lab.books[api], "told", partial(self.something_is_told, api))
        if self.is_scripted:
            return
        self.takes_repeats = {1: ("giftapi",), 3: ("octopus_cards",)}.get(seed % 4, ())
        for api in self.takes_repeats:
            self.lab.fail(api, "*", "allow_duplicates")
        if seed % 8 == 5:  # the dice alone come to that at GiftAPI less than once in 200 days
            self.lab.fail("giftapi", "createOrder", "finish", status="failed")
        self.delivers_in_part = seed % 8 == 7  # nor do they often deliver the rest of what came in part
        if seed % 3 == 1:
            for api in BOUGHT_FROM:
                self.lab.fail(api, "list*", "lookup_lag", seconds=LAG_S)

    def delays(self, api):
        """After how many seconds a purchase may arrive that nobody waits for any more.

        One that takes a reference twice, and is said not to, has at least done what it does within its time.
        """
        return (20, 60) if api == "octopus_cards" and api in self.takes_repeats else (20, 200, 400)

    @contextmanager
    def ended_otherwise(self, attempt, call):
        """The purchase that arrives in the block may end in another way than the usual one."""
        chosen = []
        in_part = self.delivers_in_part and attempt.quantity > 1
        if self.dice(1 if in_part else OTHERWISE_RATE) and not self.is_quiet:
            name, options = self.rng.choice(list(self._other_ends(attempt)))
            chosen.append(self.lab.fail(attempt.supplier.api, call.operation, name, times=1, **options))
            if name == "insufficient_funds":
                self.sees_less.add(attempt.ref)
                if attempt.supplier.api == "plexy_gate":
                    chosen.append(self.lab.fail("plexy_gate", call.operation, "freeze_refusal", times=1))
        yield
        for fault in chosen:
            self.lab.board.clear(fault_id=fault.id)

    def _other_ends(self, attempt):
        yield "finish", {"status": "failed"}
        yield "hold", {"seconds": OPEN_FOR_S}
        yield "hold", {"seconds": None}
        yield "insufficient_funds", {}
        if attempt.supplier.api != "plexy_gate":
            yield "finish", {"status": "cancelled"}
            if attempt.quantity > 1:
                yield from [("finish", IN_PART)] * 3

    def refused(self, attempt, text):
        """A supplier said no. That it saw less money than there is, and says so again and again, is not our fault."""
        if attempt.ref not in self.sees_less:
            self.refusals.append(text)

    def money_arrives(self):
        books = self.lab.books[self.rng.choice(BOUGHT_FROM)]
        books.deposit(self.rng.choice(sorted(books.balances)), str(self.rng.choice([5, 20, 100])))
        self.happened["deposit"] += 1

    def a_supplier_forgets(self):
        """The next finished order that is read is told as open again."""
        self.lab.fail(self.rng.choice(BOUGHT_FROM), "get*", "regression")

    def a_supplier_goes_on(self):
        """An order that was delivered in part, or else one that stayed open, comes to its end."""
        held = [(books, order) for books, order in self._orders() if order.is_held]
        in_part = [(books, order) for books, order in self._orders() if order.status == IN_PART["status"]]
        if in_part or held:
            books, order = self.rng.choice(in_part or held)
            self.happened["rest delivered later" if order.delivered else "order ended by hand"] += 1
            books.settle(order.id, "completed")

    def a_supplier_takes_back(self):
        """An order that we know as completed is reversed."""
        done = {shop.number(attempt) for attempt in Attempt.objects.filter(state=State.ACCEPTED, outcome=Outcome.COMPLETED)}
        ended = [(books, order) for books, order in self._orders() if order.id in done and order.status == "completed"]
        if ended:
            books, order = self.rng.choice(ended)
            books.settle(order.id, "failed", reason="Charged back")
            self.happened["order reversed"] += 1
            self.tell(f"reversed {self.name(order.ref)}")

    def faults_end(self):
        """What was broken works again, and what was forgotten is finished; what somebody promised wrongly stays so."""
        self.lab.clear()
        for api in self.takes_repeats:
            self.lab.fail(api, "*", "allow_duplicates")
        for books, order in self._orders():
            if order.is_held or (order.finished_at is None and order.settles_at > self.at):
                books.settle(order.id, "completed")

    def _orders(self):
        return [(books, order) for books in map(self.lab.books.get, BOUGHT_FROM) for order in books.purchases()]

    # What they tell.

    def something_is_told(self, api, kind, row):
        """A supplier words what happened, and sends it; on the way a notice meets what notices meet."""
        hooks = self.lab.desks[api].hooks
        if self.is_scripted or hooks is None:
            return
        for notice in hooks.notices(self.lab.books[api], kind, row):
            how = "plainly" if self.is_quiet else self.rng.choices(list(WAYS), list(WAYS.values()))[0]
            self.happened[f"notice sent {how}"] += 1
            for _ in range({"never": 0, "twice": 2}.get(how, 1)):
                self.post_in(self.rng.choice([0, 1, 30, 700]), api, notice, SPOILED.get(how))

    def post_in(self, seconds, api, notice, spoiled=None, tries=0):
        self.delayed.append((self.at + timedelta(seconds=seconds), lambda: self.post(api, notice, spoiled, tries)))

    def post(self, api, notice, spoiled=None, tries=0):
        """One try to tell us. I-21: whatever it says, no order moves by it; I-20: what we said yes to is stored."""
        hooks, secret = self.lab.desks[api].hooks, self.lab.desks[api].webhook_secret
        headers, body = worded(hooks, Delivery(api, notice, {spoiled: SPOIL[spoiled]} if spoiled else {}), secret, self.at)
        before, status = self._standing(), None
        try:
            request = RequestFactory().post("/", body, content_type="application/json", headers=headers)
            status = webhook(request, api).status_code
        except Crash as crash:
            self.process_begins_anew(crash)
        except IntegrityError:
            status = 500
        after = self._standing()
        if after[0] != before[0]:
            self.problems.append("I-21 a notice moved an order when it came")
        if status == 200:
            self.posted[api, notice.key, hashlib.sha256(body).hexdigest()] += 1
            self.happened["notice taken"] += 1
        elif after != before:
            self.problems.append(f"I-21 a notice that was answered {status} left something behind")
        elif status and not spoiled:
            self.problems.append(f"I-20 a good notice was answered {status}")
        if status != 200 and tries < len(hooks.RETRIES_S):
            self.post_in(hooks.RETRIES_S[tries], api, notice, tries=tries + 1)

    def _standing(self):
        orders = list(Attempt.objects.order_by("pk").values_list("pk", "state", "outcome", "total", "supplier_order_id"))
        return orders, Notice.objects.count()

