"""The eSIMs of the GiftAPI stand-in: profiles sold earlier, and packages added to them."""

import uuid
from datetime import UTC, datetime, timedelta

from ..lab_books import Books
from ..lab_desk import read_object
from ..lab_goods import Good, LabOrder
from ..lab_http import Request
from .lab_orders import Refusal, bought, invalid, unused_external_id

COVERAGE = [
    {"country_name": "United Arab Emirates", "country_code": "AE", "network_name": "Etisalat"},
    {"country_name": "United Kingdom", "country_code": "GB", "network_name": "Vodafone"},
]
KNOWN_ICCID = "8900000000000000011"
SPENT_ICCID = "8900000000000000029"


def first_esims(goods: dict[str, Good], now: datetime) -> dict[str, dict]:
    """Two profiles from before the first day: one that can be topped up, and one that cannot."""
    pack = next(good for good in goods.values() if good.face_currency == "GB")
    return {
        KNOWN_ICCID: profile(KNOWN_ICCID, pack, now - timedelta(days=10), can_renew=True),
        SPENT_ICCID: profile(SPENT_ICCID, pack, now - timedelta(days=300), can_renew=False),
    }


def profile(iccid: str, pack: Good, at: datetime, *, can_renew: bool) -> dict:
    size = pack.face
    shown = {
        "esim_id": str(uuid.uuid5(uuid.NAMESPACE_OID, iccid)),
        "iccid": iccid,
        "status": "Installed" if can_renew else "Expired",
        "qr_code": f"LPA:1$smdp.example.test$TEST-{iccid[-6:]}",
        "can_renew": can_renew,
        "last_bundle": pack.name,
        "data_balance": {"total_gb": size, "remaining_gb": size if can_renew else size * 0, "unit": "GB"},
        "active_packages": [_package(pack, at, 1)] if can_renew else [],
        "coverage": COVERAGE,
    }
    return {"sku": pack.sku, "shown": shown}


def issue(books: Books, order: LabOrder) -> None:
    """Registers the profiles that an order has just delivered."""
    for unit in order.delivered:
        if (iccid := unit.get("iccid")) and iccid not in books.esims:
            books.esims[iccid] = profile(iccid, books.goods[order.sku], order.created_at, can_renew=True)
            books.keep("esim", iccid, books.esims[iccid])


def topped_up(books: Books, request: Request, iccid: str) -> LabOrder:
    """The order that added a package. Raises Refusal with nothing changed."""
    esim, asked = books.esims.get(iccid), read_object(request.body) or {}
    if esim is None:
        raise Refusal(404, "eSIM not found")
    external_id = unused_external_id(books, request, asked.get("external_id"))
    if not esim["shown"]["can_renew"]:
        raise Refusal(422, "This eSIM cannot be renewed")
    good = books.goods.get(str(asked.get("sku_uuid") or esim["sku"]))
    if good is None or good.face_currency != "GB" or not books.products[good.product].is_active:
        raise invalid("sku_uuid", "The selected SKU is not an eSIM package.")
    order = bought(books, request, good, ref=external_id, quantity=1, amount=None, iccid=iccid)
    _add_package(esim["shown"], good, order.created_at)
    books.keep("esim", iccid, esim)
    return order


def _add_package(shown: dict, pack: Good, at: datetime) -> None:
    balance = shown["data_balance"]
    shown["data_balance"] = {**balance, "total_gb": balance["total_gb"] + pack.face}
    shown["data_balance"]["remaining_gb"] = balance["remaining_gb"] + pack.face
    shown["active_packages"] = [*shown["active_packages"], _package(pack, at, len(shown["active_packages"]) + 1)]
    shown["last_bundle"] = pack.name


def _package(pack: Good, at: datetime, number: int) -> dict:
    return {
        "id": f"pkg_{number}",
        "name": pack.name,
        "data_total": pack.face,
        "data_remaining": pack.face,
        "data_unit": "GB",
        "activated_at": _moment(at),
        "expires_at": _moment(at + timedelta(days=30)),
        "status": "active",
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
