"""Each rule of the house, broken on purpose: the invariant that is named must notice, or it proves nothing.

A mutant is a change of the real code, and a short scripted day on which it does harm. The table is printed at the end of
`make simulate`.
"""

import hashlib
import uuid
from dataclasses import replace

import pytest
from django.db import transaction
from django_q.tasks import async_task

from catalog import gateway, vault
from catalog.calls import RowRecorder
from catalog.suppliers.giftapi import mapping as giftapi_mapping
from catalog.suppliers.giftapi.client import GiftApi
from catalog.suppliers.notices import NoticeKind
from catalog.suppliers.octopus_cards import mapping as octopus_mapping
from catalog.suppliers.octopus_cards.client import OctopusCards
from funding import reserving
from orders import asking, concluding, delivery, inbox, lifecycle, noticing, observing, placing, resolving, sending
from orders.models import Attempt, Notice, Order
from orders.models.attempt import State
from orders.models.notice import Result
from orders.models.order import Status

from .scripts import (
    backup_is_restored,
    code_is_revealed,
    foreign_order_stands_first,
    last_money_is_wanted_twice,
    lost_answer,
    lost_answer_and_late_look_ups,
    lost_request,
    notice_comes_first,
    old_news_arrives,
    plain_order,
    process_dies_before_the_commit,
    purchase_arrives_twice,
    purchase_arrives_twice_and_no_word_tells,
)
from .test_simulation import shop, simulate  # noqa: F401 - the fixture is used by name

pytestmark = pytest.mark.pg


def sent_before_the_commit(patch, world):
    def send_at_once(task, *, attempt_id):
        attempt = Attempt.objects.select_related("order__supplier", "order__sku__product").get(pk=attempt_id)
        client = gateway.connect(attempt.order.supplier)
        client.place(asking.request_of(attempt), sending.open_body(attempt), signed_at=world.at)
        world.maybe_crash("C1")

    patch.setattr(gateway, "refuse_in_transaction", lambda: None)
    patch.setattr("orders.placing.async_task", send_at_once)


def new_key_on_retry(patch, world):
    def renewed(attempt, error, source, now):
        concluding._rejected(attempt, error, source, now)
        ref = str(uuid.UUID(int=attempt.pk))
        body = gateway.connect(attempt.supplier).compose(replace(asking.request_of(attempt), ref=ref))
        Attempt.objects.create(
            order=attempt.order, supplier=attempt.supplier, chunk=attempt.chunk, n=attempt.n + 1, ref=ref,
            quantity=attempt.quantity, agreed_total=attempt.agreed_total, currency=attempt.currency, due_at=now,
            sealed_body=vault.seal(body.decode(), place=f"attempt:{ref}:body"),
            body_digest=hashlib.sha256(body).hexdigest(), created_at=now, changed_at=now, queued_at=now)

    _conclude(patch, concluding._unknown, renewed)


def timeout_becomes_failed(patch, world):
    _conclude(patch, concluding._unknown, concluding._rejected)


def unknown_is_sent_again(patch, world):
    _conclude(patch, concluding._unknown, concluding._not_sent)


def one_search_is_enough(patch, world):
    def absent(attempt, client, watch, began_at):
        with transaction.atomic():
            lifecycle.move(attempt=observing.lock(attempt.pk), to=State.QUEUED, now=watch.now(), lease_until=None,
                           due_at=watch.now(), text="Not found")

    patch.setattr(resolving, "_weigh_absence", absent)


def first_search_hit_is_taken(patch, world):
    def first(self, ref, *, sku_ref, since):
        return self._page("listOrders", "orders", None, giftapi_mapping.read_order, query={"per_page": "50"}).items[:1]

    def newest(self, ref, vertical):
        return list(self._orders(vertical, None).items[:1])

    patch.setattr(GiftApi, "find", first)
    patch.setattr(OctopusCards, "_find", newest)
    patch.setattr(observing, "_conflict", lambda attempt, placement: "")


def refusal_is_believed_without_a_look_up(patch, world):
    patch.setattr(OctopusCards, "_expect_none", lambda self, ref, vertical: None)


def nobody_looks_first(patch, world):
    patch.setattr(sending, "_is_there_already", lambda attempt, client, watch: False)


