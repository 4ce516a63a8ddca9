"""What it means when a send did not end with an order: a table from errors to what becomes of the attempt.

Nothing becomes failed here unless the supplier refused it in a documented way.
"""

from datetime import timedelta

import stamina
from django.db import OperationalError, transaction

from catalog import connecting, gateway
from catalog.suppliers.errors import (
    Duplicate,
    Forbidden,
    NotEnoughFunds,
    NotSent,
    Refused,
    SupplierError,
    Unanswered,
    Unauthorised,
)
from catalog.suppliers.errors import Missing as NoSuchPath
from funding import refreshing, reserving
from funding.models import Account

from . import chunking, observing, pace, parking
from .lifecycle import flag, move
from .models import Attempt, Observation
from .models.attempt import State
from .models.parking import ParkReason

AGAIN_AFTER = timedelta(seconds=60)
MOST_REFERENCES = 3  # of one part, that Purser tries by itself


def conclude(*, attempt, error, source, claimed):
    """Move the attempt that was sent under `attempt.lease_epoch` to where `error` puts it.

    `source` is PLACE or REPLAY, `claimed` the Watch of the claim. Somebody who took over meanwhile is not disturbed.
    """
    if isinstance(error, NotEnoughFunds):
        _refresh_balance_anew(attempt, claimed.now())
    for again in stamina.retry_context(on=OperationalError, attempts=observing.TRIES, wait_initial=0.05, wait_max=0.5):
        with again, transaction.atomic():
            return _conclude(attempt, error, source, claimed.now())


def _conclude(attempt, error, source, now):
    locked = observing.lock(attempt.pk)
    if locked.lease_epoch != attempt.lease_epoch or locked.state not in (State.SENDING, State.UNKNOWN):
        return
    # What is said to a repeated request may not be about the first one: only a search can tell.
    conclusions = CONCLUSIONS if source == Observation.Source.PLACE else ()
    act = next((act for kinds, act in conclusions if isinstance(error, kinds)), _unknown)
    act(locked, error, source, now)


def _refresh_balance_anew(attempt, now):
    try:
        refreshing.read_balances(supplier=attempt.order.supplier, now=now)
    except (SupplierError, gateway.NotConnected):
        return  # the baseline is then our own sum


def _not_sent(attempt, error, source, now):
    tries = attempt.not_sent_count + 1
    due_at = pace.next_send(not_sent=tries, retry_after_s=error.retry_after_s, now=now)
    move(attempt=attempt, to=State.QUEUED, now=now, text=f"Not sent: {error}", lease_until=None,
         not_sent_count=tries, due_at=due_at, reason=str(error)[:300])


def _no_funds(attempt, error, source, now):
    account = Account.objects.get(supplier_id=attempt.supplier_id, currency=attempt.currency)
    if _is_stored(attempt, account):
        _refused_again(attempt, now)
        return
    parking.park(attempt=attempt, reason=ParkReason.FUNDS, now=now, text="The supplier says the balance is too low")
    # What was set aside for all its parts is back by now, and no news: only what comes beyond that is.
    Attempt.objects.filter(order=attempt.order_id, state=State.PARKED, parked_reason=ParkReason.FUNDS).update(
        parked_spendable=reserving.spendable(account))


def _is_stored(attempt, account):
    """Whether the refusal may be the stored answer to our key: the money is there, and the key was used before."""
    keeps_answers = gateway.traits(attempt.supplier).replay_window_s is not None
    free = reserving.spendable(account)  # what is set aside for this attempt is taken off already
    return (keeps_answers and attempt.send_count > 1 and attempt.n < MOST_REFERENCES
            and free is not None and free >= 0)


def _refused_again(attempt, now):
    """Ask once more a minute later; refused then as well, the key is of no use, and the resolver looks for the order."""
    first_at = attempt.refused_again_at or now
    if now - first_at >= AGAIN_AFTER:
        text = "The supplier repeats its refusal although the money is there; looking whether it has the order"
        move(attempt=attempt, to=State.UNKNOWN, now=now, text=text, lease_until=None, unknown_since=now, poll_count=0,
             absent_seen_at=None, due_at=now, reason=text)
        return
    text = "The supplier says the balance is too low, although the money is there; asking once more in a minute"
    move(attempt=attempt, to=State.QUEUED, now=now, text=text, lease_until=None, refused_again_at=first_at,
         due_at=first_at + AGAIN_AFTER + timedelta(seconds=1), reason=text)


def _config(attempt, error, source, now):
    _forbidden(attempt, error, source, now)
    connecting.pause(supplier=attempt.supplier, reason=str(error), by=None, now=now)


def _forbidden(attempt, error, source, now):
    parking.park(attempt=attempt, reason=ParkReason.CONFIG, text=str(error), now=now)


def _rejected(attempt, error, source, now):
    if attempt.send_count > 1 and attempt.unknown_since is not None:  # it may be refused because an earlier copy was not
        _unknown(attempt, error, source, now, text=f"Refused when it was sent again; looking for the earlier one: {error}")
        return
    Observation.objects.create(
        attempt=attempt, at=now, source=source, outcome=State.REJECTED, rank=100, word=(error.code or "")[:60],
        reason=error.message, applied=True)
    reserving.release(attempt_ref=attempt.ref, now=now)
    move(attempt=attempt, to=State.REJECTED, now=now, text=f"The supplier refused it: {error}", lease_until=None,
         due_at=None, reason=error.message[:300])
    chunking.withdraw_behind(attempt, now=now)


def _duplicate(attempt, error, source, now):
    _unknown(attempt, error, source, now, text="The supplier already has our reference; looking it up")


def _unknown(attempt, error, source, now, text=""):
    text = text or f"Outcome unknown: {error}"
    if attempt.state == State.UNKNOWN:
        Attempt.objects.filter(pk=attempt.pk).update(
            lease_until=None, due_at=pace.next_lookup(lookups=attempt.poll_count, now=now))
    else:
        move(attempt=attempt, to=State.UNKNOWN, now=now, text=text, lease_until=None,
             unknown_since=attempt.unknown_since or now,
             poll_count=0, due_at=now + timedelta(seconds=1), reason=text[:300])
    if getattr(error, "code", "") == "echo_mismatch":
        flag(order_id=attempt.order_id, text=str(error), now=now)


# The first row that fits decides. What no row names is unknown: never failed.
CONCLUSIONS = (
    (Forbidden, _forbidden),
    (NotSent, _not_sent),
    (NotEnoughFunds, _no_funds),
    ((Unauthorised, NoSuchPath), _config),
    (Duplicate, _duplicate),
    (Refused, _rejected),
    (Unanswered, _unknown),
)
