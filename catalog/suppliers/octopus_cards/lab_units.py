"""What the Octopus Cards stand-in delivers: codes and profiles that nobody can mistake for real ones."""

import hashlib
from datetime import timedelta

from ..esims import check_digit
from ..lab_goods import Good, LabOrder


def make_unit(order: LabOrder, good: Good, serial: int) -> dict:
    """A voucher, an eSIM profile, or nothing for a top-up."""
    text = hashlib.sha256(f"octopus/{order.id}/{serial}".encode()).hexdigest().upper()
    if "gigabytes" in good.detail:
        iccid = f"89{int(text[:16], 16):020d}"[:18]
        return {"iccid": iccid + check_digit(iccid), "activation_code": f"LPA:1$smdp.example.test$TEST-{text[:8]}"}
    if "delivery" not in good.detail:
        return {}
    is_link = good.detail["delivery"] == "link"
    expires = (order.created_at + timedelta(days=365)).strftime("%Y-%m-%dT00:00:00Z")
    return {
        "card_number": None if is_link else f"TEST-{text[:4]}-{text[4:8]}-{text[8:12]}",
        "pin_code": None if is_link else str(int(text[12:16], 16)).zfill(5),
        "claim_url": f"https://claim.example.test/TEST-{text[:16]}" if is_link else None,
        "expires_at": expires,
        "voucher_reference_number": f"TEST{order.number:06d}{serial:04d}" if serial % 2 else None,
    }
