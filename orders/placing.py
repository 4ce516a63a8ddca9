"""Confirming an order: identity, exact bytes and money are committed before anything is sent."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from decimal import Decimal

import stamina
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import gateway, vault
from catalog.money import show
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.ports import OrderDesk
from funding import reserving
from funding.models import Account

from . import chunking, spending
from .asking import request_for
from .lifecycle import tell
from .models import Attempt, Event, Order, Quote
from .models.attempt import State
from .models.order import Status
from .models.parking import ParkReason
from .terms import reference_problem

REPEAT_WINDOW = timedelta(minutes=10)
TRIES = 3  # a lock timeout or a deadlock is over when the other side has finished
REFERENCE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refusal(Exception):
    """The order was not recorded; nothing was spent or set aside. `message` says why and what to do."""

    def __init__(self, message):
        self.message = str(message)
        super().__init__(self.message)


class QuoteExpired(Refusal):
    """The price shown is too old, or belongs to another request: ask again."""


class TokenReused(Refusal):
    """The same form was sent before with other content."""


class ReferenceTaken(Refusal):
    """Another order has this reference."""


class OddReference(Refusal):
    """The reference has characters that no supplier takes."""


class LooksRepeated(Refusal):
    """The same SKU went to the same recipient minutes ago; confirm knowingly."""

    def __init__(self, message, order):
        self.order = order
        super().__init__(message)


class NoAccount(Refusal):
    """We hold no account in this currency at this supplier."""


class NotOrderable(Refusal):
    """The supplier, or our connection to it, cannot take this order."""


def confirm(*, token, sku, terms, quote, reference, by, now, is_test=False, repeat=False):
    """Record the order under `token` and queue it, or park what money is short for; gives the Order.

    The same token with the same content gives the same order again. `repeat` says that a near-duplicate is meant. Raises
    a Refusal, and then nothing was recorded.
    """
    _check_reference(reference)
    digest = _digest(terms, reference, is_test)
    placed = _placed_before(token, digest)
    if placed:
        return placed
    _check_quote(quote, sku, terms, now)
    wanted = {
        "submission_token": token, "payload_digest": digest, "supplier_id": sku.supplier_id, "sku": sku, "quote": quote,
        "quantity": terms.quantity, "amount": terms.amount, "fields": dict(terms.fields), "recipient": terms.recipient,
        "face_currency": sku.face_currency if terms.amount is not None else "", "agreed_total": quote.total,
        "currency": quote.currency, "is_estimate": quote.is_estimate, "is_test": is_test, "placed_by": by,
        "created_at": now, "changed_at": now}
    try:
        return _place(reference, wanted, now, repeat=repeat)
    except IntegrityError:
        placed = _placed_before(token, digest)
        if placed:
            return placed
        if not Order.objects.filter(reference=reference).exists():
            raise
        raise ReferenceTaken(_("Another order has the reference %(reference)s.") % {"reference": reference}) from None


def find_twin(*, sku, recipient, now):
    """The latest order of `sku` for `recipient` within the last minutes that may have bought something, or None."""
    if not recipient:
        return None
    return Order.objects.filter(
        sku=sku, recipient=recipient, created_at__gt=now - REPEAT_WINDOW,
    ).exclude(status__in=(Status.FAILED, Status.CANCELLED)).order_by("-created_at").first()


def new_reference():
    """A reference of our own for staff who give none; short enough to say on the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"P-{letters[:4]}-{letters[4:]}"


def _place(reference, wanted, now, *, repeat):
    """The order that an earlier try recorded after all, or a new one.

    Each try writes rows of its own: what a failed one noted on its rows, say a reason to wait, is not true of the next.
    """
    for again in stamina.retry_context(on=OperationalError, attempts=TRIES, wait_initial=0.05, wait_max=0.5):
        with again:
            order = Order(reference=reference or new_reference(), **wanted)
            attempts = _compose(order, now)
            with transaction.atomic(durable=True):
                placed = _placed_before(order.submission_token, order.payload_digest)
                return placed or _record(order, attempts, now, repeat=repeat)


def _digest(terms, reference, is_test):
    return hashlib.sha256(f"{terms.digest}|{reference}|{is_test}".encode()).hexdigest()


def _placed_before(token, digest):
    order = Order.objects.filter(submission_token=token).first()
    if order and order.payload_digest != digest:
        raise TokenReused(_("This form was already sent, with other content, as order %(order)s. Start a new order.") % {
            "order": order.reference})
    return order


def _check_reference(reference):
    problem = reference_problem(reference)
    if problem:
        raise OddReference(problem)


def _check_quote(quote, sku, terms, now):
    if quote.state != Quote.State.READY:
        raise QuoteExpired(quote.note or _("The price is not known yet; wait for it."))
    if quote.sku_id != sku.pk or quote.request_digest != terms.digest:
        raise QuoteExpired(_("The order was changed after its price was asked. Look at the new price."))
    if quote.expires_at <= now:
        raise QuoteExpired(_("The price is older than two minutes. Look at the fresh one."))
    if not Account.objects.filter(supplier_id=sku.supplier_id, currency=quote.currency).exists():
        raise NoAccount(_("You have no %(currency)s account at %(supplier)s. Ask finance to open one there.") % {
            "currency": quote.currency, "supplier": sku.supplier.name})


