"""Money that a supplier owes for an order, told to a person: how much, what the books show, and what to do."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import gateway
from catalog.money import show
from funding.models import Account

from .models import Refund, Shortfall

State = Shortfall.State


@dataclass(frozen=True)
class Repayment:
    """What should come back, or came back, for one attempt, shown as `state`. `url` leads to where the supplier's books, or
    else its balance, show it; '' where the reader may not look there.
    """

    owed: object
    returned: object
    currency: str
    state: str
    text: str
    refunds: tuple
    url: str


def of(order, attempts, *, by):
    """A Repayment per one of `attempts`, those of `order` with their shortfalls, for which something was to come back."""
    rows = [attempt.shortfall for attempt in attempts if getattr(attempt, "shortfall", None)]
    rows = [row for row in rows if row.owed or row.returned]
    bound = list(Refund.objects.filter(shortfall__in=rows).select_related("entry").order_by("entry__occurred_at"))
    return [_told(order, row, [one for one in bound if one.shortfall_id == row.pk], by) for row in rows]


def _told(order, row, refunds, by):
    traits = gateway.traits(order.supplier)
    return Repayment(
        owed=row.owed, returned=row.returned, currency=order.currency, state="late" if row.is_late else row.state,
        text=_text(row, order.currency, traits.books_show_orders), refunds=tuple(refunds),
        url=_url(order, row.attempt, traits, by))


def _text(row, currency, shown):
    returned = show(row.returned, currency) if row.returned else _("nothing")
    words = {"owed": show(row.owed, currency) if row.owed else _("nothing"), "returned": returned, "note": row.note,
             "by": row.by.get_username() if row.by else ""}
    if row.state == State.AWAITED and not row.owed:
        return _("The supplier gave %(returned)s back. The order is being read to learn why.") % words
    return TEXTS["late" if row.is_late else row.state](shown) % words


def _url(order, attempt, traits, by):
    if traits.books_show_orders and by.has_perm("funding.view_entry"):
        query = {"supplier": order.supplier.name, "currency": order.currency}
        if not traits.refund_remark:
            query["order"] = attempt.supplier_order_id
        return f"{reverse('funding:transactions')}?{urlencode(query)}"
    account = Account.objects.filter(supplier=order.supplier_id, currency=order.currency).first()
    return reverse("funding:account", args=[account.pk]) if account and by.has_perm("funding.view_account") else ""


# Functions, because a sentence is translated when it is shown.
TEXTS = {
    State.AWAITED: lambda shown: _(
        "%(owed)s should come back for what was not delivered. The supplier's books are searched for it.") if shown else _(
        "%(owed)s should come back for what was not delivered. This supplier's books do not show refunds: compare the "
        "account's balance."),
    "late": lambda shown: _(
        "%(owed)s should have come back within a day; the books show %(returned)s. Ask the supplier's support, then end the "
        "wait with what you learnt.") if shown else _(
        "%(owed)s should have come back. This supplier's books do not show refunds: compare the account's balance, or ask "
        "its support. Then end the wait with what you learnt."),
    State.RETURNED: lambda shown: _("The supplier gave %(returned)s back, as it should."),
    State.DIFFERS: lambda shown: _("The supplier gave %(returned)s back; %(owed)s was to come."),
    State.SETTLED: lambda shown: _("%(by)s ended the wait for %(owed)s: %(note)s"),
}
