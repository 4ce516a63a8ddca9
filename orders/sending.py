"""Sending one attempt: look once more, claim it, and put its bytes on the wire outside any transaction."""

import hashlib
from datetime import timedelta

from django.db import transaction

from catalog import calls, connecting, gateway, spool, vault
from catalog.clock import Watch
from catalog.models import Supplier
from catalog.money import show
from catalog.suppliers.errors import Misread, Missing, SupplierError, Unauthorised
from funding import refreshing, reserving
from funding.models import Account

from . import chunking, concluding, observing, pace, parking, quoting, restoring
from .asking import request_of
from .lifecycle import Overtaken, flag, move, remark
from .models import Attempt, Event, Observation
from .models.attempt import State
from .models.parking import ParkReason

FRESH = timedelta(seconds=60)
LARGEST_SKEW_S = 900  # beyond that a clock is not off but wrong, and we do not sign by it either
IN_FLIGHT_PER_SUPPLIER = 4  # one slow supplier must not occupy every worker


class Altered(Exception):
    """The bytes to send are not the ones that were committed."""


def send(*, attempt_id, now):
    """Send a queued attempt if it is due and nothing speaks against it. Safe to call any number of times."""
    attempt, watch = _queued(attempt_id, now), Watch(now)
    if attempt is None:
        return
    supplier = attempt.order.supplier
    if (supplier.is_paused or not supplier.is_active) and now - attempt.queued_at <= pace.MAX_WAIT:
        return
    if restoring.is_older_copy():
        return  # the next round doubts it first
    try:
        objection = _objection(attempt, now)
        if objection:
            _put_aside(attempt, watch.now(), **objection)
            return
        client, body = gateway.connect(supplier), open_body(attempt)
        if attempt.looks_first and _is_there_already(attempt, client, watch):
            return
    except Unauthorised as refusal:
        _put_aside(attempt, watch.now(), reason=ParkReason.CONFIG, text=str(refusal))
        connecting.pause(supplier=supplier, reason=str(refusal), by=None, now=watch.now())
        return
    except SupplierError as trouble:
        _put_off(attempt, trouble, watch.now())
        return
    except (gateway.NotConnected, vault.Unreadable, Altered) as problem:
        _put_aside(attempt, watch.now(), reason=ParkReason.CONFIG, text=str(problem))
        return
    claimed = Watch(watch.now())
    attempt = _claim(attempt, client.traits, claimed.now())
    if attempt is not None:
        deliver(attempt=attempt, client=client, body=body, source=Observation.Source.PLACE, claimed=claimed)


def deliver(*, attempt, client, body, source, claimed):
    """Put a claimed attempt's bytes on the wire, once, and record what came back.

    `source` is PLACE for a send and REPLAY for the same request repeated as a look-up; `claimed` is a Watch started
    before the claim. A claim too old to finish within its lease is not used: somebody else may hold the next one.
    """
    if claimed.elapsed_s() > pace.LEASE_SLACK_S / 2:
        return
    try:
        placement = client.place(request_of(attempt), body, signed_at=claimed.signs_at)
    except SupplierError as error:
        concluding.conclude(attempt=attempt, error=error, source=source, claimed=claimed)
    else:
        observing.apply(attempt_id=attempt.pk, placement=placement, source=source, now=claimed.now())


def open_body(attempt):
    """The exact bytes that were committed for this attempt. Raises vault.Unreadable or Altered."""
    body = vault.unseal(attempt.sealed_body, place=f"attempt:{attempt.ref}:body").encode()
    if hashlib.sha256(body).hexdigest() != attempt.body_digest:
        raise Altered("The stored request is not the one that was committed; nothing is sent.")
    return body


def price_stands(attempt, now):
    """Whether the price that was agreed still holds, as far as the supplier tells."""
    try:
        return _price_objection(attempt, now) is None
    except SupplierError:
        return False