def _compose(order, now):
    """The first attempt at each part of the order, not saved yet: their identities and their exact bytes."""
    if not gateway.supports(order.sku.supplier, OrderDesk):
        raise NotOrderable(_("%(supplier)s takes no orders.") % {"supplier": order.sku.supplier.name})
    parts = order.quote.parts or [[order.quantity, order.quote.total]]
    try:
        return [
            new_attempt(order=order, chunk=chunk, n=1, quantity=quantity, total=Decimal(total), now=now)
            for chunk, (quantity, total) in enumerate(parts)
        ]
    except (SupplierError, gateway.NotConnected) as error:
        raise NotOrderable(error) from error


def new_attempt(*, order, chunk, n, quantity, total, now):
    """An attempt to buy a part of `order` under a new reference, with its exact bytes; not saved yet.

    Raises SupplierError or gateway.NotConnected; asks nobody.
    """
    ref, sku = str(uuid.uuid4()), order.sku
    body = gateway.connect(sku.supplier).compose(request_for(
        ref=ref, sku=sku, quantity=quantity, amount=order.amount, fields=order.fields,
        currency=order.currency, is_test=order.is_test))
    return Attempt(
        supplier_id=sku.supplier_id, chunk=chunk, n=n, ref=ref, quantity=quantity, agreed_total=total,
        currency=order.currency, sealed_body=vault.seal(body.decode(), place=f"attempt:{ref}:body"),
        body_digest=hashlib.sha256(body).hexdigest(), created_at=now, changed_at=now, queued_at=now)


def _record(order, attempts, now, *, repeat):
    spending.lock(user=order.placed_by, currency=order.currency)
    account = reserving.lock(supplier_id=order.supplier_id, currency=order.currency)
    if not repeat:
        _refuse_repeated(order, now)
    short = _ask_approval(order, attempts, now) or set_aside(account, attempts, now)
    parked = next((attempt for attempt in attempts if attempt.state == State.PARKED), None)
    order.status = Status.QUEUED if parked is None else Status.PARKED
    if parked:
        order.reason, order.parked_reason, order.parked_at = parked.reason, parked.parked_reason, now
    order.save(force_insert=True)
    for attempt in attempts:
        attempt.order = order
        attempt.save(force_insert=True)
    tell(order_id=order.pk, kind=Event.Kind.PLACED, by=order.placed_by, now=now, text=_placed(order, attempts))
    if short:
        tell(order_id=order.pk, kind=Event.Kind.MOVED, now=now, text=short)
    if attempts[0].state == State.QUEUED:
        async_task(chunking.SEND_TASK, attempt_id=attempts[0].pk)
    return order


def _refuse_repeated(order, now):
    """Asked under the account's lock, so that of two people who confirm at the same instant one is told."""
    twin = find_twin(sku=order.sku, recipient=order.recipient, now=now)
    if twin:
        raise LooksRepeated(
            _("%(recipient)s was sent the same SKU within ten minutes, as order %(order)s.") % {
                "recipient": order.recipient, "order": twin.reference}, twin)


def _placed(order, attempts):
    estimate = " (estimate)" if order.is_estimate else ""
    parts = f", in {len(attempts)} parts" if len(attempts) > 1 else ""
    return f"Placed for {show(order.agreed_total, order.currency)}{estimate}{parts}"


def _ask_approval(order, attempts, now):
    """Park all parts where the order goes beyond what its requester may spend alone; gives the sentence, else ''."""
    allowed = None if order.is_test else spending.allowance(user=order.placed_by, currency=order.currency, now=now)
    if allowed is None or order.agreed_total <= allowed.left:
        return ""
    reason = (f"Beyond the limit of {show(allowed.limit, order.currency)} a day: "
              f"{show(allowed.left, order.currency)} left, {show(order.agreed_total, order.currency)} needed")
    for attempt in attempts:
        attempt.state, attempt.due_at = State.PARKED, None
        attempt.parked_reason, attempt.parked_at, attempt.reason = ParkReason.APPROVAL, now, reason
    return f"Waits for approval. {reason}"


def set_aside(account, attempts, now):
    """Reserve the money of each part, or park it and all after it; gives the sentence that says money is short, else ''."""
    covered = _covered(account, attempts, now)
    if covered == len(attempts):
        return ""
    need, spendable = sum(attempt.agreed_total for attempt in attempts[covered:]), reserving.spendable(account)
    reason = (f"Needs {show(need, account.currency)}; spendable is "
              f"{'not known' if spendable is None else show(spendable, account.currency)}")
    for attempt in attempts[covered:]:
        attempt.state, attempt.parked_spendable, attempt.due_at = State.PARKED, spendable, None
        attempt.parked_reason, attempt.parked_at, attempt.reason = ParkReason.FUNDS, now, reason
    parts = f" with {len(attempts) - covered} of {len(attempts)} parts" if covered else ""
    return f"Parked{parts} until money arrives. {reason}"


def _covered(account, attempts, now):
    """Queue as many parts as the account covers, in their order; gives how many. Only the first is due already."""
    for number, attempt in enumerate(attempts):
        try:
            reserving.reserve(account=account, attempt_ref=attempt.ref, amount=attempt.agreed_total, now=now)
        except reserving.NotCovered:
            return number
        attempt.state, attempt.due_at = State.QUEUED, now if number == 0 else None
    return len(attempts)
