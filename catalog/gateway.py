"""The one door to suppliers: a supplier's row, its sealed credentials, the call log and the circuit become a client.

A client is kept per process and thread, made on first use after a fork, and replaced when the row's connection changes.
"""

import json
import os
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from . import vault
from .calls import RowRecorder, last_skew_s
from .circuits import AskedCircuit, ProbeCircuit, RowCircuit
from .models import Supplier
from .suppliers import ports, registry
from .suppliers.errors import SupplierError
from .suppliers.http import Transport
from .suppliers.traits import DeskTraits
from .tokens import RowTokens

SKEW_HOLDS_FOR = timedelta(minutes=15)  # then a clock may have been put right; probes tell the time every minute


class NotConnected(Exception):
    """The supplier cannot be called as it is configured; the text says in plain words what to change."""


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """Whether a cheap authenticated read came back, and a sentence about it for staff. `error` is why it did not."""

    connected: bool
    detail: str
    error: Exception | None = None


class _Clients(dict):
    """The clients of one thread of one process; their connections are closed when the thread ends."""

    def __init__(self):
        super().__init__()
        self.pid = os.getpid()

    def __del__(self):
        if self.pid == os.getpid():
            for _, _, transport in self.values():
                transport.close()


_kept = threading.local()


def connect(supplier, *, even_switched_off=False):
    """A client of the supplier's API that has the ports the API can honour. Raises NotConnected; calls nothing.

    `even_switched_off` is for finding out about what was bought there before.
    """
    clients = _clients()
    form = (supplier.api, supplier.base_url, supplier.credentials, json.dumps(supplier.settings, sort_keys=True))
    known_form, client, transport = clients.get(supplier.pk, (None, None, None))
    if not even_switched_off:
        _refuse_switched_off(supplier)
    if known_form == form:
        return client
    if transport is not None:
        transport.close()
    client, transport = _build(supplier, RowCircuit(supplier))
    clients[supplier.pk] = (form, client, transport)
    return client


def supports(supplier, port):
    """Whether the supplier's API has `port`; false for an API we do not know."""
    return supplier.api in registry.APIS and registry.supports(supplier.api, port)


def active(port):
    """Active suppliers whose API has `port`, by name."""
    return [supplier for supplier in Supplier.objects.filter(is_active=True).order_by("name") if supports(supplier, port)]


def choices(port):
    """A queryset of the suppliers that a list of what `port` brings may be filtered by, by name, active or not."""
    lacking = [name for name in registry.APIS if not registry.supports(name, port)]
    return Supplier.objects.exclude(api__in=lacking).order_by("name")


def lacks(supplier, port):
    """Whether the supplier's API is one we know and has no `port`: there is nothing to be asked, and nothing wrong."""
    return supplier.api in registry.APIS and not registry.supports(supplier.api, port)


def order_ids(number):
    """What an order may be called here whose supplier calls it `number`: some of our ids say of which sort it is, too."""
    sorts = {sort for name in apis_with(ports.OrderDesk) for sort in registry.APIS[name].client.traits.order_sorts}
    return {number, *(f"{sort}:{number}" for sort in sorts if number.isdigit())}


def order_id(sku, number):
    """What an order of `sku` is called here whose supplier calls it `number`."""
    sort = sku.supplier_ref.partition(":")[0]
    return f"{sort}:{number}" if number.isdigit() and sort in traits(sku.supplier).order_sorts else number


def apis_with(port):
    """Names of the APIs that have `port`."""
    return [name for name in registry.APIS if registry.supports(name, port)]


def signs_orders_only(supplier):
    """Whether nothing but orders is signed there, so that no test can prove the signing secret."""
    api = registry.APIS.get(supplier.api)
    return bool(api) and getattr(api.client, "signs_orders_only", False)


def takes_test_orders(supplier):
    """Whether an order there can be marked as a test; only sandbox connections offer that."""
    return supplier.environment == supplier.Environment.SANDBOX and traits(supplier).test_orders


def traits(supplier):
    """What the supplier's API promises about orders; the strict choice for one that we do not know."""
    is_known = supports(supplier, ports.OrderDesk)
    return registry.APIS[supplier.api].client.traits if is_known else DeskTraits()


def keep_credentials(supplier, credentials):
    """Seal `credentials` (a dict) into the supplier's row and save that column. They can never be read on a page again."""
    _keep(supplier, credentials)


def add_credentials(supplier, credentials, *, former_until):
    """Keep `credentials` beside, or instead of, those of the same names that are kept already. Raises NotConnected.

    Where the secret that signs notices is replaced by another, the former one is accepted in them until `former_until`.
    """
    kept, name = _credentials(supplier), _notice_secret_name(supplier)
    former = kept.get(name, "")
    if former and credentials.get(name, former) != former:
        _keep(supplier, {**kept, **credentials}, former, former_until)
    else:
        _keep(supplier, {**kept, **credentials}, _former(supplier), supplier.former_secret_until)


def forget_former_secret(supplier):
    """Accept notices no longer that are signed with the secret before the present one."""
    _keep(supplier, _credentials(supplier))


def read_notice(supplier, *, headers, body, now):
    """The Notice in a request that says it comes from `supplier`. Raises suppliers.notices.RefusedNotice, NotConnected.

    The supplier's API must have the port `Notices`.
    """
    present = _credentials(supplier).get(_notice_secret_name(supplier), "")
    is_overlap = supplier.former_secret_until is not None and now < supplier.former_secret_until
    secrets = [secret for secret in (present, _former(supplier) if is_overlap else "") if secret]
    return registry.APIS[supplier.api].client.read_notice(headers=headers, body=body, secrets=secrets, now=now)


