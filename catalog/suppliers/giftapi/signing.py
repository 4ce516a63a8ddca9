"""GiftAPI's signature: HMAC-SHA256 over a bare concatenation, good for five minutes around its timestamp.

Quantity and amount are not signed, so what comes back is compared with what was asked. Nothing separates the parts either:
our references have one fixed shape, or a letter could move from one part to the next without breaking the signature.
"""

import hashlib
import hmac

CLOCK_TOLERANCE_S = 60
LARGEST_CORRECTION_S = 900


def signature(secret, *parts):
    """Lower-case hex over the parts in their order; text is signed as UTF-8."""
    return hmac.new(secret.encode(), "".join(parts).encode(), hashlib.sha256).hexdigest()


def signed_headers(secret, *, now, subject, external_id):
    """The two headers of a signed request. `subject` is the SKU of an order, or the ICCID of an eSIM top-up."""
    timestamp = str(int(now))
    return {"x-timestamp": timestamp, "x-signature": signature(secret, timestamp, subject, external_id)}


def supplier_time(now, skew_s):
    """Our time, moved to the supplier's clock when that is clearly off ours but not absurdly so."""
    is_off = skew_s is not None and CLOCK_TOLERANCE_S < abs(skew_s) <= LARGEST_CORRECTION_S
    return now + skew_s if is_off else now
