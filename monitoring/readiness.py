"""Whether this process could do its work now."""

from django.db import DatabaseError, connection

from catalog import vault
from catalog.models import Supplier


def faults():
    """Names of what is missing: `database`, `keys` (they do not open what they sealed), `credentials` (sealed by a key
    that is not in FIELD_KEYS any more). Empty: ready."""
    if not _keys_work():
        return ["keys"]
    try:
        connection.ensure_connection()
        sealed = list(Supplier.objects.filter(is_active=True).exclude(credentials="").values_list("credentials", flat=True))
    except DatabaseError:
        return ["database"]
    return [] if all(text.split(".")[0] in vault.key_ids() for text in sealed) else ["credentials"]


def _keys_work():
    try:
        return vault.unseal(vault.seal("ready", place="readyz"), place="readyz") == "ready"
    except (vault.Unreadable, ValueError):
        return False
