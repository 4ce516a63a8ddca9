"""What speaks for and against a purchase whose outcome is unknown, gathered from our own rows, and what follows from it.

Nothing is asked of a supplier here: the sweep does that, and what it hears stands in these rows.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import DecimalField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Abs, Concat
from django.utils.translation import gettext as _

from catalog import gateway
from catalog.models import Call
from catalog.money import show
from catalog.suppliers.ports import Statement
from funding import reserving
from funding.models import Account, Books, Entry, Reading

from . import movement, pace
from .models import Attempt, Notice, UnmatchedPurchase

BEFORE_FIRST_SEND = timedelta(minutes=10)
SMALLEST = Decimal("0.01")  # amounts that differ by less are the same
MOST = 50


class Verdict(models.TextChoices):
    """What an unknown attempt may turn out to be. WAIT is no verdict: the evidence decides nothing yet."""

    BOUGHT = "bought", "It was bought"
    ABSENT = "absent", "Nothing was bought"
    WAIT = "wait", "Not known yet"


@dataclass(frozen=True)
class Step:
    """What the account held before and after: two readings around the sends. `change` is after less before."""

    before: Reading
    after: Reading

    @property
    def change(self):
        return self.after.available - self.before.available


@dataclass
class Evidence:
    """Everything about one attempt. `against_absence` are sentences; while there is one, nobody may call it absent.
    `against_sending` are what more there is against having the same request sent again.

    `fall` is by how much the balance fell beyond what is known, at a supplier whose books tell no charges; None where no
    readings can tell.
    """

    attempt: Attempt
    calls: list = field(default_factory=list)
    observations: list = field(default_factory=list)
    charges: list = field(default_factory=list)
    notices: list = field(default_factory=list)
    step: Step | None = None
    tells_charges: bool = True
    fall: Decimal | None = None
    books_read_at: datetime | None = None
    refuses_repeats: bool = False
    against_absence: list = field(default_factory=list)
    against_sending: list = field(default_factory=list)
    proposal: Verdict = Verdict.WAIT
    why: str = ""

    @property
    def may_be_absent(self):
        return not self.against_absence

    @property
    def may_be_sent(self):
        return self.may_be_absent and not self.against_sending


def of(attempt, *, now):
    """The Evidence about `attempt`, whose state is UNKNOWN, with the proposed verdict and why."""
    told = Evidence(attempt)
    told.calls = list(Call.objects.filter(supplier=attempt.supplier_id, ref=attempt.ref).defer(
        "sealed_request", "sealed_response").order_by("started_at")[:MOST])
    told.observations = list(attempt.observations.order_by("at")[:MOST])
    told.charges = list(unexplained_charges(attempt))
    told.notices = list(Notice.objects.filter(supplier=attempt.supplier_id, ref=attempt.ref).defer(
        "sealed_body").order_by("received_at")[:MOST])
    told.step = _step(attempt)
    traits = gateway.traits(attempt.supplier)
    told.tells_charges, told.refuses_repeats = traits.tells_charges, traits.refuses_repeats
    told.books_read_at = Books.objects.filter(supplier=attempt.supplier_id).values_list("read_at", flat=True).first()
    if not told.tells_charges:
        told.fall = movement.unexplained_fall(attempt, since=attempt.fence_at or attempt.last_sent_at, now=now)
    told.against_absence = [*_hard(told), *_too_early(told, now)]
    told.against_sending = list(_unfit_to_send(told, now))
    told.proposal, told.why = _propose(told)
    return told


def unexplained_charges(attempt):
    """Charges in the supplier's books since the first send that no order here nor a person explains, oldest first."""
    charges = Entry.objects.filter(
        supplier_id=attempt.supplier_id, kind=Entry.Kind.TRANSACTION, currency=attempt.currency, amount__lt=0,
        occurred_at__gte=attempt.first_sent_at - BEFORE_FIRST_SEND)
    elsewhere = UnmatchedPurchase.objects.filter(state=UnmatchedPurchase.State.EXPLAINED)
    for rows in (Attempt.objects, elsewhere):
        charges = charges.exclude(Exists(_explaining(rows, attempt.supplier)))
    return charges.order_by("occurred_at", "pk")


def _explaining(rows, supplier):
    """Those of `rows`, purchases that are known, which a charge (the outer query) may belong to.

    Where books give the number alone, two sorts of goods may share it: the amount has to be the same then.
    """
    known, sorts = rows.filter(supplier=supplier), gateway.traits(supplier).order_sorts
    if not sorts:
        return known.filter(supplier_order_id=OuterRef("order_id"))
    ids = [Concat(Value(f"{sort}:"), OuterRef("order_id")) for sort in sorts]
    off = Abs(F("total") + OuterRef("amount"), output_field=DecimalField())
    return known.filter(supplier_order_id__in=ids).annotate(off=off).filter(Q(off=None) | Q(off__lt=SMALLEST))


