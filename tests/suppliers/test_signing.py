"""GiftAPI's signature, by the vectors of its contract."""

import pytest

from catalog.suppliers.giftapi.signing import signature, signed_headers, supplier_time

SECRET = "psec_test_4f1c9a"
SKU = "01a2b3c4-0000-7000-8000-00000000a001"
G1 = "c866a523ad85782f27d0f4dd919c55b6f524a945560babb2e2ee48de97e92ddf"


@pytest.mark.parametrize(("parts", "expected"), [
    (("1790000000", SKU, "BO-2026-000017"), G1),
    (("1790000000", SKU, "ЗАКАЗ-17"), "d2aa90e4dfab8623a15107881d957c54d10066e1f87148e998fac6eb61c1f3ad"),
    (("1790000060", "8900000000000000017", "BO-2026-000018"),
     "8f1c3fddfd1a4283cd1c0a3f3070c103bd63d822b0bcade827ea46fa8c4280f7"),
    (("1790000120", "order.status_changed", "0f0e0d0c-0b0a-4908-8706-050403020100"),
     "55bb45fad28310d597050f7ff6bfc563b1135828ca7081985b53a75bb4e46fe0"),
    (("1790000000", SKU + "B", "O-2026-000017"), G1),
], ids=["G1 order", "G2 UTF-8", "G3 eSIM", "G4 webhook", "G5 twin of G1"])
def test_vector(parts, expected):
    assert signature(SECRET, *parts) == expected


def test_headers_carry_the_signed_second():
    assert signed_headers(SECRET, now=1790000000.9, subject=SKU, external_id="BO-2026-000017") == {
        "x-timestamp": "1790000000", "x-signature": G1}


@pytest.mark.parametrize(("skew_s", "moved"), [
    (None, 0), (0.4, 0), (-59, 0), (61, 61), (-240, -240), (900, 900), (901, 0), (-86400, 0)])
def test_only_a_plausible_skew_moves_the_clock(skew_s, moved):
    assert supplier_time(1790000000, skew_s) == 1790000000 + moved