def duplicate_is_taken_for_a_refusal(patch, world):
    _conclude(patch, concluding._duplicate, concluding._rejected)


def no_fence(patch, world):
    real = sending.lease
    patch.setattr(sending, "lease", lambda attempt, traits, now: {**real(attempt, traits, now), "fence_at": now})


def reservation_is_freed_when_unknown(patch, world):
    real = concluding._unknown

    def freed(attempt, error, source, now, text=""):
        reserving.release(attempt_ref=attempt.ref, now=now)
        real(attempt, error, source, now, text)

    _conclude(patch, real, freed)


def balance_is_believed_without_what_was_settled_since(patch, world):
    patch.setattr(reserving, "holding", lambda read_at: reserving.Q(state=reserving.Reservation.State.OPEN))


def last_word_wins(patch, world):
    class Rising(dict):
        """Whatever is told later ranks higher."""

        def __getitem__(self, outcome):
            self.told = getattr(self, "told", 9000) - 1
            return self.told

    patch.setattr(observing, "RANK", Rising())


def price_is_a_float(patch, world):
    def rounded(read_order):
        def read(*told, **options):
            placement = read_order(*told, **options)
            return replace(placement, total=float(placement.total))

        return read

    for mapping in (giftapi_mapping, octopus_mapping):
        patch.setattr(mapping, "read_order", rounded(mapping.read_order))


def answer_is_applied_without_being_recorded(patch, world):
    patch.setattr(RowRecorder, "record", lambda self, record: None)


def lock_is_held_over_the_call(patch, world):
    real = sending.deliver

    def locked(**told):
        with transaction.atomic():
            real(**told)

    patch.setattr(gateway, "refuse_in_transaction", lambda: None)
    patch.setattr(sending, "deliver", locked)


def code_is_opened_before_its_event(patch, world):
    patch.setattr(delivery, "_write_down", lambda *told: None)


def notice_is_believed(patch, world):
    def believe(notice, now):
        Order.objects.filter(attempts__ref=notice.ref).update(status=Status.COMPLETED, finished_at=now)
        return ()

    patch.setitem(noticing.STEPS, NoticeKind.ORDER, believe)


def notice_is_looked_for_before_it_is_stored(patch, world):
    """Between the look and the storing, a copy comes."""
    real, copies = inbox._store, []

    def look_then_store(supplier, notice, digest, sealed, now):
        found = Notice.objects.filter(supplier=supplier, event_key=notice.key, body_digest=digest).exists()
        if not found and not copies:
            copies.append(real(supplier, notice, digest, sealed, now))
        row = found or Notice.objects.create(
            supplier=supplier, event_key=notice.key, body_digest=digest, sealed_body=sealed, kind=notice.kind,
            event=notice.event, received_at=now, last_received_at=now, due_at=now, result=Result.WAITING)
        return row, 1

    patch.setattr(inbox, "_store", look_then_store)


def epoch_is_not_counted(patch, world):
    real = sending.lease
    patch.setattr(sending, "lease", lambda attempt, traits, now: {
        **real(attempt, traits, now), "lease_epoch": attempt.lease_epoch})


