"""What must hold after every run, whatever happened in it. Numbers are the protocol's."""

import math
import re
from collections import Counter
from itertools import pairwise

from django.db.models import Min

from catalog import calls
from catalog.models import Call
from catalog.suppliers import registry
from catalog.suppliers.types import Outcome
from funding.models import Entry, Reservation
from monitoring import order_causes
from orders import auditing, lifecycle, sending
from orders.models import Attempt, Event, Notice, Observation, Order, Shortfall, SpendLimit, Unit
from orders.models.attempt import DEAD, HOLDING, RANK, State
from orders.models.notice import Result
from orders.models.order import Status
from tests.orders import shop

from .goods import BOUGHT_FROM
from .lasting import (
    OPEN,
    a_sealed_text_opens_only_where_it_belongs,
    nothing_written_was_changed,
    reading_again_adds_nothing,
    status_is_what_was_observed,
)
from .restraint import circuits_close, retries_are_few, the_dead_bought_nothing
from .secrecy import nothing_stands_in_the_clear

ENDS = {"completed": Outcome.COMPLETED, "partially_completed": Outcome.PARTIAL, "failed": Outcome.FAILED,
        "cancelled": Outcome.CANCELLED}
FUNDS = re.compile("balance|funds", re.IGNORECASE)
USABLE = ("pin", "voucher_code", "card_number", "claim_url", "activation_code", "iccid")


def broken(world):
    """The invariants that do not hold, or did not at some step, as sentences; empty when all do."""
    return world.problems + [sentence for check in CHECKS for sentence in check(world)]


def one_charge_per_chunk(world):
    """I-01, I-02: at most one purchase per reference, and per chunk of an order."""
    per_chunk = Counter()
    for supplier, ref, chunk in {(sent.supplier, sent.ref, sent.chunk) for sent in world.sent}:
        bought = len(world.lab.books[supplier].purchases(ref))
        per_chunk[chunk] += bought
        if bought > 1:
            yield f"I-02 {world.name(ref)} was bought {bought} times"
    yield from (f"I-01 a chunk was bought {count} times" for count in per_chunk.values() if count > 1)


def every_purchase_is_known(world):
    """I-03: what was bought under any reference that left us is known here."""
    for supplier, ref in sorted({(sent.supplier, sent.ref) for sent in world.sent}):
        known = {shop.number(attempt) for attempt in Attempt.objects.filter(ref=ref).exclude(supplier_order_id=None)}
        for order in world.lab.books[supplier].purchases(ref):
            if order.id not in known:
                yield f"I-03 purchase of {world.name(ref)} is not known here"


def every_code_is_here(world):
    """I-08: here is every code that was delivered under a reference, no other one, and each as it was recorded raw."""
    recorded = b"".join(filter(None, (calls.read_bodies(call)[1] for call in Call.objects.exclude(sealed_response=""))))
    for attempt in Attempt.objects.select_related("supplier"):
        orders = _bought(world, attempt)
        here = {unit.code for unit in _units(attempt) if unit.code}
        there = {code for order in orders for unit in order.delivered for code in map(str, unit.values())}
        missing = sum(len(_units(attempt)) < _with_code(order) for order in orders)
        if missing or not here <= there:
            yield f"I-08 codes of {world.name(attempt.ref)} differ from what was delivered"
        if not all(code.encode() in recorded for code in here):
            yield f"I-08 a code of {world.name(attempt.ref)} was never recorded as it came"


def every_order_comes_to_rest(world):
    """I-04: once quiet, an order has ended, or waits for a person who was told so."""
    for order in Order.objects.all():
        if not (order.is_final or order.needs_review or order.status == Status.PARKED or _is_left_to_a_person(order, world)):
            yield f"I-04 an order is still {order.status}: {order.reason}"


def _is_left_to_a_person(order, world):
    """Whether somebody was told why it stays unknown and has looked at it, and is still told that it is."""
    since = order.attempts.filter(state=State.UNKNOWN).aggregate(at=Min("unknown_since"))["at"]
    asked = since and order.events.filter(kind=Event.Kind.REVIEW, at__gte=since).exists()
    return asked and f"unknown:{order.supplier_id}" in {cause.key for cause in order_causes.unknown(world.at)}


def nothing_ends_badly_without_proof(world):
    """I-05: rejected needs a recorded refusal, failed or cancelled the supplier's word."""
    for attempt in Attempt.objects.filter(state=State.REJECTED):
        if not Call.objects.filter(ref=attempt.ref, is_read=False, status__gte=400, status__lt=500).exists():
            yield f"I-05 {world.name(attempt.ref)} is rejected, but the supplier refused nothing"
    for attempt in Attempt.objects.filter(outcome__in=[Outcome.FAILED, Outcome.CANCELLED], state=State.ACCEPTED):
        if not Observation.objects.filter(attempt=attempt, outcome=attempt.outcome).exists():
            yield f"I-05 {world.name(attempt.ref)} {attempt.outcome} without an observation"


