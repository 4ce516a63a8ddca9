"""Every page of Purser with something on it, found by walking the addresses: nobody has to name a new one here.

An address with a placeholder needs an entry in FILLED; tests/house sees to that.
"""

import uuid
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse

from catalog import clock
from funding.models import Account, Threshold
from orders import entering, quoting, telling, terms
from orders.models import Esim, Notice, PhoneSearch, TransactionFile, UnmatchedPurchase
from orders.telling import FIELDS
from tests.house.test_views import addresses

TOKEN = uuid.UUID(int=7)
# What stands in the place of each placeholder, by the address.
FILLED = {
    "catalog/products/<int:pk>/": lambda shop: [shop.voucher.product_id],
    "catalog/suppliers/<slug:name>/": lambda shop: [shop.plexy.name, shop.giftapi.name, shop.wallet.name],
    "catalog/suppliers/<slug:name>/secret/": lambda shop: [shop.giftapi.name],
    "catalog/syncs/<int:pk>/": lambda shop: [shop.plexy.sync_runs.latest("started_at").pk],
    "funding/accounts/<int:account_id>/thresholds/new/": lambda shop: [shop.account.pk],
    "funding/accounts/<int:pk>/": lambda shop: [shop.account.pk],
    "funding/thresholds/<int:pk>/": lambda shop: [shop.threshold.pk],
    "monitoring/webhooks/<int:pk>/": lambda shop: [shop.notice.pk],
    "orders/<uuid:pk>/": lambda shop: [order.pk for order in shop.orders.values()],
    "orders/<uuid:pk>/approval/": lambda shop: [shop.orders["approval"].pk],
    "orders/<uuid:pk>/claim.txt": lambda shop: [shop.orders["unknown"].pk],
    "orders/<uuid:pk>/evidence/": lambda shop: [shop.orders["unknown"].pk],
    "orders/<uuid:pk>/receipt/": lambda shop: [shop.orders["completed"].pk],
    "orders/esims/<uuid:pk>/": lambda shop: [shop.esim.pk],
    "orders/esims/<uuid:pk>/packages/": lambda shop: [shop.esim.pk],
    "orders/new/quotes/<uuid:pk>/": lambda shop: [f"{shop.quote.pk}/?token={TOKEN}&quantity=1"],
    "orders/new/quotes/<uuid:pk>/expiry/": lambda shop: [shop.quote.pk],
    "orders/new/recharge/searches/<uuid:pk>/": lambda shop: [shop.search.pk],
    "orders/transactions/<uuid:pk>/": lambda shop: [shop.transaction.pk],
    "orders/transactions/files/<uuid:pk>/": lambda shop: [shop.file.pk],
    "orders/transactions/files/<uuid:pk>/result.csv": lambda shop: [shop.file.pk],
}
# States of pages that an address by itself does not show.
VARIANTS = ("/catalog/?q=steam", "/catalog/?q=no+such+thing", "/confirm/?for=codes", "/funding/deposits/?currency=XXX",
            "/monitoring/alerts/?state=resolved", "/monitoring/webhooks/?result=stuck",
            "/orders/?q=nothing", "/orders/transactions/?q=nothing",
            "/admin/catalog/supplier/add/?api=octopus_cards")
AREAS = {"admin": ("/admin/",), "catalog": ("/catalog/",), "one order": ("/orders/",), "orders": ("/orders/",),
         "the rest": ("/",)}


def filled_shop(shop, wallet, lab, by):
    """`shop` with a row of every other kind that some page shows; `by` is who will look at it."""
    now = clock.now()
    account = Account.objects.get(supplier=shop.giftapi)
    row = next(iter(lab.books["game_wallet"].transactions.values()))
    told = telling.read({name: str(getattr(row, name)) for name in FIELDS if name != "provider_id"})
    transaction = entering.enter(supplier=wallet, query=told, by=by, now=now)
    file = TransactionFile.objects.create(supplier=wallet, name="shift.csv", created_at=now, by=by)
    file.rows.create(line=2, transaction=transaction)
    file.rows.create(line=3, problem="It has 1 of 9 cells.")
    UnmatchedPurchase.objects.create(
        supplier=shop.giftapi, supplier_order_id=str(uuid.UUID(int=9)), ref=str(uuid.UUID(int=8)), sku_ref="sku-1",
        word="completed", total="9.40", currency="USD", ordered_at=now, first_seen_at=now)
    return SimpleNamespace(
        **vars(shop), wallet=wallet, account=account, transaction=transaction, file=file,
        esim=Esim.objects.create(
            supplier=shop.giftapi, iccid="8944500612345678901", word="active", can_renew=True, last_package="Europe 5 GB",
            data_total=5, data_left="3.25", data_unit="GB", read_at=now, created_at=now, order=shop.orders["completed"]),
        threshold=Threshold.objects.create(account=account, trigger_amount="500", clear_amount="800", note="Weekend"),
        quote=_quote(shop.voucher, by, now),
        search=PhoneSearch.objects.create(
            supplier=shop.plexy, number="+447700900123", state="failed", note="No operator was found.", asked_at=now,
            asked_by=by),
        notice=Notice.objects.create(
            supplier=shop.giftapi, event_key="key", body_digest="0" * 64, kind="order", event="order.status_changed",
            received_at=now, last_received_at=now, result="read", handled_at=now, order=shop.orders["completed"], copies=2))


def pages(area, shop, user):
    """The addresses of one of AREAS that answer with a whole page; files and fragments are left out."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return [address for address in _addresses(shop) if area_of(address) == area and _is_page(client, address)]


def area_of(address):
    """The one of AREAS that looks over `address`."""
    if address.startswith("/orders/"):
        return "one order" if any(len(part) == 36 for part in address.split("/")) else "orders"
    return next(area for area, (start,) in AREAS.items() if address.startswith(start))


def _addresses(shop):
    for one in addresses():
        if "<" not in one.route:
            yield one.url
        elif one.route in FILLED:
            before, after = one.route.partition("<")[0], one.route.partition(">")[2]
            for value in FILLED[one.route](shop):
                yield f"/{before}{value}" if "?" in str(value) else f"/{before}{value}{after}"
    yield from VARIANTS
    euros = Account.objects.get(supplier=shop.plexy, currency="EUR")
    yield f"{reverse('orders:parked')}?account={euros.pk}&deposit=25"
    yield from _admin(shop)


def _admin(shop):
    """Django draws the rest as it draws these: one list to edit and one to read, and the forms that are ours."""
    yield reverse("admin:index")
    for name in ("catalog_supplier_changelist", "catalog_supplier_add", "orders_event_changelist", "auth_group_changelist",
                 "orders_spendlimit_add"):
        yield reverse(f"admin:{name}")
    yield reverse("admin:catalog_supplier_change", args=[shop.plexy.pk])


def _is_page(client, address):
    answer = client.get(address)
    return answer.status_code == 200 and not answer.streaming and b"<html" in answer.content


def _quote(sku, by, now):
    wanted = terms.check(sku=sku, quantity="1", amount=None, fields={})
    return quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=by, now=now), now=now)
