"""The way from the shop to its suppliers in a simulated world: what breaks on it, and what happens there meanwhile."""

from dataclasses import replace
from datetime import timedelta

from django.db import connection

from catalog.suppliers.exchange import Answer
from orders import sweep
from orders.models import Attempt

from .restraint import watch_purchase
from .wire import Sent, never_answered, never_left, page_of_html, server_error, to_answer, to_lab

FAULT_RATE, INTERLUDE_RATE = 0.18, 0.25
BEFORE = ("never_left", "lost_before", "error_before")
AFTER = ("lost_after", "error_after", "html_after", "delayed", "twice")
INSTEAD = {"lost_before": never_answered, "error_before": server_error, "delayed": never_answered,
           "lost_after": never_answered, "error_after": server_error, "html_after": page_of_html}


class Passage:
    """A part of `World`."""

    def carry(self, call, request, deadline):
        """Bring one call to the lab, or break on the way. As on a real wire, nothing leaves after the deadline."""
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            self.problems.append(f"I-16 {call.operation} was called inside a transaction")
        if not call.is_read:
            watch_purchase(self, Attempt.objects.get(ref=call.ref))
        self._others_act_meanwhile()
        if deadline.left() <= 0:
            return never_left()
        answer = self._read(call, request) if call.is_read else self._purchase(call, request)
        if deadline.left() <= 0:
            return never_answered()
        if not call.is_read and isinstance(answer, Answer):
            self._hear(call.ref, answer)
        return answer

    def _read(self, call, request):
        self.maybe_crash("C9" if call.is_evidence else "C3")
        if self.is_quiet or self.is_scripted or self.rng.random() > FAULT_RATE / 2:
            return to_answer(self._ask(request))
        return self.rng.choice([never_left, never_answered, server_error, page_of_html])()

    def _purchase(self, call, request):
        self.maybe_crash("C5")
        attempt = Attempt.objects.select_related("supplier").get(ref=call.ref)
        fault = self._fault(attempt.supplier.api)
        if fault == "never_left":
            return never_left()
        self._leave(attempt, request)
        self.tell(f"POST {self.name(call.ref)} {fault or ''}")
        if fault in BEFORE:
            return INSTEAD[fault]()
        if fault == "delayed":
            lands_at = self.at + timedelta(seconds=self.rng.choice(self.delays(attempt.supplier.api)))
            self.delayed.append((lands_at, lambda: self._arrive(attempt, call, request)))
            return never_answered()
        reply = self._arrive(attempt, call, request)
        if fault == "twice":
            reply = self._arrive(attempt, call, request)
        self._others_act_meanwhile()
        self.maybe_crash("C6")
        return INSTEAD.get(fault, lambda: to_answer(reply))()

    def _fault(self, api):
        """What befalls the next purchase."""
        if self.is_scripted:
            return self.plan.pop(0) if self.plan else None
        if self.is_quiet or self.rng.random() > FAULT_RATE * 2:
            return None
        fault = self.rng.choice(BEFORE + AFTER)
        fault = None if fault == "twice" and api in self.takes_repeats else fault
        self.happened[f"purchase {fault.replace('_', ' ')}" if fault else "purchase in peace"] += 1
        return fault

    def _leave(self, attempt, request):
        if attempt.lease_epoch <= self.epochs.get(attempt.pk, 0):
            self.problems.append(f"I-23 {self.name(attempt.ref)} is sent under a lease that was used before")
        self.sent.append(Sent(
            attempt.supplier.api, attempt.ref, bytes(request.content), self.at, attempt.lease_epoch,
            (attempt.order_id, attempt.chunk)))

    def _arrive(self, attempt, call, request):
        with self.ended_otherwise(attempt, call):
            reply = self._ask(request)
        if 400 <= reply.status < 500:
            self.refused(attempt, reply.body.decode())
        return reply

    def _hear(self, ref, answer):
        """A supplier that said no in its own words to the last send has not bought, and keeps nothing of it."""
        last = max((number for number, sent in enumerate(self.sent) if sent.ref == ref), default=None)
        if last is not None:
            is_no = 400 <= answer.status < 500 and answer.content_type == "application/json"
            bought = self.lab.books[self.sent[last].supplier].purchases(ref)
            self.sent[last] = replace(self.sent[last], is_refused=is_no and not bought)

    def _ask(self, request):
        return self.lab.answer(to_lab(request, self.at))

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
