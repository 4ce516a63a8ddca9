"""Sealing secrets: AES-256-GCM, bound to the place they are stored in.

A sealed text is `kid.nonce.ciphertext` in URL-safe base64. `place` names the row and column, for example
`unit:<attempt ref>:2`; a sealed text moved to another place does not open. Keys come from FIELD_KEYS, newest first: the
first one seals, all of them open.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class Unreadable(Exception):
    """A sealed text cannot be opened: its key is missing from FIELD_KEYS, or it was altered or moved."""


def seal(text, *, place):
    """Seal `text` for `place`."""
    kid, key = _keys()[0]
    nonce = os.urandom(12)
    ciphertext = AESGCM(key).encrypt(nonce, text.encode(), f"{place}|{kid}".encode())
    return f"{kid}.{_encode(nonce)}.{_encode(ciphertext)}"


def unseal(sealed, *, place):
    """The text that was sealed for `place`; raises Unreadable."""
    try:
        kid, nonce, ciphertext = sealed.split(".")
        key = dict(_keys())[kid]
        return AESGCM(key).decrypt(_decode(nonce), _decode(ciphertext), f"{place}|{kid}".encode()).decode()
    except KeyError:
        raise Unreadable("The key that sealed this is not in FIELD_KEYS; add it back behind the newest.") from None
    except (ValueError, InvalidTag):
        raise Unreadable("The sealed text was altered, or belongs to another place.") from None


def fingerprints(code):
    """Keyed HMACs of `code`, one per key, newest first: store the first, compare with all."""
    return [
        hmac.new(hashlib.sha256(b"fingerprint|" + key).digest(), code.encode(), hashlib.sha256).hexdigest()
        for _, key in _keys()
    ]


def key_ids():
    """Ids of the keys at hand: the part of a sealed text before its first point."""
    return {kid for kid, _ in _keys()}


def _keys():
    keys = [base64.urlsafe_b64decode(key.replace("+", "-").replace("/", "_") + "=" * (-len(key) % 4))
            for key in settings.FIELD_KEYS]
    return [(hashlib.sha256(key).hexdigest()[:8], key) for key in keys]


def _encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
