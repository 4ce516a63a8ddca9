"""Bodies: a purchase's is read once, an answer's within a bound, whatever its sender makes of it."""

import zlib


class Unreadable(Exception):
    """The body is too big, cut off, or encoded in a way we did not ask for; the text is a plain sentence."""


def read_body(chunks, *, encoding, max_bytes):
    """The decoded body. Never holds more than `max_bytes` and one chunk; raises Unreadable."""
    if encoding in ("", "identity"):
        return _joined(chunks, max_bytes)
    if encoding in ("gzip", "x-gzip"):
        return _joined(_inflated(chunks, max_bytes), max_bytes)
    raise Unreadable("The answer came in an encoding we did not ask for.")


def once(content):
    """The body of a purchase, which cannot be sent a second time.

    A server of HTTP/2 may say that it never looked at a request, and the pool would then repeat it by itself; only the
    resolver may believe that.
    """
    yield content


def _joined(chunks, max_bytes):
    whole = bytearray()
    for chunk in chunks:
        if len(whole) + len(chunk) > max_bytes:
            raise Unreadable(f"The answer is longer than {max_bytes} bytes.")
        whole += chunk
    return bytes(whole)


def _inflated(chunks, max_bytes):
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    is_empty = True
    for chunk in chunks:
        is_empty = is_empty and not chunk
        if decoder.eof:
            raise Unreadable("The compressed answer goes on after its end.")
        try:
            # One byte more than allowed is enough to know that it is too long, however much is packed in this chunk.
            yield decoder.decompress(chunk, max_bytes + 1)
        except zlib.error:
            raise Unreadable("The compressed answer is damaged.") from None
    if not (is_empty or decoder.eof) or decoder.unused_data:
        raise Unreadable("The compressed answer is cut off or goes on after its end.")