GIFTAPI, OCTOPUS = "giftapi", "octopus_cards"
MUTANTS = [
    (sent_before_the_commit, process_dies_before_the_commit, "I-03", GIFTAPI),
    (new_key_on_retry, lost_answer, "I-01", GIFTAPI),
    (new_key_on_retry, lost_answer, "I-01", OCTOPUS),
    (timeout_becomes_failed, lost_answer, "I-05", GIFTAPI),
    (timeout_becomes_failed, lost_answer, "I-05", OCTOPUS),
    (unknown_is_sent_again, lost_request, "I-24", GIFTAPI),
    (unknown_is_sent_again, lost_request, "I-24", OCTOPUS),
    (one_search_is_enough, lost_answer_and_late_look_ups, "I-02", GIFTAPI),
    (one_search_is_enough, lost_answer_and_late_look_ups, "I-02", OCTOPUS),
    (first_search_hit_is_taken, foreign_order_stands_first, "I-08", GIFTAPI),
    (first_search_hit_is_taken, foreign_order_stands_first, "I-08", OCTOPUS),
    (duplicate_is_taken_for_a_refusal, purchase_arrives_twice, "I-03", GIFTAPI),
    (duplicate_is_taken_for_a_refusal, purchase_arrives_twice, "I-03", OCTOPUS),
    (refusal_is_believed_without_a_look_up, purchase_arrives_twice_and_no_word_tells, "I-03", OCTOPUS),
    (nobody_looks_first, backup_is_restored, "I-02", GIFTAPI),
    (nobody_looks_first, backup_is_restored, "I-02", OCTOPUS),
    (no_fence, lost_request, "I-24", GIFTAPI),  # at Octopus Cards look-ups lag for longer than its fence
    (reservation_is_freed_when_unknown, lost_answer, "I-12", GIFTAPI),
    (reservation_is_freed_when_unknown, lost_answer, "I-12", OCTOPUS),
    (balance_is_believed_without_what_was_settled_since, last_money_is_wanted_twice, "I-11", GIFTAPI),
    (balance_is_believed_without_what_was_settled_since, last_money_is_wanted_twice, "I-11", OCTOPUS),
    (last_word_wins, old_news_arrives, "I-06", GIFTAPI),
    (last_word_wins, old_news_arrives, "I-06", OCTOPUS),
    (price_is_a_float, lost_answer, "I-13", GIFTAPI),
    (price_is_a_float, lost_answer, "I-13", OCTOPUS),
    (answer_is_applied_without_being_recorded, plain_order, "I-08", GIFTAPI),
    (lock_is_held_over_the_call, plain_order, "I-16", GIFTAPI),
    (code_is_opened_before_its_event, code_is_revealed, "I-25", GIFTAPI),
    (notice_is_believed, notice_comes_first, "I-21", GIFTAPI),
    (notice_is_believed, notice_comes_first, "I-21", OCTOPUS),
    (notice_is_looked_for_before_it_is_stored, notice_comes_first, "I-20", GIFTAPI),
    (notice_is_looked_for_before_it_is_stored, notice_comes_first, "I-20", OCTOPUS),
    (epoch_is_not_counted, lost_request, "I-23", GIFTAPI),
    (epoch_is_not_counted, lost_request, "I-23", OCTOPUS),
]
DAYS = sorted({(script, api) for _, script, _, api in MUTANTS}, key=lambda day: (day[0].__name__, day[1]))


def named(one):
    return getattr(one, "__name__", one)


@pytest.mark.parametrize(("mutant", "script", "invariant", "api"), MUTANTS, ids=named)
def test_mutant_is_killed_by_its_invariant(shop, lab, monkeypatch, mutant, script, invariant, api):  # noqa: F811
    problems = problems_of(shop, lab, monkeypatch, script, mutant, api)

    assert any(one.startswith(invariant) for one in problems), f"{mutant.__name__} lives; noticed was: {problems}"


@pytest.mark.parametrize(("script", "api"), DAYS, ids=named)
def test_script_breaks_nothing_without_a_mutant(shop, lab, monkeypatch, script, api):  # noqa: F811
    assert problems_of(shop, lab, monkeypatch, script, lambda patch, world: None, api) == []


def test_mutant_is_gone_after_its_day(shop, lab, monkeypatch):  # noqa: F811
    """It is set over the world's own seam, and must not take that for the house's code when it goes."""
    problems_of(shop, lab, monkeypatch, process_dies_before_the_commit, sent_before_the_commit)
    monkeypatch.undo()

    assert placing.async_task is async_task


def problems_of(shop, lab, monkeypatch, script, mutant, api="giftapi"):  # noqa: F811
    """What a scripted day broke; a mutant that stops the day with an error is judged by what was seen before."""
    seen = []

    def day(world):
        seen.append(world)
        mutant(world.patch, world)
        script(world)

    try:
        return simulate(0, shop, lab, monkeypatch, script=day, api=api)[1]
    except (TypeError, AttributeError, lifecycle.NotAllowed, lifecycle.Overtaken) as error:
        return [*seen[0].problems, repr(error)]


def _conclude(patch, act, instead):
    patch.setattr(concluding, "CONCLUSIONS", tuple(
        (kinds, instead if one is act else one) for kinds, one in concluding.CONCLUSIONS))
    patch.setattr(concluding, act.__name__, instead)
