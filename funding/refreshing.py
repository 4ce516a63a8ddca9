"""Asking a supplier what we hold there and what its books say."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django_q.tasks import async_task

from catalog import gateway
from catalog.suppliers import ports
from catalog.suppliers.errors import SupplierError

from . import accounts, mirroring, reckoning, thresholds
from .models import Account, Books, Reading

# How long a page waits for a refresh that was asked for; a worker that is alive needs a few seconds.
PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class FundingResult:
    """The supplier's accounts after the refresh, and how many book entries were new."""

    accounts: list[Account]
    new_entries: int


class Incomplete(SupplierError):
    """Books or balances could not be read to the end; the message says which and why. `result` is what was learned."""

    def __init__(self, failures, result):
        super().__init__(" ".join(failures))
        self.result = result


def refresh(*, supplier, now):
    """Mirror the books of `supplier`, then read its balances, so a deposit seen in the books is in the reading too.

    Raises gateway.NotConnected, or Incomplete (a SupplierError). Each half is tried even where the other fails, and what
    was learned is kept either way; but who needs to know that the books are whole must not go on after Incomplete.
    """
    Books.objects.get_or_create(supplier=supplier)
    try:
        return _refresh(supplier, now)
    finally:
        Books.objects.filter(supplier=supplier).update(tried_at=now)


def ask(*, suppliers, now):
    """Have the queue refresh `suppliers`; one that is awaited already is not asked twice. Gives how many were asked."""
    return sum(_ask(supplier, now) for supplier in suppliers)


def awaited(*, now):
    """Names of the suppliers whose refresh a person asked for and is still waiting for."""
    return list(Books.objects.awaited(since=now - PATIENCE).order_by("supplier__name")
                .values_list("supplier__name", flat=True))


def read_balances(*, supplier, now):
    """Read only the balances of `supplier` and give its accounts.

    Raises gateway.NotConnected or a SupplierError, and then nothing has changed. A currency missing from the answer
    keeps its old figures and ages into unknown: silence is not zero.
    """
    _read_till(supplier, now)
    return _accounts(supplier, now)


@transaction.atomic
def _ask(supplier, now):
    books, _ = Books.objects.get_or_create(supplier=supplier)
    books = Books.objects.select_for_update().get(pk=books.pk)
    if Books.objects.awaited(since=now - PATIENCE).filter(pk=books.pk).exists():
        return 0
    Books.objects.filter(pk=books.pk).update(asked_at=now)
    async_task("funding.tasks.refresh", supplier.pk)
    return 1


def _refresh(supplier, now):
    failures, new_entries = [], 0
    client = _connect(supplier)
    if isinstance(client, ports.Statement):
        mirrored = mirroring.mirror(supplier=supplier, client=client, now=now)
        new_entries = mirrored.new
        failures += [f"Books: {mirrored.failure.rstrip('.')}."] if mirrored.failure else []
    try:
        _read_till(supplier, now)
    except SupplierError as error:
        failures.append(f"Balances: {error.message.rstrip('.')}.")
    result = FundingResult(_accounts(supplier, now), new_entries)
    if failures:
        raise Incomplete(failures, result)
    return result


def _connect(supplier):
    try:
        return gateway.connect(supplier)
    except gateway.NotConnected as refusal:
        _note(supplier, str(refusal))
        raise


def _read_till(supplier, now):
    """Read the balances, where the supplier tells any, and leave on its Books whether that worked."""
    client = _connect(supplier)
    try:
        if isinstance(client, ports.Till):
            _keep_readings(supplier, client.balances(), now)
    except SupplierError as error:
        _note(supplier, error.message)
        raise
    _note(supplier, "")


def _note(supplier, failure):
    books, _ = Books.objects.get_or_create(supplier=supplier)
    if books.balances_failure != failure[:300]:
        Books.objects.filter(pk=books.pk).update(balances_failure=failure[:300])


def _accounts(supplier, now):
    ours = Account.objects.filter(supplier=supplier).order_by("currency")
    thresholds.check(now=now, accounts=ours)
    return list(ours.select_related("supplier"))


def _keep_readings(supplier, readings, asked_at):
    # The poorest last: should a currency come twice, the smaller figure is the one that stays.
    for reading in sorted(readings, key=lambda reading: reading.available, reverse=True):
        _keep_reading(supplier, reading, asked_at)


def _keep_reading(supplier, reading, asked_at):
    # Dated by the clock that dates settlements, and by when the work began: too early counts money twice, never not.
    available, warning = reckoning.available(reading)
    figures = {
        "balance": reading.balance, "supplier_reserved": reading.reserved,
        "overdraft_limit": reading.overdraft_limit, "available": available,
    }
    with transaction.atomic():
        account = accounts.at(supplier=supplier, currency=reading.currency)
        Reading.objects.create(
            account=account, fetch_started_at=asked_at, raw=reading.raw or {}, **figures)
        # Answers may overtake each other: the one that was asked for later is the truth.
        Account.objects.filter(Q(read_at=None) | Q(read_at__lte=asked_at), pk=account.pk).update(
            read_at=asked_at, supplier_updated_at=reading.supplier_updated_at, warning=warning,
            allow_overdraft=reading.allow_overdraft, is_overdrafted=reading.is_overdrafted, **figures)
