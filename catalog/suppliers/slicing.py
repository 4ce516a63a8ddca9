"""Cutting a page into the elements of its list, so that only those which are new need to be decoded and understood.

An element whose bytes were read before has nothing new to say. msgspec finds where each begins and ends; what is read after
all is decoded as strictly as a whole page is.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from .decoding import decode

DIGEST_BYTES = 16
_AROUND = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_ENCODER = msgspec.json.Encoder(order="sorted")


class Unread(NamedTuple):
    """A row that was sent and not looked at: equal digests mean that `read` gives what it gave before.

    `digest` covers the bytes that were sent and all else that the client goes by in reading them; `ref` is the id as it
    stands there, `sku_refs` those of its SKUs. `read` raises Misread.
    """

    ref: str
    digest: bytes
    read: Callable[[], object]
    sku_refs: tuple[str, ...]


def unread(body, name, read_row, *, refs_of, context):
    """What stands around the list `name` of `body`, decoded, and its elements as Unread rows; the elements are None where
    they cannot be told apart without reading all: then the first value is the whole body, decoded. Raises Misread.

    `refs_of` is a decoder that gives, for the bytes of the list, pairs of the id of each element and of the ids of its
    SKUs. `context` is a `context(..)` of all that `read_row` goes by but the element.
    """
    around, listed = _cut(body, name)
    if listed is None:
        return around, None
    try:
        refs = refs_of(listed)
    except msgspec.MsgspecError:
        return decode(body), None
    return around, tuple(
        Unread(ref, hashlib.blake2b(element, digest_size=DIGEST_BYTES, salt=context).digest(),
               partial(_read, read_row, element), sku_refs)
        for (ref, sku_refs), element in zip(refs, _ELEMENTS.decode(listed), strict=True))


def context(*values):
    """A digest of `values`, which JSON can hold."""
    return hashlib.blake2b(_ENCODER.encode(values), digest_size=DIGEST_BYTES).digest()


def _cut(body, name):
    """What stands around the list, decoded as strictly as always with the list emptied, and the bytes of the list."""
    try:
        listed = bytes(_AROUND.decode(body)[name])
    except (msgspec.MsgspecError, KeyError, RecursionError):
        return decode(body), None
    around = decode(body.replace(listed, b"[]", 1))
    # The same bytes may have stood elsewhere first, or be no list.
    return (around, listed) if around.get(name) == [] else (decode(body), None)


def _read(read_row, element):
    return read_row(decode(bytes(element)))
