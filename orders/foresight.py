"""What confirming a quote would do: to the account, and whether the order would go out or wait."""

from dataclasses import dataclass
from decimal import Decimal

from funding import reserving
from funding.models import Account

from . import placing, spending, terms
from .asking import inputs_of
from .models import Order, Quote
from .models.order import Status
from .models.parking import ParkReason


@dataclass(frozen=True)
class Outlook:
    """`before` and `after` are what may still be promised; None where the balance was never read. `short` is what lacks.

    `ahead` is how many parked orders of the account would go first; `overdraft_used` how much of `overdraft_limit` would be
    in use afterwards, 0 where none.
    """

    account: Account
    before: Decimal | None
    after: Decimal | None
    short: Decimal
    overdraft_used: Decimal
    overdraft_limit: Decimal
    ahead: int = 0

    @property
    def would_park(self):
        return self.before is None or self.short > 0


def outlook(quote):
    """The Outlook of a ready quote; None where there is no price yet or no account in its currency."""
    if quote.state != Quote.State.READY:
        return None
    account = Account.objects.filter(supplier=quote.sku.supplier_id, currency=quote.currency).first()
    if account is None:
        return None
    before = reserving.spendable(account)
    limit = account.overdraft_limit if account.allow_overdraft else Decimal(0)
    if before is None:
        return Outlook(account, None, None, Decimal(0), Decimal(0), limit, _ahead(account))
    after = before - quote.total
    return Outlook(
        account, before, after, short=max(-after, Decimal(0)), overdraft_limit=limit,
        overdraft_used=min(max(limit - after, Decimal(0)), limit), ahead=_ahead(account) if after < 0 else 0)


def seconds_left(quote, now):
    """For how many whole seconds the price still holds."""
    if quote.state != Quote.State.READY:
        return 0
    return max(int((quote.expires_at - now).total_seconds()), 0)


def has_moved(quote):
    """Whether the supplier lists another price now than at the last sync, which is the one that staff and buyers saw."""
    sku = quote.sku
    return None not in (quote.unit_price, sku.price) and (quote.unit_price, quote.currency) != (sku.price, sku.currency)


def twin(quote, now):
    """The order that this one looks like a repetition of, or None."""
    if quote.state != Quote.State.READY:
        return None
    recipient = terms.recipient_of(inputs_of(quote.sku), quote.fields)
    return placing.find_twin(sku=quote.sku, recipient=recipient, now=now)


def beyond(quote, by, is_test, now):
    """The Allowance that a ready quote goes beyond, so that `by` needs a second person; None where none is needed."""
    if quote.state != Quote.State.READY or is_test:
        return None
    allowed = spending.allowance(user=by, currency=quote.currency, now=now)
    return allowed if allowed and quote.total > allowed.left else None


def _ahead(account):
    return Order.objects.filter(
        status=Status.PARKED, supplier=account.supplier_id, currency=account.currency,
        parked_reason=ParkReason.FUNDS).count()


def labelled(quote):
    """What was typed, as (label, value) in the order of the form."""
    return [(field.get("label") or field["name"], quote.fields[field["name"]])
            for field in inputs_of(quote.sku) if field["name"] in quote.fields]
