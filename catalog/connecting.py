"""Connecting a supplier, changing the connection, pausing it, and testing it. Staff acts; each leaves a SupplierEvent."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django_q.tasks import async_task

from . import findings, gateway
from .models import ConnectionTest, Supplier, SupplierEvent
from .suppliers import registry
from .suppliers.addresses import allowed_base
from .suppliers.errors import Forbidden

ADDRESS_LENGTH = 300
CREDENTIAL_LENGTH = 8192
# A test that waited longer than this was lost with the queue: another may be asked for.
WAITS_FOR = timedelta(minutes=2)
# How long notices may still be signed with the secret that was replaced, unless told otherwise.
OVERLAP = timedelta(hours=24)
Kind = SupplierEvent.Kind


class Wrong(Exception):
    """A connection cannot be kept as given: `errors` maps what `wrong_with` names to a sentence."""

    def __init__(self, errors):
        self.errors = errors
        super().__init__(" ".join(errors.values()))


def connect(*, supplier, credentials, by, now, overlap=OVERLAP):
    """Keep a new or changed `supplier` (its fields set, not saved) with the `credentials` given. Raises Wrong.

    Credentials not given stay as they are, except where the API or the address is another: a key must not travel to
    another address, so all of them are asked for again. A replaced webhook secret stays good for `overlap`.
    """
    supplier.base_url = supplier.base_url.rstrip("/")
    errors = wrong_with(supplier, credentials)
    if errors:
        raise Wrong(errors)
    before = _stored(supplier)
    with transaction.atomic():
        supplier.save()
        if _kept_names(before, supplier):
            gateway.add_credentials(supplier, credentials, former_until=now + overlap)
        else:
            gateway.keep_credentials(supplier, credentials)
        told = _changes(before, supplier, credentials)
        if told:
            kind = Kind.CREATED if before is None else Kind.CHANGED
            SupplierEvent.objects.create(supplier=supplier, at=now, kind=kind, text=told[:400], by=by)
    return supplier


def wrong_with(supplier, credentials):
    """What is wrong with a connection that is to be kept so, as `{field: sentence}`; empty where nothing is.

    One credential or setting is named `credentials.api_key`, `settings.page_size`.
    """
    api = registry.APIS.get(supplier.api)
    if api is None:
        known = ", ".join(sorted(registry.APIS))
        return {"api": f"There is no API called “{supplier.api[:30]}”. Purser speaks: {known}."}
    errors = {
        "name": _wrong_name(supplier),
        "base_url": _wrong_address(supplier.base_url),
        **_wrong_credentials(api, credentials, _stored(supplier), supplier),
        **_wrong_settings(api, supplier.settings),
    }
    return {field: sentence for field, sentence in errors.items() if sentence}


def replace_secret(*, supplier, secret, overlap, by, now):
    """Have `secret` sign from now on; notices signed with the former one are taken for `overlap` more. Raises Wrong."""
    name = registry.APIS[supplier.api].client.notice_secret
    return connect(supplier=supplier, credentials={name: secret}, by=by, now=now, overlap=overlap)


def retire_secret(*, supplier, by, now):
    """Take no more notices that are signed with the secret before the present one. False where there was none."""
    with transaction.atomic():
        supplier = Supplier.objects.select_for_update().get(pk=supplier.pk)
        if not supplier.former_secret:
            return False
        gateway.forget_former_secret(supplier)
        SupplierEvent.objects.create(
            supplier=supplier, at=now, kind=Kind.CHANGED, text="former webhook secret retired", by=by)
    return True


def pause(*, supplier, reason, by, now):
    """Send nothing new to `supplier` until it is resumed. False where it was paused already."""
    with transaction.atomic():
        done = Supplier.objects.filter(pk=supplier.pk, paused_at=None).update(
            paused_at=now, paused_reason=reason[:300], updated_at=now)
        if done:
            SupplierEvent.objects.create(supplier=supplier, at=now, kind=Kind.PAUSED, text=reason[:400], by=by)
    return bool(done)


def resume(*, supplier, reason, by, now):
    """Send orders to `supplier` again. False where it was not paused."""
    with transaction.atomic():
        done = Supplier.objects.filter(pk=supplier.pk, paused_at__isnull=False).update(
            paused_at=None, paused_reason="", updated_at=now)
        if done:
            SupplierEvent.objects.create(supplier=supplier, at=now, kind=Kind.RESUMED, text=reason[:400], by=by)
    return bool(done)


def refuses_us(supplier):
    """Whether Purser itself paused buying at `supplier`, because our key was not accepted."""
    last = SupplierEvent.objects.filter(supplier=supplier, kind=Kind.PAUSED).order_by("-at", "-pk").first()
    return supplier.is_paused and last is not None and last.by_id is None


def ask_test(*, supplier, by, now):
    """A ConnectionTest that a worker will carry out; one that waits already is given again."""
    waiting = ConnectionTest.objects.filter(supplier=supplier, state=ConnectionTest.State.WAITING)
    recent = waiting.filter(requested_at__gt=now - WAITS_FOR).order_by("-requested_at").first()
    if recent:
        return recent
    with transaction.atomic():
        test = ConnectionTest.objects.create(supplier=supplier, requested_at=now, by=by)
        async_task("catalog.tasks.check_connection", test.pk)
    return test


def carry_out(*, test, now):
    """Test the connection and keep what came of it; a test that is finished is left alone."""
    if test.state != ConnectionTest.State.WAITING:
        return
    result = gateway.check(test.supplier)
    state = ConnectionTest.State.CONNECTED if result.connected else ConnectionTest.State.FAILED
    ConnectionTest.objects.filter(pk=test.pk, state=ConnectionTest.State.WAITING).update(
        state=state, detail=result.detail[:400], finished_at=now, steps=_steps(test, result))


def _steps(test, result):
    if isinstance(result.error, gateway.NotConnected):
        return []
    told = test.supplier.calls.filter(started_at__gte=test.requested_at, skew_s__isnull=False).order_by("-started_at")
    return findings.of(
        result.error, skew_s=told.values_list("skew_s", flat=True).first(),
        signs_orders_only=gateway.signs_orders_only(test.supplier))


def _wrong_name(supplier):
    try:
        Supplier._meta.get_field("name").clean(supplier.name, supplier)
    except ValidationError as error:
        return f"Name: {' '.join(error.messages)}"
    return ""


def _wrong_address(base_url):
    if len(base_url) > ADDRESS_LENGTH:
        return f"The base address is longer than {ADDRESS_LENGTH} characters."
    try:
        allowed_base(base_url, allowed_hosts=settings.SUPPLIER_HOSTS, allow_local=settings.SUPPLIER_ALLOW_LOCAL)
    except Forbidden as error:
        return error.message
    return ""


def _wrong_credentials(api, credentials, before, supplier):
    kept = _kept_names(before, supplier)
    missing = [name for name in api.credentials if not credentials.get(name) and name not in kept]
    moved = " Another address needs them all again: keys must not travel there by themselves."
    errors = {f"credentials.{name}": f"{api.title} needs {name}.{moved if before and not kept else ''}"
              for name in missing}
    errors |= {f"credentials.{name}": "It is too long, or holds characters that no key has."
               for name, value in credentials.items() if not _may_be_key(value)}
    unknown = sorted(set(credentials) - set(api.credentials))
    if unknown:
        needs = ", ".join(api.credentials)
        errors["credentials"] = f"{api.title} has no credential called {', '.join(unknown)}. It needs: {needs}."
    return errors


def _may_be_key(value):
    return len(value) <= CREDENTIAL_LENGTH and all(ord(char) >= 32 or char in "\r\n" for char in value)


def _stored(supplier):
    return Supplier.objects.filter(pk=supplier.pk).first() if supplier.pk else None


def _kept_names(before, supplier):
    """Names of the credentials that may stay: none where the API or the address becomes another."""
    if before is None or (before.api, before.base_url) != (supplier.api, supplier.base_url):
        return ()
    return gateway.has_credentials(before)


def _wrong_settings(api, given):
    errors = {f"settings.{name}": _wrong_setting(api.settings[name], value)
              for name, value in given.items() if name in api.settings}
    unknown = sorted(set(given) - set(api.settings))
    if unknown:
        known = ", ".join(api.settings) or "none"
        errors["settings"] = f"{api.title} has no setting called {', '.join(unknown)}. Its settings: {known}."
    return errors


def _wrong_setting(setting, value):
    try:
        setting.parse(value)
    except (ValueError, TypeError) as error:
        told = str(error)
        return f"{told[:1].upper()}{told[1:]}."
    return ""


def _changes(before, supplier, credentials):
    """What an event says: names of what changed, values only of what is no secret."""
    if before is None:
        return f"{supplier.api} at {supplier.base_url} ({supplier.environment})"
    told = [f"{name}: {getattr(before, name)} → {getattr(supplier, name)}"
            for name in ("api", "base_url", "environment", "is_active", "settings")
            if getattr(before, name) != getattr(supplier, name)]
    if credentials:
        told.append(f"new {', '.join(sorted(credentials))}")
    return "; ".join(told)
