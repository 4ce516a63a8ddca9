"""Buying as staff and workers do it, in one go and at any time of the past."""

import uuid
from datetime import timedelta

from django.utils import timezone

from orders import placing, quoting, sending, terms, tracking
from orders.models.attempt import State

# What a buyer would give, by kind of input.
ANSWERS = {"email": "buyer{n}@example.org", "digits": "70{n:07d}", "phone": "+4477009{n:05d}", "text": "Player-{n}"}


def confirm(*, sku, by, at, quantity=1, amount=None, number=1, fields=None):
    """An order confirmed by `by` at `at`, not sent yet. The balance is read by today's clock: it is today's balance."""
    wanted = terms.check(sku=sku, quantity=quantity, amount=amount, fields={**_fields(sku, number), **(fields or {})})
    quote = quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=by, now=at), now=timezone.now())
    return placing.confirm(token=uuid.uuid4(), sku=sku, terms=wanted, quote=quote, reference=placing.new_reference(),
                           by=by, now=at, repeat=True)


def send(order, *, at):
    """Send what is queued of the order."""
    for attempt in order.attempts.filter(state=State.QUEUED):
        sending.send(attempt_id=attempt.pk, now=at + timedelta(seconds=1))
    order.refresh_from_db()
    return order


def follow(order, *, at):
    """Ask the supplier once how far the order is."""
    for attempt in order.attempts.filter(state=State.ACCEPTED):
        tracking.refresh(attempt_id=attempt.pk, now=at + timedelta(seconds=8))
    order.refresh_from_db()
    return order


def buy(*, at, **what):
    """An order confirmed, sent and followed."""
    return follow(send(confirm(at=at, **what), at=at), at=at)


def _fields(sku, number):
    return {field["name"]: _answer(field, number) for field in sku.product.fields}


def _answer(field, number):
    if field.get("choices"):
        return str(field["choices"][0])
    return ANSWERS.get(field.get("kind"), ANSWERS["text"]).format(n=number)
