"""The demo's suppliers: the lab's stand-ins, connected as a lead would connect real ones."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django.urls import reverse

from catalog import connecting, gateway
from catalog.models import Supplier
from catalog.suppliers import ports, registry
from funding import thresholds
from funding.models import Account, Threshold
from monitoring import probing, rounds

SUPPLIERS = {"plexy-demo": "plexy_gate", "giftapi-demo": "giftapi", "octopus-demo": "octopus_cards",
             "wallet-demo": "game_wallet"}
SETTINGS = {"octopus-demo": {"reads_per_minute": 0}}  # the stand-in does not mind
# Supplier, currency, trigger, clear: the second stands above what the lab's account holds, so it is crossed.
THRESHOLDS = (
    ("plexy-demo", "USD", "1000", "1500", "A wire takes two days"),
    ("plexy-demo", "EUR", "100", "150", "Top up before the weekend"),
    ("giftapi-demo", "USD", "500", "800", "Before the overdraft ends"),
    ("octopus-demo", "USD", "750", "1000", "Wires take days"),
)

# Minutes ago at which the stand-in answered its probe with an error: too few for the circuit, enough for the page.
UNWELL = {"giftapi": (44, 43)}


class RealShop(Exception):
    """The database holds suppliers that are not the demo's."""


def refuse_real_shop():
    """Raise RealShop where the demo could touch what is not its own.

    A shop that a demo opened may have been connected to more since, as the README says how; it goes on. Suppliers of the
    demo's own names count only on loopback: elsewhere they are somebody's.
    """
    strangers = Supplier.objects.exclude(name__in=SUPPLIERS).values_list("name", flat=True)
    if strangers and not _is_ours():
        raise RealShop(f"This database holds other suppliers ({', '.join(strangers)}); the demo leaves it alone.")


def _is_ours():
    urls = Supplier.objects.filter(name__in=SUPPLIERS).values_list("base_url", flat=True)
    return bool(urls) and all(urlsplit(url).hostname == "127.0.0.1" for url in urls)


def port_in_use_before():
    """The port the lab had at the last start, 0 for a first start."""
    urls = Supplier.objects.filter(name__in=SUPPLIERS).values_list("base_url", flat=True)
    return urlsplit(urls[0]).port or 0 if urls else 0


def connect(lab_url, credentials, *, by, now):
    """Connect the stand-ins at `lab_url`; gives suppliers by name."""
    for name, api in SUPPLIERS.items():
        supplier = Supplier.objects.filter(name=name).first() or Supplier(
            name=name, api=api, settings=SETTINGS.get(name, {}))
        if supplier.base_url != f"{lab_url}/{api}":
            supplier.base_url = f"{lab_url}/{api}"
            connecting.connect(supplier=supplier, credentials=credentials[api], by=by, now=now)
    return Supplier.objects.in_bulk(SUPPLIERS, field_name="name")


def notice_addresses(home):
    """Where those of the stand-ins that send webhooks send them, by API; `home` is where the web server answers."""
    return {api: f"{home}{reverse('webhook', args=[name])}" for name, api in SUPPLIERS.items()
            if registry.supports(api, ports.Notices)}


def fill(suppliers, *, now):
    """Read everything for the first time: balances, books, catalog, health."""
    for supplier in suppliers.values():
        for kind in ("walk", "books", "balances", "probe"):
            if gateway.supports(supplier, rounds.PIECES[kind].port):
                rounds.do(kind, supplier=supplier, now=now)


def read_books(suppliers, *, now):
    """Books and balances as they stand now, whenever they were read last."""
    for supplier in suppliers.values():
        if gateway.supports(supplier, rounds.PIECES["books"].port):
            rounds.do_now("books", supplier=supplier, now=now)


def probe_the_last_hour(lab, suppliers, *, now):
    """An hour of health probes, some slow and a few unanswered, unless there are some."""
    for supplier in suppliers.values():
        if supplier.probe_results.count() > 2:
            continue
        for minutes in range(60, 0, -1):
            if minutes % 7 == 0:
                lab.fail(supplier.api, "*", "late", seconds=0.01 * (minutes % 5 + 1))
            elif minutes in UNWELL.get(supplier.api, ()):
                lab.fail(supplier.api, "*", "error", times=None, status=503)
            probing.probe(supplier=supplier, now=now - timedelta(minutes=minutes))
            lab.clear()


def set_thresholds(*, now):
    """The thresholds that finance would set."""
    for name, currency, trigger, clear, note in THRESHOLDS:
        account = Account.objects.get(supplier__name=name, currency=currency)
        if not account.thresholds.exists():
            thresholds.keep(now=now, threshold=Threshold(
                account=account, trigger_amount=Decimal(trigger), clear_amount=Decimal(clear), note=note))