def _queued(attempt_id, now):
    return Attempt.objects.filter(pk=attempt_id, state=State.QUEUED, due_at__lte=now).select_related(
        "order__supplier", "order__sku__product", "order__sku__supplier", "order__quote").first()


def _objection(attempt, now):
    """Why the attempt must not be sent, as arguments of `parking.park`; None when nothing speaks against it.

    Raises SupplierError when that cannot be told now, and gateway.NotConnected.
    """
    if now - attempt.queued_at > pace.MAX_WAIT:
        if connecting.refuses_us(attempt.order.supplier):
            return {"reason": ParkReason.CONFIG, "text": attempt.order.supplier.paused_reason}
        return {"reason": ParkReason.AGE, "text": "It could not be sent for a quarter of an hour; is it still wanted?"}
    objection = _price_objection(attempt, now)
    if objection is None:
        _refresh_balance(attempt, now)
    return objection


def _price_objection(attempt, now):
    order = attempt.order
    if order.quote and now - order.quote.fetched_at <= FRESH:
        return None
    try:
        price = quoting.price_of(
            sku=order.sku, quantity=attempt.quantity, amount=order.amount, fields=order.fields)
    except Missing as gone:
        return {"reason": ParkReason.STOCK, "text": gone.message}
    if not price.is_available:
        return {"reason": ParkReason.STOCK, "text": price.note or "Not available at the supplier"}
    if price.currency != attempt.currency:
        return {"reason": ParkReason.PRICE, "text": f"The price is in {price.currency} now, agreed was {attempt.currency}"}
    if price.total > attempt.agreed_total:
        return {
            "reason": ParkReason.PRICE, "new_total": price.total, "prices": _other_prices(attempt, price),
            "text": f"The price went up from {show(attempt.agreed_total, attempt.currency)} "
                    f"to {show(price.total, price.currency)}",
        }
    return None


def _other_prices(attempt, price):
    """What parts of the order of other sizes cost now, by their quantity; a person agrees to all of them at once."""
    order, prices = attempt.order, {attempt.quantity: price.total}
    for quantity in set(order.attempts.values_list("quantity", flat=True)) - {attempt.quantity}:
        other = quoting.price_of(sku=order.sku, quantity=quantity, amount=order.amount, fields=order.fields)
        prices[quantity] = other.total
    return prices


def _refresh_balance(attempt, now):
    account = Account.objects.filter(supplier_id=attempt.supplier_id, currency=attempt.currency).first()
    if account is None or account.read_at is None or now - account.read_at > FRESH:
        try:
            refreshing.read_balances(supplier=attempt.order.supplier, now=now)
        except (SupplierError, gateway.NotConnected):
            return  # the last reading stands; the claim still checks against it


def _is_there_already(attempt, client, watch):
    """Whether the supplier has an order under this reference; it is taken for ours then. Raises SupplierError."""
    found = client.find(attempt.ref, sku_ref=attempt.order.sku.supplier_ref, since=attempt.created_at)
    for listed in found:  # a list may leave out what was delivered
        observing.apply(attempt_id=attempt.pk, placement=client.fetch(listed.order_id), source=Observation.Source.FIND,
                        now=watch.now())
    if not found:
        Attempt.objects.filter(pk=attempt.pk).update(looks_first=False)
    elif Attempt.objects.filter(pk=attempt.pk, state=State.QUEUED).exists():
        raise Misread("The supplier has an order under our reference that is not the one we want.")
    return bool(found)


def _put_off(attempt, trouble, now):
    """The supplier cannot be asked now: try again a little later, as after a send of which nothing left."""
    tries = attempt.not_sent_count + 1
    due_at = pace.next_send(not_sent=tries, retry_after_s=trouble.retry_after_s, now=now)
    put_off = Attempt.objects.filter(pk=attempt.pk, state=State.QUEUED, lease_epoch=attempt.lease_epoch).update(
        not_sent_count=tries, due_at=due_at)
    if put_off:
        remark(attempt=attempt, text=trouble.message, now=now)


