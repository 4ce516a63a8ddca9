"""The TokenStore of a connection: one sealed row that all processes share, renewed by one of them at a time.

Whoever renews holds a lease on the row, never a lock, because a supplier is asked meanwhile. A process that dies with the
lease delays the others until it has run out; what it got and did not keep is lost, and the client signs in anew.
"""

import hashlib
import json
import time
import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from . import clock, vault
from .models import SupplierToken
from .suppliers.errors import NotSent
from .suppliers.tokens import Token

LEASE = timedelta(seconds=40)  # an exchange asks twice, ten seconds each, and may be retried within them
PATIENCE_S = 15.0
GLANCE_S = 0.05


class RowTokens:
    """Implements `catalog.suppliers.tokens.TokenStore` for one supplier."""

    def __init__(self, supplier):
        self._supplier = supplier
        # A token of other credentials, or of another address, is none of this connection's.
        connection = f"{supplier.api}|{supplier.base_url}|{supplier.credentials}"
        self._got_with = hashlib.sha256(connection.encode()).hexdigest()

    def read(self):
        """The kept token, or None."""
        row = self._mine().filter(got_with=self._got_with).exclude(sealed="").first()
        if row is None:
            return None
        try:
            return _opened(vault.unseal(row.sealed, place=self._place()))
        except vault.Unreadable:
            return None  # its key was taken out of FIELD_KEYS; signing in anew costs nothing

    def renew(self, stale, exchange):
        """A token other than `stale`, by waiting for somebody's exchange or by making one. Raises what `exchange` does."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            kept = self.read()
            if kept is not None and kept != stale:
                return kept
            lease = self._take_lease()
            if lease:
                return self._exchange(lease, stale, exchange)
            if time.monotonic() > deadline:
                raise NotSent(f"Another process is renewing the token of {self._supplier.name}. Nothing was sent.")
            time.sleep(GLANCE_S)

    def _exchange(self, lease, stale, exchange):
        held = self._mine().filter(lease=lease)
        try:
            kept = self.read()
            if kept is not None and kept != stale:
                return kept  # kept between our look and our lease
            token = exchange(kept)
            # Who held the lease for too long has lost it; what came later is the newer token then.
            held.update(sealed=vault.seal(_told(token), place=self._place()), got_with=self._got_with,
                        renewed_at=clock.now())
            return token
        finally:
            held.update(lease=None, lease_until=None)

    def _take_lease(self):
        """The id of our lease, or None while somebody holds one."""
        SupplierToken.objects.get_or_create(supplier=self._supplier)
        now, lease = clock.now(), uuid.uuid4()
        free = self._mine().filter(Q(lease_until=None) | Q(lease_until__lte=now))
        return lease if free.update(lease=lease, lease_until=now + LEASE) else None

    def _mine(self):
        return SupplierToken.objects.filter(supplier=self._supplier)

    def _place(self):
        return f"supplier:{self._supplier.name}:token"


def _told(token):
    return json.dumps({
        "access": token.access, "refresh": token.refresh, "access_expires_at": token.access_expires_at.isoformat(),
        "refresh_expires_at": token.refresh_expires_at.isoformat()})


def _opened(text):
    told = json.loads(text)
    return Token(
        access=told["access"], refresh=told["refresh"],
        access_expires_at=datetime.fromisoformat(told["access_expires_at"]),
        refresh_expires_at=datetime.fromisoformat(told["refresh_expires_at"]))
