"""What must be true of orders and their money at any time, asked of the rows as they are: the nightly check.

Each check is one statement that only reads, so it sees the rows of one instant: what moves meanwhile contradicts nothing.
Rows come in batches, however many there are. Numbers are the protocol's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, UUIDField, Value, Window
from django.db.models.functions import Concat, Lag, Replace
from django.urls import reverse

from catalog import gateway
from catalog.models import Call, Supplier
from catalog.money import show
from catalog.suppliers.types import Outcome, ProductKind
from funding.models import Account, Books, Entry, Reservation

from . import delivery
from .models import Attempt, Observation, Shortfall, Unit, UnmatchedPurchase
from .models.attempt import DEAD, HOLDING, State

SHORT = (Outcome.PARTIAL, Outcome.FAILED, Outcome.CANCELLED)
BOOKS_LAG = timedelta(days=1)
ROWS_AT_ONCE = 500
NOT_SENT = ("not_sent", "forbidden")
NO_WORD = ("unanswered", "interrupted")


@dataclass(frozen=True)
class Finding:
    """One thing that must not be. `key` names it for good; `url` leads to the order, or to where it is to be seen."""

    key: str
    text: str
    url: str


@dataclass(frozen=True)
class Check:
    """`find` gives Findings, one by one; `rule` says what must hold."""

    rule: str
    find: Callable[..., Iterator[Finding]]


def broken(name, *, now):
    """The Findings of one check."""
    return CHECKS[name].find(now)


def _held(now):
    """I-10, I-12."""
    held = Reservation.objects.filter(
        attempt_ref=OuterRef("ref"), state=Reservation.State.OPEN, amount=OuterRef("agreed_total"),
        account__supplier=OuterRef("supplier_id"), account__currency=OuterRef("currency"))
    for attempt in _attempts(Attempt.objects.filter(~Exists(held), state__in=HOLDING)):
        yield _of(attempt, "held", f"is {attempt.state}, and {_worth(attempt)} is not set aside for it")


def _freed(now):
    """I-10: the other way round. What is not spent or about to be is not set aside; what was bought is settled."""
    attempt = Attempt.objects.filter(ref=OuterRef("attempt_ref"))
    idle = ~Exists(attempt.filter(state__in=HOLDING)) & Q(state=Reservation.State.OPEN)
    spent = Exists(attempt.filter(state=State.ACCEPTED)) & Q(state=Reservation.State.RELEASED)
    rows = Reservation.objects.filter(idle | spent).annotate(order=_order_of(attempt))
    for row in rows.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        what = "is set aside for nothing" if row.state == Reservation.State.OPEN else "counts as free and was spent"
        yield Finding(f"freed:{row.pk}", f"{row.amount:f} under {row.attempt_ref} {what}", _order_url(row.order))


def _proven(now):
    """I-05: an attempt that ended without a purchase, or failed there, has an observation that says so."""
    seen = Observation.objects.filter(attempt=OuterRef("pk"), applied=True)
    dead = Q(state__in=(State.REJECTED, State.PROVEN_ABSENT)) & ~Exists(seen.filter(outcome=OuterRef("state")))
    failed = (Q(state=State.ACCEPTED, outcome__in=(Outcome.FAILED, Outcome.CANCELLED, Outcome.COMPLETED))
              & ~Exists(seen.filter(outcome=OuterRef("outcome"))))
    for attempt in _attempts(Attempt.objects.filter(dead | failed)):
        ended = attempt.outcome if attempt.state == State.ACCEPTED else attempt.state
        yield _of(attempt, "proven", f"ended {ended}, and nothing that the supplier said proves it")


def _sent_once(now):
    """I-01, I-15: of the attempts at one part, only the last may have bought anything."""
    later = Attempt.objects.filter(order=OuterRef("order"), chunk=OuterRef("chunk"), n__gt=OuterRef("n"))
    for attempt in _attempts(Attempt.objects.filter(Exists(later)).exclude(state__in=DEAD)):
        yield _of(attempt, "sent", f"is {attempt.state}, and the same part was begun again under another reference")


def _same_bytes(now):
    """I-14."""
    attempt = Attempt.objects.filter(ref=OuterRef("ref"), supplier=OuterRef("supplier"))
    calls = Call.objects.filter(is_read=False).exclude(ref="").exclude(request_digest="")
    calls = calls.annotate(agreed=Subquery(attempt.values("body_digest")[:1]), order=_order_of(attempt))
    for call in _lean(calls.filter(agreed__isnull=False).exclude(request_digest=F("agreed"))):
        yield Finding(f"bytes:{call.pk}", f"{call.ref} was sent with other bytes than those that were kept for it",
                      _order_url(call.order))


def _fenced(now):
    """I-24: where a late copy may still be accepted, nothing is sent again before it cannot."""
    for supplier in Supplier.objects.order_by("pk"):
        fence_s = gateway.traits(supplier).fence_s
        if fence_s is None or gateway.traits(supplier).refuses_repeats:
            continue
        sends = supplier.calls.filter(is_read=False).exclude(ref="").exclude(outcome__in=NOT_SENT)
        sends = sends.annotate(
            before=Window(Lag("started_at"), partition_by="ref", order_by="started_at"),
            came=Window(Lag("outcome"), partition_by="ref", order_by="started_at"),
            order=_order_of(Attempt.objects.filter(ref=OuterRef("ref"))))
        early = sends.filter(before__gt=F("started_at") - timedelta(seconds=fence_s), came__in=NO_WORD)
        for call in _lean(early):
            yield Finding(f"fence:{call.pk}", f"{call.ref} was sent again within {fence_s} s", _order_url(call.order))


def _forward(now):
    """I-06."""
    seen = Observation.objects.filter(applied=True).exclude(outcome__in=DEAD).annotate(
        before=Window(Lag("rank"), partition_by="attempt", order_by="pk"))
    for row in seen.filter(before__gt=F("rank")).order_by("pk").values("pk", "attempt__ref", "attempt__order").iterator():
        yield Finding(f"forward:{row['pk']}", f"{row['attempt__ref']} was told backwards", _order_url(row["attempt__order"]))


def _delivered(now):
    """I-08: a voucher that is completed has codes."""
    codes = Unit.objects.filter(attempt=OuterRef("pk"), has_code=True)
    bought = Attempt.objects.filter(
        ~Exists(codes), state=State.ACCEPTED, outcome=Outcome.COMPLETED, order__is_test=False,
        order__sku__product__kind=ProductKind.VOUCHER)
    for attempt in _attempts(bought):
        yield _of(attempt, "delivered", "is completed, and no code of it is here")


def _readable(now):
    """I-07, I-30: every unit opens; nothing of it is shown or kept."""
    units = Unit.objects.select_related("attempt").only(
        "ordinal", "sealed", "attempt__ref", "attempt__order")
    for unit in units.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        if not delivery.opens(unit):
            yield Finding(f"readable:{unit.pk}", f"Unit {unit.ordinal} of {unit.attempt.ref} cannot be opened",
                          _order_url(unit.attempt.order_id))


def _charged(now):
    """I-09: what was bought a day ago stands in the books."""
    for supplier in _with_books():
        rows = supplier.entries.filter(kind=Entry.Kind.TRANSACTION)
        number, first = F("supplier_order_id"), rows.order_by("occurred_at").first()
        for sort in gateway.traits(supplier).order_sorts:
            number = Replace(number, Value(f"{sort}:"), Value(""))
        bought = Attempt.objects.filter(
            supplier=supplier, state=State.ACCEPTED, order__is_test=False, changed_at__lt=supplier.books.read_at - BOOKS_LAG,
            first_sent_at__gt=first.occurred_at if first else now).exclude(total=0).exclude(agreed_total=0)
        charge = rows.filter(order_id=OuterRef("number"), amount__lt=0)
        for attempt in _attempts(bought.annotate(number=number).filter(~Exists(charge))):
            yield _of(attempt, "charged", f"was bought, and the books of {supplier} show no charge for it")


def _explained(now):
    """I-03: a charge in the books belongs to an order, here or among those that a person knows of."""
    for supplier in _with_books():
        ids = Q(supplier_order_id=OuterRef("order_id"))
        for sort in gateway.traits(supplier).order_sorts:
            ids |= Q(supplier_order_id=Concat(Value(f"{sort}:"), OuterRef("order_id")))
        known = [Exists(model.objects.filter(ids, supplier=supplier)) for model in (Attempt, UnmatchedPurchase)]
        charges = supplier.entries.filter(
            ~known[0], ~known[1], kind=Entry.Kind.TRANSACTION, status=Entry.Status.POSTED, amount__lt=0,
            occurred_at__gt=supplier.created_at, first_seen_at__lt=now - BOOKS_LAG).exclude(order_id="")
        for row in charges.order_by("pk").only("pk", "supplier", "amount", "currency", "order_id").iterator():
            yield Finding(f"explained:{row.pk}", f"{supplier} charged {show(-row.amount, row.currency)} for its order "
                          f"{row.order_id}, which nothing here explains", _books_url(supplier, row.order_id))


def _owed(now):
    """What ended short is looked for."""
    short = Attempt.objects.filter(~Exists(Shortfall.objects.filter(attempt=OuterRef("pk"))), state=State.ACCEPTED,
                                   outcome__in=SHORT, order__is_test=False).exclude(total=0).annotate(
        codes=Count("units", filter=Q(units__has_code=True))).filter(codes__lt=F("quantity"))
    for attempt in _attempts(short):
        yield _of(attempt, "owed", f"is {attempt.outcome}, and nobody looks for the money")


def _chained(now):
    """I-09: each balance follows from the one before it."""
    for account in Account.objects.exclude(first_break=None).select_related("supplier", "first_break"):
        yield Finding(f"chained:{account.first_break_id}", f"The running balance of {account} breaks at "
                      f"{account.first_break.occurred_at:%Y-%m-%d %H:%M} UTC", _books_url(account.supplier))


CHECKS = {
    "held": Check("Money is set aside for whatever may be bought.", _held),
    "freed": Check("Money is set aside for nothing else, and what was bought is settled.", _freed),
    "proven": Check("Nothing has ended without the supplier's word.", _proven),
    "sent": Check("A part is begun again only after the former attempt is dead.", _sent_once),
    "bytes": Check("What was sent is what was kept.", _same_bytes),
    "fence": Check("Nothing was sent again while a copy could still be accepted.", _fenced),
    "forward": Check("What suppliers say of an order only goes forward.", _forward),
    "delivered": Check("A completed voucher has its codes.", _delivered),
    "readable": Check("Every delivered unit can be opened.", _readable),
    "charged": Check("What was bought stands in the books.", _charged),
    "explained": Check("What was charged was ordered here, or is explained.", _explained),
    "owed": Check("What was paid and not delivered is looked for.", _owed),
    "chained": Check("Balances follow from one another.", _chained),
}


def _order_of(attempts):
    return Subquery(attempts.values("order")[:1], output_field=UUIDField())


def _attempts(found):
    return found.order_by("pk").only(
        "pk", "order_id", "ref", "state", "outcome", "agreed_total", "currency").iterator(chunk_size=ROWS_AT_ONCE)


def _lean(calls):
    return calls.order_by("pk").only("pk", "ref").iterator(chunk_size=ROWS_AT_ONCE)


def _with_books():
    """Suppliers whose books name every charge of an order, and were read to the end at least once."""
    read = Books.objects.filter(read_at__isnull=False, backfill_cursor="").values("supplier")
    return [one for one in Supplier.objects.filter(pk__in=read).order_by("pk") if gateway.traits(one).books_show_orders]


def _of(attempt, check, text):
    return Finding(f"{check}:{attempt.pk}", f"{attempt.ref} {text}", _order_url(attempt.order_id))


def _worth(attempt):
    return show(attempt.agreed_total, attempt.currency)


def _order_url(order_id):
    return reverse("orders:order", args=[order_id]) if order_id else reverse("funding:accounts")


def _books_url(supplier, number=""):
    query = {"supplier": supplier.name, **({"order": number} if number else {})}
    return f"{reverse('funding:transactions')}?{urlencode(query)}"
