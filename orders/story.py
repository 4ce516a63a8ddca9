"""An order told to a person: what happens next, what happened so far, and how often the page should look again."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from catalog.models import Call

from .chunking import UNSENT
from .models import Event, Notice
from .models.attempt import DEAD, RANK, State
from .models.order import Status
from .models.parking import ParkReason

# Age of the last change -> seconds between two looks of the page.
PACE = ((timedelta(minutes=1), 2), (timedelta(minutes=10), 5), (timedelta(hours=1), 15))
SLOWEST_S = 60
MOST_CALLS = 200
MOST_NOTICES = 50


@dataclass(frozen=True)
class Step:
    """What happens next. `when` is the instant that `word` announces; None where nothing is scheduled."""

    text: str
    word: str = ""
    when: object = None


@dataclass(frozen=True)
class Progress:
    """How far an order in parts is: parts that are over at the supplier, and delivered units of the whole `quantity`."""

    parts: int
    done: int
    quantity: int
    units: int

    @property
    def percent(self):
        return 100 * self.done // self.parts


@dataclass(frozen=True)
class Moment:
    """One line of the timeline. `call` is set where it was a call to the supplier."""

    at: object
    title: str
    text: str
    kind: str
    by: str = ""
    call: object = None


def next_step(order, attempts):
    """The Step of `order`; `attempts` are its own, the latest last."""
    due = next((attempt.due_at for attempt in reversed(attempts) if attempt.due_at), None)
    if order.status == Status.PARKED:
        return Step(_parked(order))
    if order.status == Status.QUEUED and order.supplier.is_paused:
        return Step(_("Buying at %(supplier)s is paused: nothing is sent there. It goes out when a person resumes it.") % {
            "supplier": order.supplier.name})
    if order.status in (Status.FAILED, Status.CANCELLED) and order.supplier_order_id:
        return Step(_("The supplier accepted it and then did not deliver."))
    if order.status == Status.PARTIALLY_COMPLETED and order.is_final:
        return Step(_("Only a part of it was bought, and nothing more comes by itself. Deliver what is there; what is "
                      "missing can be ordered anew."))
    text, word = STEPS[order.status]()
    return Step(text, word, due if word else None)


def progress(attempts, units):
    """The Progress of an order that is bought in parts; None where it is bought in one."""
    latest = {attempt.chunk: attempt for attempt in attempts}
    if len(latest) < 2:
        return None
    return Progress(parts=len(latest), done=sum(_is_done(attempt) for attempt in latest.values()),
                    quantity=sum(attempt.quantity for attempt in latest.values()), units=len(units))


def acts(attempts):
    """What a person may do: release what is parked, withdraw what was not sent, ask about what was."""
    states = {attempt.state for attempt in attempts}
    is_open = any(attempt.state == State.UNKNOWN or (attempt.state == State.ACCEPTED and not _is_done(attempt))
                  for attempt in attempts)
    awaits = any(attempt.parked_reason == ParkReason.APPROVAL for attempt in attempts)
    return {"approve": awaits, "release": State.PARKED in states and not awaits,
            "refund": any(_is_late(attempt) for attempt in attempts),
            "withdraw": bool(states.intersection(UNSENT)), "ask": is_open, "part": bool(states.difference(UNSENT, DEAD))}


def may_be_repeated(order):
    """Whether something of it was not bought and never will be, so that another order may bring it."""
    return order.is_final and order.status in (Status.PARTIALLY_COMPLETED, Status.FAILED, Status.CANCELLED)


def timeline(order, attempts, *, with_calls):
    """Everything that happened, newest first. Calls are shown without bodies, and only to those who may see calls."""
    moments = [
        Moment(event.at, event.get_kind_display(), event.text, event.kind, event.by.get_username() if event.by else "")
        for event in Event.objects.filter(order=order).select_related("by").order_by("-at", "-id")
    ]
    notices = Notice.objects.filter(order=order).order_by("-received_at").values_list("received_at", "event")
    moments += [Moment(at, _("Webhook"), event, "notice") for at, event in notices[:MOST_NOTICES]]
    if with_calls:
        calls = Call.objects.filter(ref__in=[attempt.ref for attempt in attempts]).defer("sealed_request", "sealed_response")
        moments += [_told(call) for call in calls.order_by("-started_at")[:MOST_CALLS]]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def seconds_between_looks(order, now):
    """How often a page should look at this order again."""
    age = now - order.changed_at
    return next((seconds for within, seconds in PACE if age < within), SLOWEST_S)


def version(order, attempts, units, moments, seconds, *told):
    """A text that changes when the page would: standing, number of units, and a digest of the rest, joined by points."""
    rest = [order.changed_at, seconds, len(moments), *told,
            *((attempt.state, attempt.due_at, attempt.send_count) for attempt in attempts)]
    return f"{standing(order, attempts)}.{len(units)}.{hashlib.sha256(repr(rest).encode()).hexdigest()[:12]}"


def _is_done(attempt):
    return attempt.state == State.ACCEPTED and RANK[attempt.outcome] == 100


def _is_late(attempt):
    shortfall = getattr(attempt, "shortfall", None)
    return shortfall is not None and shortfall.is_late


def standing(order, attempts):
    """What decides which acts a person is offered."""
    offered = "".join(name[:3] for name, is_offered in acts(attempts).items() if is_offered)
    return f"{order.status}{'-review' if order.needs_review else ''}-{offered}"


def latest(attempts):
    """The attempt that counts now, or None."""
    live = [attempt for attempt in attempts if attempt.state not in DEAD]
    return (live or attempts or [None])[-1]


def _told(call):
    answer = _("HTTP %(status)s") % {"status": call.status} if call.status else _("no answer")
    return Moment(call.started_at, _("Call"), f"{call.operation}: {answer}", "call", call=call)


def _parked(order):
    return PARKED[order.parked_reason]()


# Functions, because a sentence is translated when it is shown.
PARKED = {
    ParkReason.FUNDS: lambda: _(
        "The account cannot cover it. Nothing was bought. For 24 hours it goes out by itself once a deposit covers it; "
        "after that a person decides."),
    ParkReason.PRICE: lambda: _(
        "The price went up after it was confirmed. Nothing was bought. Release it at the new price, or withdraw it."),
    ParkReason.CONFIG: lambda: _(
        "The supplier does not accept our connection. Nothing was bought. Put the connection right, then release it."),
    ParkReason.STOCK: lambda: _(
        "The supplier has none left. Nothing was bought. Release it to try again, or withdraw it."),
    ParkReason.APPROVAL: lambda: _(
        "It goes beyond what one person may spend in a day. Nothing was bought and no money is set aside: finance or a lead "
        "has to approve it first."),
    ParkReason.AGE: lambda: _(
        "It could not be sent in time. Nothing was bought. Release it if the buyer still wants it, or withdraw it."),
}
STEPS = {
    Status.QUEUED: lambda: (_("It is about to be sent. Nothing to do."), _("Next try")),
    Status.SENDING: lambda: (_("It is being sent right now. Nothing to do."), ""),
    Status.UNKNOWN: lambda: (_(
        "Nothing is sent again until it is proven that nothing was bought, and the money stays set aside. Do not place it a "
        "second time."), ""),
    Status.ACCEPTED: lambda: (_("The supplier has it and is working on it. This page updates itself."), _("Next look")),
    Status.PARTIALLY_COMPLETED: lambda: (_(
        "Some units have arrived; the rest is still open at the supplier."), _("Next look")),
    Status.COMPLETED: lambda: (_("Done: the supplier has delivered everything."), ""),
    Status.FAILED: lambda: (_("The supplier refused it. Nothing was bought and the money is free again."), ""),
    Status.CANCELLED: lambda: (_("Cancelled. Nothing was bought and the money is free again."), ""),
}
