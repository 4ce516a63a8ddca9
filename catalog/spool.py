"""Where call records wait while the database cannot take them: one sealed, fsynced file each under `var/spool`.

`replay` puts them into the call log. A file is removed only after its row is committed, and its key is unique, so a
record is neither lost nor doubled.
"""

import contextlib
import json
import logging
import os
import shutil

from django.conf import settings
from django.core import serializers
from django.core.serializers.base import DeserializationError
from django.db import DataError, Error, IntegrityError, connection, transaction

from . import vault
from .models import Call

logger = logging.getLogger(__name__)

FREE_BYTES = 50 * 1024 * 1024
LIMIT = 10_000


class Full(Exception):
    """A record could be kept neither in the database nor on disk."""


def keep(call):
    """Write one unsaved Call to disk. Raises Full."""
    text = serializers.serialize("json", [call])
    path = _folder() / f"{call.key}.call"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, vault.seal(text, place=f"spool:{call.key}"))
    except OSError as error:
        raise Full(f"The call log can be written neither to the database nor to {path.parent}: {error}") from error


def replay():
    """Move what waits into the call log; the number moved. Stops quietly while the database is still away."""
    moved = 0
    for path in sorted(_folder().glob("*.call")):
        try:
            moved += _restore(path)
        except FileNotFoundError:
            continue  # another process was faster
        except (vault.Unreadable, ValueError, DeserializationError, IntegrityError, DataError) as error:
            # It is this record's fault, and the others must not wait for it.
            logger.error("spool: %s cannot be replayed and is set aside: %s", path.name, type(error).__name__)
            with contextlib.suppress(FileNotFoundError):
                path.rename(path.with_suffix(".unreadable"))
        except Error as error:
            logger.warning("spool: %s, %s stays", type(error).__name__, path.name)
            drop_dead_connection()
            break
    return moved


def waiting():
    """How many records wait on this machine's disk, those set aside as unreadable included."""
    return sum(1 for path in _folder().glob("*") if path.suffix in (".call", ".unreadable"))


def has_room():
    """Whether another record could be kept on disk: nothing may be bought while this is false."""
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        waiting = sum(1 for _ in folder.iterdir())
        return waiting < LIMIT and shutil.disk_usage(folder).free > FREE_BYTES and os.access(folder, os.W_OK)
    except OSError:
        return False


def drop_dead_connection():
    """Make room for a new connection where the server has dropped ours; it never comes back by itself."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _folder():
    return settings.VAR_DIR / "spool"


def _write(path, text):
    """The name appears only when the content is on the disk, and then the name is made to stay."""
    half = path.with_suffix(".half")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _restore(path):
    key = path.stem
    text = vault.unseal(path.read_text(), place=f"spool:{key}")
    (fields,) = [row["fields"] for row in json.loads(text)]
    if fields["key"] != key:
        raise ValueError("its key and its name differ")
    is_new = not Call.objects.filter(key=key).exists()
    if is_new:
        (restored,) = serializers.deserialize("json", text)
        try:
            with transaction.atomic():
                restored.object.save(force_insert=True)
        except IntegrityError:
            if not Call.objects.filter(key=key).exists():
                raise
    path.unlink(missing_ok=True)
    return int(is_new)