def has_credentials(supplier):
    """Names of the credentials that are kept and can be read, without their values."""
    with suppress(NotConnected):
        return tuple(name for name, value in _credentials(supplier).items() if value)
    return ()


def check(supplier):
    """Make one cheap read that needs the credentials. Never raises for what a supplier or the network may do.

    A person asked for it and wants to know what is wrong, so a circuit that is open does not stand in its way.
    """
    try:
        _refuse_switched_off(supplier)
        client, transport = _build(supplier, AskedCircuit(supplier))
        with closing(transport):
            return ConnectionCheck(True, _read_something(client, supplier))
    except (NotConnected, SupplierError) as error:
        return ConnectionCheck(False, str(error), error)


def probe(supplier):
    """The supplier's word on whether it is well, past its circuit. Raises NotConnected and SupplierError."""
    _refuse_switched_off(supplier)
    client, transport = _build(supplier, ProbeCircuit(supplier))
    with closing(transport):
        return client.probe()


def refuse_in_transaction():
    """Raise RuntimeError inside a database transaction: a supplier's slowness must never hold a lock of ours.

    The block that a Django test case wraps around each test does not count, as for `atomic(durable=True)`.
    """
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("A supplier was called inside a database transaction.")


def setting(supplier, name):
    """The setting `name` of a connection, its default where it is not set. Raises NotConnected for an odd one."""
    return _setting(supplier, name, registry.APIS[supplier.api].settings[name])


def _clients():
    clients = getattr(_kept, "clients", None)
    if clients is None or clients.pid != os.getpid():
        clients = _kept.clients = _Clients()
    return clients


def _refuse_switched_off(supplier):
    if not supplier.is_active:
        raise NotConnected(f"{supplier.name} is switched off. Switch it on in the admin to call it again.")


def _build(supplier, circuit):
    api = registry.APIS.get(supplier.api)
    if api is None:
        raise NotConnected(f"{supplier.name} speaks an API that Purser does not know: {supplier.api}.")
    credentials = _credentials(supplier)
    missing = [name for name in api.credentials if not credentials.get(name)]
    if missing:
        raise NotConnected(f"{supplier.name} lacks {', '.join(missing)}. Enter the credentials in the admin.")
    wanted = {name: _setting(supplier, name, one) for name, one in api.settings.items()}
    transport = Transport(
        supplier.base_url, allowed_hosts=settings.SUPPLIER_HOSTS, allow_local=settings.SUPPLIER_ALLOW_LOCAL,
        recorder=RowRecorder(supplier), circuit=circuit, guard=refuse_in_transaction,
        http2=api.speaks_http2, require_http2=wanted.get("http1_fallback") == "refuse",
    )
    # What other threads and processes were told of its clock: without it a first purchase could be signed by a wrong one.
    transport.skew_s = last_skew_s(supplier.pk, since=timezone.now() - SKEW_HOLDS_FOR)
    tokens = {"tokens": RowTokens(supplier)} if api.keeps_tokens else {}
    return api.client(transport, credentials, wanted, **tokens), transport


def _credentials(supplier):
    if not supplier.credentials:
        raise NotConnected(f"{supplier.name} has no credentials yet. Enter them in the admin.")
    try:
        return json.loads(vault.unseal(supplier.credentials, place=_place(supplier.name)))
    except vault.Unreadable as error:
        raise NotConnected(f"The credentials of {supplier.name} cannot be read. {error}") from error


def _setting(supplier, name, setting):
    if name not in supplier.settings:
        return setting.default
    try:
        return setting.parse(supplier.settings[name])
    except (ValueError, TypeError) as error:
        raise NotConnected(f"The setting {name} of {supplier.name} is odd: {error}") from error


def _keep(supplier, credentials, former="", former_until=None):
    text = json.dumps(dict(credentials), sort_keys=True)
    supplier.credentials = vault.seal(text, place=_place(supplier.name))
    supplier.former_secret = vault.seal(former, place=_former_place(supplier.name)) if former else ""
    supplier.former_secret_until = former_until if former else None
    supplier.save(update_fields=["credentials", "former_secret", "former_secret_until", "updated_at"])


def _former(supplier):
    """The secret before the present one; '' where there is none, or none that can be read any more."""
    try:
        return vault.unseal(supplier.former_secret, place=_former_place(supplier.name)) if supplier.former_secret else ""
    except vault.Unreadable:
        return ""


def _notice_secret_name(supplier):
    return registry.APIS[supplier.api].client.notice_secret if supports(supplier, ports.Notices) else ""


def _place(name):
    return f"supplier:{name}:credentials"


def _former_place(name):
    return f"supplier:{name}:former_secret"


def _read_something(client, supplier):
    """Balances need the key and are small; the list of types is next; a health probe may not look at the key at all."""
    if supports(supplier, ports.Till):
        count = len(client.balances())
        return f"{count} balance{'' if count == 1 else 's'} read."
    if supports(supplier, ports.CatalogSource):
        return f"{len(client.types())} product types read."
    if supports(supplier, ports.Probe):
        return client.probe().detail or "It answers."
    raise NotConnected(f"{supplier.name} has nothing that can be read as a test.")
