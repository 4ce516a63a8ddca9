"""`manage.py refresh_funding [NAME…]`: reads balances and books of suppliers, now."""

import json as json_format

from catalog import clock, commanding, gateway, money
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.ports import Till
from funding import refreshing


class Command(commanding.Command):
    """In the JSON, amounts are exact decimal text in major units of the `currency` beside them, and null where an account
    has never been read. `reserved` is what the supplier says it holds back: available = balance - reserved + overdraft.
    What Purser itself has set aside for orders is not in it. `failure` is there only where something went wrong.
    """

    help = "Reads balances, deposits and transactions of the named suppliers, or of all active ones."

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, names, json, **options):
        found = {supplier.name: refresh(supplier) for supplier in chosen(names)}
        self.stdout.write(json_format.dumps({"suppliers": found}) if json else as_lines(found))
        failed = [f"{name}: {told['failure']}" for name, told in found.items() if "failure" in told]
        if failed:
            raise commanding.Failed(" ".join(failed))


def chosen(names):
    """The suppliers to refresh; a name that is unknown or not connected refuses the whole command."""
    named = commanding.suppliers(names, Till)
    for supplier in named:
        try:
            gateway.connect(supplier)
        except gateway.NotConnected as refusal:
            raise commanding.Refused(refusal) from refusal
    return named or commanding.active_suppliers(Till)


def refresh(supplier):
    """What one refresh found, as the JSON tells it."""
    try:
        return told(refreshing.refresh(supplier=supplier, now=clock.now()))
    except refreshing.Incomplete as part:
        return told(part.result) | {"failure": str(part)}
    except (SupplierError, gateway.NotConnected) as error:
        return {"accounts": [], "entries": {"new": 0}, "failure": str(error)}


def told(result):
    return {"accounts": [account_told(account) for account in result.accounts], "entries": {"new": result.new_entries}}


def account_told(account):
    figures = {"balance": account.balance, "reserved": account.supplier_reserved, "available": account.available,
               "overdraft_limit": account.overdraft_limit}
    return {
        "currency": account.currency,
        **{name: money.plain(amount, account.currency) for name, amount in figures.items()},
        "is_overdrafted": account.is_overdrafted,
        "state": str(account.state),
    }


def as_lines(found):
    lines = []
    for name, one in found.items():
        for account in one["accounts"]:
            lines.append(f"{name} {account['currency']}: balance {account['balance'] or 'unknown'}, "
                         f"available {account['available'] or 'unknown'}, {account['state']}")
        lines.append(f"{name}: {one['entries']['new']} new entries in the books")
    return "\n".join(lines) or "No active supplier."