def rank_never_falls(world):
    """I-06: applied observations of an attempt only rise."""
    for attempt in Attempt.objects.all():
        ranks = [RANK[seen.outcome] for seen in Observation.objects.filter(
            attempt=attempt, applied=True).exclude(outcome__in=DEAD).order_by("pk")]
        if ranks != sorted(ranks):
            yield f"I-06 {world.name(attempt.ref)} went backwards: {ranks}"


def money_is_held_while_it_may_be_spent(world):
    """I-10, I-12: open reservations stand for exactly the attempts that may be bought."""
    at_stake = list(Attempt.objects.filter(state__in=HOLDING).values_list("ref", "state", "agreed_total"))
    holding = {ref: total for ref, _, total in at_stake}
    held = dict(Reservation.objects.filter(state="open").values_list("attempt_ref", "amount"))
    for ref, state, _ in at_stake:
        if state == State.UNKNOWN and ref not in held:
            yield f"I-12 {world.name(ref)} is unknown, and its money is free"
    if holding != held:
        yield f"I-10 held {sorted(map(str, held.values()))}, at stake {sorted(map(str, holding.values()))}"


def nothing_is_sent_without_money(world):
    """I-11: nobody else spends there, so the supplier never has to refuse for want of money."""
    yield from ("I-11 the supplier refused for want of money" for text in world.refusals if FUNDS.search(text))


def books_are_mirrored(world):
    """I-09: every movement in a supplier's books is mirrored once, with its amount and its order.

    Plexy Gate publishes its deposits and no charges, so of its books the deposits alone are compared.
    """
    for api in BOUGHT_FROM:
        ours, theirs = _mirrored(api), _kept_there(world.lab.books[api])
        if ours != theirs:
            yield f"I-09 {api} has {sorted((theirs - ours).elements())}, here is {sorted((ours - theirs).elements())}"


def _mirrored(api):
    entries = Entry.objects.filter(supplier__api=api, status=Entry.Status.POSTED)
    return Counter((row.currency, row.amount, row.order_id) for row in entries)


def _kept_there(books):
    if books.supplier == "plexy_gate":
        return Counter((row.currency, row.amount, "") for row in books.deposits if row.posted_at)
    named = {"charge"} if books.supplier == "octopus_cards" else {"charge", "refund", "correction"}  # in the remarks
    return Counter((row.currency, row.amount, row.order_id if row.kind in named else "") for row in books.ledger)


def a_resend_is_the_same_bytes(world):
    """I-14: what was sent under one reference never differs."""
    bodies = {}
    for sent in world.sent:
        if bodies.setdefault(sent.ref, sent.body) != sent.body:
            yield f"I-14 {world.name(sent.ref)} was sent with other bytes"
    for attempt in Attempt.objects.filter(ref__in=bodies):
        if sending.open_body(attempt) != bodies[attempt.ref]:
            yield f"I-14 {world.name(attempt.ref)} is stored with other bytes"


def a_new_reference_only_after_a_dead_one(world):
    """I-15, I-22: one live attempt per chunk, one order per form."""
    live = Counter(Attempt.objects.exclude(state__in=DEAD).values_list("order_id", "chunk"))
    yield from (f"I-15 {count} live attempts" for count in live.values() if count > 1)
    if len({token for _, token in world.tokens}) < Order.objects.filter(
            submission_token__in=[token for _, token in world.tokens]).count():
        yield "I-22 a form made two orders"


def no_resend_before_the_fence(world):
    """I-24, I-23: nothing is sent again while an earlier copy may still buy unseen; leases never repeat."""
    for ref in {sent.ref for sent in world.sent}:
        sends = [sent for sent in world.sent if sent.ref == ref]
        for first, second in pairwise(sends):
            after_s = (second.at - first.at).total_seconds()
            if after_s < _danger_s(first, since_first_s=(second.at - sends[0].at).total_seconds()):
                yield f"I-24 {world.name(ref)} was sent again after {after_s:.0f} s"
            if second.epoch <= first.epoch:
                yield f"I-23 {world.name(ref)} was sent twice under one lease"