def _put_aside(attempt, now, **park):
    with transaction.atomic():
        attempt = observing.lock(attempt.pk)
        if attempt.state == State.QUEUED:
            parking.park(attempt=attempt, now=now, **park)


def _claim(attempt, traits, now):
    """The attempt, now SENDING under a new lease and committed so; None when it must wait or was taken by another."""
    if not spool.has_room():
        _wait(attempt, now, 60, "No disk space to keep the answer; nothing is sent")
        return None
    try:
        with transaction.atomic(durable=True):
            locked = observing.lock(attempt.pk)
            if not _is_still_free(locked, attempt, _lock_supplier(locked)):
                return None
            if not chunking.goes_ahead(locked):
                Attempt.objects.filter(pk=locked.pk).update(due_at=None)
                return None
            account = Account.objects.get(supplier_id=locked.supplier_id, currency=locked.currency)
            free = reserving.spendable(account)
            if free is None or free < 0:
                parking.park(attempt=locked, reason=ParkReason.FUNDS, now=now, spendable=free,
                             text=f"The balance fell; {show(free, locked.currency)} short" if free is not None
                             else "The balance is not known")
                return None
            if _others_in_flight(locked) >= IN_FLIGHT_PER_SUPPLIER:
                Attempt.objects.filter(pk=locked.pk).update(due_at=now + timedelta(seconds=1))
                return None
            _take_lease(locked, traits, now)
            return locked
    except Overtaken:
        return None


def _lock_supplier(attempt):
    """The supplier, until the end of the transaction: one claim there at a time, in whichever currency, so that the cap on
    sends counts them all. The last lock of the house's order; rows that only name the supplier are not held up.
    """
    return Supplier.objects.select_for_update(no_key=True).get(pk=attempt.supplier_id)


def _is_still_free(locked, attempt, supplier):
    """Whether nobody took it, and nobody stopped its supplier, while we looked; a stop keeps it queued."""
    is_ours = locked.state == State.QUEUED and locked.lease_epoch == attempt.lease_epoch
    return is_ours and supplier.is_active and not supplier.is_paused


def _others_in_flight(attempt):
    return Attempt.objects.filter(supplier_id=attempt.supplier_id, state=State.SENDING).count()


def _take_lease(attempt, traits, now):
    move(attempt=attempt, to=State.SENDING, now=now, kind=Event.Kind.SENT,
         text=f"Sending, try {attempt.send_count + 1}", **lease(attempt, traits, now))


def lease(attempt, traits, now):
    """Columns of a claim: a new epoch, until when it holds, and the fence behind which no copy can still be accepted."""
    window, lease_until = _window_s(traits), now + pace.purchase_lease(traits)
    return {
        "lease_epoch": attempt.lease_epoch + 1,
        "lease_until": lease_until,
        "due_at": lease_until,
        "send_count": attempt.send_count + 1,
        "first_sent_at": attempt.first_sent_at or now,
        "last_sent_at": max(now, attempt.first_sent_at or now),  # a clock may step back
        "fence_at": None if window is None else now + timedelta(
            seconds=window + pace.FENCE_MARGIN_S + _skew_s(attempt.supplier_id)),
        "absent_seen_at": None,
    }


def _window_s(traits):
    """For how long a copy of what we send can still buy something; None: for ever."""
    if traits.refuses_repeats:
        return traits.purchase_s
    return max(filter(None, (traits.fence_s, traits.replay_window_s)), default=None)


def _skew_s(supplier_id):
    """How far the supplier's clock stood from ours when it last told, in seconds, either way."""
    return min(abs(calls.last_skew_s(supplier_id) or 0), LARGEST_SKEW_S)


def _wait(attempt, now, seconds, why):
    Attempt.objects.filter(pk=attempt.pk, state=State.QUEUED).update(due_at=now + timedelta(seconds=seconds))
    flag(order_id=attempt.order_id, text=why, now=now)