def _step(attempt):
    readings = Reading.objects.filter(account__supplier=attempt.supplier_id, account__currency=attempt.currency)
    before = readings.filter(fetch_started_at__lte=attempt.first_sent_at).order_by("-fetch_started_at").first()
    after = readings.filter(fetch_started_at__gt=attempt.last_sent_at).order_by("fetch_started_at").first()
    return Step(before, after) if before and after else None


def _hard(told):
    """What shows, or may show, that the supplier took it."""
    if any(call.status and 200 <= call.status < 300 and not call.is_read for call in told.calls):
        yield _("The supplier answered the order itself with success; the answer could not be used.")
    if told.observations:
        yield _("The supplier has spoken of this order.")
    if told.notices:
        yield _("The supplier sent a notice about it.")
    cost = told.attempt.agreed_total
    if any(not charge.order_id or abs(-charge.amount - cost) <= SMALLEST for charge in told.charges):
        yield _("Its books hold a charge of this amount, or without an order, that nothing here explains.")
    if told.fall is not None and told.fall >= SMALLEST:
        yield _("The balance fell by %(fall)s more than the orders here explain.") % {
            "fall": show(told.fall, told.attempt.currency)}


def _too_early(told, now):
    attempt = told.attempt
    if attempt.lease_until is not None and attempt.lease_until > now:
        yield _("The supplier is being asked right now; wait for the answer.")
    if attempt.absent_seen_at is None:
        yield _("No whole search has found it missing since it was last sent.")
    if attempt.fence_at is not None and now < attempt.fence_at:
        yield _("Until %(time)s UTC the supplier may still accept a delayed copy of the request.") % {
            "time": f"{attempt.fence_at:%H:%M:%S}"}
    if gateway.supports(attempt.supplier, Statement) and not _has_read_since(told.books_read_at, attempt):
        yield _("The supplier's books have not been read to their end since then. Refresh them first.")


def _unfit_to_send(told, now):
    """What forbids, or makes needless, that a person has the same request sent again. Sending asks its own questions."""
    attempt, supplier = told.attempt, told.attempt.supplier
    if not told.refuses_repeats:
        yield _("%(supplier)s may take one reference twice, so Purser alone decides when it goes again.") % {
            "supplier": supplier.name}
        return
    by_itself_until = attempt.queued_at + pace.MAX_WAIT
    if now <= by_itself_until:
        yield _("Until %(time)s UTC Purser sends it again by itself once it was looked for long enough.") % {
            "time": f"{by_itself_until:%H:%M:%S}"}
    if attempt.absent_seen_at is not None and now - attempt.absent_seen_at < pace.SECOND_LOOK_AFTER:
        yield _("It was looked for less than a minute ago; a second look must be a minute after the first.")
    if attempt.named_order_id:
        yield _("Somebody named an order of the supplier's, which is being read.")
    if supplier.is_paused or not supplier.is_active:
        yield _("Buying at %(supplier)s is stopped. Resume it first.") % {"supplier": supplier.name}
    spendable = _spendable(attempt)
    if spendable is None or spendable < 0:
        yield _("The account does not cover what is set aside any more. Deposit first.")


def _spendable(attempt):
    account = Account.objects.filter(supplier=attempt.supplier_id, currency=attempt.currency).first()
    return account and reserving.spendable(account)


def _has_read_since(read_at, attempt):
    return read_at is not None and read_at >= (attempt.absent_seen_at or attempt.last_sent_at)


def _propose(told):
    if list(_hard(told)):
        return Verdict.BOUGHT, _("Find out the supplier's number of this order, in its portal or from its support.")
    if told.may_be_absent:
        later = _("A delayed copy may still arrive, and it would be bought; sending the same request again settles that.") \
            if told.refuses_repeats else _("No copy can still arrive.")
        return Verdict.ABSENT, f"{_('A whole search found nothing.')} {later} {_books_say(told)}"
    return Verdict.WAIT, _("Nothing shows that it was bought, and it is not proven that it was not.")


def _books_say(told):
    if told.tells_charges:
        return _("The books hold no charge for it.")
    if told.fall is None:
        return _("Whether the balance fell by it cannot be told.")
    return _("The balance did not fall by it.")