def _danger_s(sent, *, since_first_s):
    """For how long after `sent` a second purchase under its reference could come of another send, by the supplier's word.

    A refused one has bought nothing. A key that answers the same order may be repeated at once, while it is kept. Who
    refuses repeats for good buys nothing twice, but until a look-up can be trusted nobody knows what the answer means.
    """
    traits = registry.APIS[sent.supplier].client.traits
    if sent.is_refused or since_first_s < (traits.replay_window_s or 0):
        return 0
    if traits.refuses_repeats:
        return max(traits.purchase_s, traits.lookup_lag_s)
    return max(filter(None, (traits.fence_s, traits.replay_window_s)), default=math.inf)


def every_status_change_is_told(world):
    """I-06: an order that moved has events that say why."""
    for order in Order.objects.exclude(status__in=[Status.QUEUED, Status.PARKED]):
        if not Event.objects.filter(order=order, kind__in=["moved", "sent"]).exists():
            yield f"I-06 an order is {order.status} and no event says why"


def nobody_spends_alone_beyond_the_limit(world):
    """What a person placed in a day and nobody else approved stays within the limit, but for what came to nothing."""
    limit = SpendLimit.objects.filter(user=None, currency="USD").first()
    parts = Attempt.objects.filter(order__currency="USD", order__approved_by=None, order__placed_by__isnull=False).exclude(
        order__status__in=[Status.FAILED, Status.CANCELLED]).exclude(state__in=DEAD).exclude(parked_reason="approval")
    per_day = Counter()
    for part in parts.select_related("order"):
        back = sum(Shortfall.objects.filter(attempt=part).values_list("returned", flat=True))
        per_day[part.order.placed_by_id, part.order.created_at.date()] += part.agreed_total - back
    for spent in per_day.values():
        if limit and spent > limit.per_day:
            yield f"a person spent {spent} alone, beyond {limit.per_day}"


def every_part_is_there(world):
    """An order's parts add up to what was ordered, and its status is what they fold to."""
    for order in Order.objects.all():
        latest = {attempt.chunk: attempt for attempt in order.attempts.order_by("chunk", "n")}
        if sum(attempt.quantity for attempt in latest.values()) != order.quantity:
            yield "the parts of an order are not all there"
        if order.status != lifecycle.status_of(latest.values()):
            yield f"an order is {order.status}, its parts are {lifecycle.status_of(latest.values())}"


def notices_are_kept_and_followed(world):
    """I-20: a notice that we took is stored once, with its copies counted, and what it hints at was read.

    Plexy Gate sends none.
    """
    for (api, key, digest), times in world.posted.items():
        stored = Notice.objects.filter(supplier__api=api, event_key=key, body_digest=digest)
        if [row.copies for row in stored] != [times]:
            yield f"I-20 a notice of {api} that came {times} times is stored as {[row.copies for row in stored]}"
        if any(row.result in (Result.WAITING, Result.STUCK) for row in stored):
            yield f"I-20 a notice of {api} is {stored[0].result}"


def what_suppliers_take_back_is_told(world):
    """An order's end is what its supplier says, or a person weighs what it says now."""
    for attempt in Attempt.objects.filter(state=State.ACCEPTED, order__needs_review=False).select_related("supplier"):
        for order in _bought(world, attempt):
            if ENDS[order.status] != attempt.outcome:
                yield f"{world.name(attempt.ref)} is {attempt.outcome} here and {order.status} there, and nobody was told"


def the_nightly_check_finds_nothing(world):
    """What is asked of live rows each night holds here, too, where it is known what really happened."""
    for name in auditing.CHECKS:
        yield from (f"nightly {name}: {found.text}" for found in auditing.broken(name, now=world.at))


CHECKS = (
    notices_are_kept_and_followed, what_suppliers_take_back_is_told,
    nobody_spends_alone_beyond_the_limit, every_part_is_there,
    one_charge_per_chunk, every_purchase_is_known, every_code_is_here, every_order_comes_to_rest,
    nothing_ends_badly_without_proof, rank_never_falls, money_is_held_while_it_may_be_spent, nothing_is_sent_without_money,
    books_are_mirrored, a_resend_is_the_same_bytes,
    a_new_reference_only_after_a_dead_one, no_resend_before_the_fence, every_status_change_is_told,
    nothing_written_was_changed, status_is_what_was_observed, a_sealed_text_opens_only_where_it_belongs,
    circuits_close, the_dead_bought_nothing, retries_are_few, nothing_stands_in_the_clear,
    the_nightly_check_finds_nothing,
    reading_again_adds_nothing,  # last, because it writes
)


def _bought(world, attempt):
    return world.lab.books[attempt.supplier.api].purchases(attempt.ref)


def _units(attempt):
    return [OPEN(unit) for unit in Unit.objects.filter(attempt=attempt).select_related("attempt")]


def _with_code(order):
    """How many delivered units name something a buyer can use."""
    return sum(1 for unit in order.delivered if any(unit.get(key) for key in USABLE))
