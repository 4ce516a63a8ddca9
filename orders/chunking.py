"""An order for more than its supplier takes at once is bought in parts ("chunks"), each under its own reference.

One part goes ahead alone; the others follow once the supplier has accepted one. What stops a part, a refusal or a reason
to wait, stops those that were not sent yet, because they ask for the same thing. An unknown part only keeps them waiting.
"""

from django.db.models import Exists, OuterRef
from django_q.tasks import async_task

from catalog import gateway
from catalog.suppliers.types import ProductKind
from funding import reserving

from .lifecycle import move_together
from .models import Attempt
from .models.attempt import DEAD, State

SEND_TASK = "orders.tasks.send"
MOST_CHUNKS = 50  # each is a purchase of its own; beyond that a person had better think again
# A second identical transfer to one account cannot be told from a mistake, neither there nor here: two orders, knowingly.
ONE_RECIPIENT = (ProductKind.TOP_UP, ProductKind.TRANSFER, ProductKind.RECHARGE)
UNSENT = (State.QUEUED, State.PARKED)
OTHERS = Attempt.objects.filter(order_id=OuterRef("order_id")).exclude(pk=OuterRef("pk"))
ITS_TURN = (~Exists(OTHERS.filter(chunk__lt=OuterRef("chunk")).exclude(state__in=DEAD))
            | Exists(OTHERS.filter(state=State.ACCEPTED)))


def may_split(sku):
    """Whether more than the supplier takes at once may be ordered of `sku`."""
    return sku.product.kind not in ONE_RECIPIENT


def most(sku):
    """The largest quantity of one order of `sku`; None where nothing limits it."""
    limit = sku.max_per_order
    return limit * MOST_CHUNKS if limit and may_split(sku) else limit


def sizes(*, sku, quantity):
    """The quantities of the parts, full ones first: 7 of a SKU with at most 3 per order are 3, 3 and 1."""
    limit = sku.max_per_order
    if not limit or quantity <= limit or not may_split(sku):
        return [quantity]
    full, rest = divmod(quantity, limit)
    return [limit] * full + [rest] * bool(rest)


def goes_ahead(attempt):
    """Whether this part may be sent now: it is the first of those that are open, or the supplier accepted one."""
    return Attempt.objects.filter(ITS_TURN, pk=attempt.pk).exists()


def wake(*, now):
    """Make due what waits for its turn although that has come; gives how many parts.

    Parts are made due by whatever brings their turn about. That this is so need not be believed: the sweep looks here.
    """
    return Attempt.objects.filter(ITS_TURN, state=State.QUEUED, due_at=None).update(due_at=now)


def may_still_arrive(attempt):
    """Whether a copy that was sent before may still buy: its outcome was unknown, and where a supplier bounds no delay but
    refuses a second order under one reference, only the same request again could settle it.
    """
    return attempt.unknown_since is not None and gateway.traits(attempt.supplier).refuses_repeats


def let_go(attempt, now):
    """The supplier accepted `attempt`: the parts that waited for that are due now."""
    waiting = _siblings(attempt, State.QUEUED).filter(due_at=None)
    for pk in list(waiting.values_list("pk", flat=True)):
        ring(pk)
    waiting.update(due_at=now)


def ring(attempt_id):
    """Wake a worker to send this attempt."""
    async_task(SEND_TASK, attempt_id=attempt_id)


def park_behind(attempt, *, reason, text, now, prices):
    """The queued parts of the order wait for the same reason; `prices` maps a quantity to its new, higher price."""
    behind = _unsent(attempt, State.QUEUED)
    for sibling in behind:
        reserving.release(attempt_ref=sibling.ref, now=now)
    move_together(
        attempts=behind, to=State.PARKED, now=now, text=f"Parked with it: {_count(behind)}",
        columns=lambda sibling: {
            "lease_until": None, "due_at": None, "parked_spendable": None, "reason": text[:300], "parked_reason": reason,
            "parked_at": now, "parked_total": prices.get(sibling.quantity)})


def withdraw_behind(attempt, *, now, by=None, text="Not sent, because a part was refused"):
    """Nothing was bought with `attempt`, and that is final: what asks for the same and was not sent is not sent."""
    withdraw(attempts=_unsent(attempt, *UNSENT), by=by, now=now, text=text)


def withdraw(*, attempts, by, now, text):
    """Give up parts that were not sent, and free their money. Runs in the caller's transaction, under the order's lock."""
    for attempt in attempts:
        reserving.release(attempt_ref=attempt.ref, now=now)
    move_together(
        attempts=attempts, to=State.WITHDRAWN, now=now, by=by,
        text=f"{text}: {_count(attempts)}" if len(attempts) > 1 else text,
        columns=lambda attempt: {"due_at": None, "lease_until": None, "reason": text[:300]})


def _unsent(attempt, *states):
    return [sibling for sibling in _siblings(attempt, *states) if not may_still_arrive(sibling)]


def _siblings(attempt, *states):
    return Attempt.objects.filter(order_id=attempt.order_id, state__in=states).exclude(pk=attempt.pk).order_by("chunk")


def _count(attempts):
    return f"{len(attempts)} part{'s' if len(attempts) > 1 else ''}"
