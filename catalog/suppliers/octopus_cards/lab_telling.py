"""How the Octopus Cards stand-in tells goods, orders and money."""

from datetime import datetime
from decimal import Decimal

from ..lab_goods import Good, LabOrder, LedgerRow, Product
from .lab_books import WALLETS, OctopusBooks
from .lab_catalog import CATEGORIES, COUNTRIES, CURRENCIES, GAMING, MOBILE, number_of

FIRST_TRANSACTION = 80_000
WORDS = {"completed": "DELIVERED", "partially_completed": "PARTIALLY_DELIVERED"}
TEXTS = {
    "PENDING": "Order submitted for fulfilment", "DELIVERED": "Order delivered", "FAILED": "Order failed and was refunded",
    "CANCELLED": "Order was cancelled and refunded", "RECHARGED": "Order recharged",
}  # fmt: skip
ENDED = frozenset({"DELIVERED", "FAILED", "CANCELLED"})


def word(order: LabOrder) -> str:
    return WORDS.get(order.status, order.status.upper())


def topup_product(product: Product, good: Good) -> dict:
    return {
        "id": number_of(product), "name": product.name, "topup_type": product.kind, "country_code": product.region,
        "currency_code": good.currency, "image_url": product.image,
    }  # fmt: skip


def topup_variant(product: Product, good: Good) -> dict:
    country = COUNTRIES.get(product.region)
    shown = {
        "id": good.detail["id"],
        "name": good.name,
        "category": good.group,
        "currency_code": good.currency,
        "available_in": [{"code": product.region, "name": country.name if country else "Global"}],
        "fields": _fields(product, good),
    }
    if good.is_open:
        return {**shown, "min_amount": good.low, "max_amount": good.high, "fixed_amounts": []}
    return {**shown, "fixed_amounts": [str(good.face)]}


def _fields(product: Product, good: Good) -> dict[str, str]:
    told = {"delivery_time": "Instant" if product.kind == GAMING else "Up to 30 minutes"}
    if product.kind == MOBILE and not good.is_open:
        told["validity_days"] = "".join(part for part in good.name.split(",")[-1] if part.isdigit()) or "30"
    return {"par_value": good.name, **told} if not good.is_open else told


def voucher_product(product: Product, goods: list[Good]) -> dict:
    return {
        "id": number_of(product), "name": product.name,
        "category": next(name for name, number in CATEGORIES.items() if number == product.category),
        "sub_category": goods[0].detail["subcategory"], "country_code": product.region,
        "currency_code": goods[0].currency, "image_url": product.image or None, "delivery_mode": goods[0].detail["delivery"],
        "delivery_time": "Instant", "validity": "365 days",
        "available_denominations": [_denomination(good) for good in goods],
    }  # fmt: skip


def _denomination(good: Good) -> dict:
    low, high = (good.low, good.high) if good.is_open else (good.face, good.face)
    return {"min_value": low, "max_value": high, "discount": _percent(good)}


def _percent(good: Good) -> Decimal:
    off = 1 - good.margin if good.is_open else 1 - good.price / good.face
    return (off * 100).quantize(Decimal("0.01"))


def esim_product(product: Product, good: Good) -> dict:
    return {
        "id": number_of(product), "name": product.name, "country_code": product.region, "currency_code": good.currency,
        "image_url": product.image,
    }  # fmt: skip


def esim_variant(product: Product, good: Good) -> dict:
    return {
        "id": good.detail["id"], "esim_product_id": number_of(product), "name": good.name,
        "description": f"Data only, {good.detail['days']} days from the first use", "currency_code": good.currency,
        "amount": good.face, "data_amount_gb": Decimal(good.detail["gigabytes"]), "validity_days": good.detail["days"],
        "client_discount": _percent(good),
    }  # fmt: skip


def topup_order(books: OctopusBooks, order: LabOrder) -> dict:
    product, good = books.products[order.product], books.goods[order.sku]
    shown = {
        "id": int(order.id), **_reference(order), "product_id": number_of(product), "product_name": product.name,
        "variant_name": good.name, "country_code": product.region, "amount": _net(order), "currency": good.currency,
        "status": word(order), "status_text": TEXTS.get(word(order), "Being looked at"),
        "created_at": moment(order.created_at),
    }  # fmt: skip
    return {**shown, **_ending(books, order)}


def esim_order(books: OctopusBooks, order: LabOrder, *, is_listed: bool = False) -> dict:
    good, life = books.goods[order.sku], books.esims.get(order.id, {})
    shown = topup_order(books, order)
    for name in ("product_id", "variant_name", "completed_at"):
        shown.pop(name, None)
    shown |= {"data_amount_gb": Decimal(good.detail["gigabytes"]), "validity_days": good.detail["days"]}
    if not order.delivered:
        return shown
    unit, is_installed = order.delivered[0], "installed_at" in life
    if not is_installed and not is_listed:
        shown["activation_code"] = unit["activation_code"]
    shown |= {
        "iccid": unit["iccid"], "is_installed": is_installed, "activation_status": life.get("status", "NOT_INSTALLED"),
    }  # fmt: skip
    return shown | {name: moment(life[name]) for name in ("installed_at", "activated_at") if name in life}


def voucher_order(books: OctopusBooks, order: LabOrder) -> dict:
    product, good = books.products[order.product], books.goods[order.sku]
    face = order.metadata["face"] if order.metadata else good.face * order.quantity
    return {
        "id": int(order.id), "product_id": number_of(product), "product_name": product.name,
        "denomination": face / order.quantity, "quantity": order.quantity, "amount": face, "discount": face - _net(order),
        **_reference(order), "wallet_id": WALLETS[order.currency], "status": word(order), "base_currency": good.currency,
        "deduction_currency": order.currency, "vouchers": order.delivered,
    }  # fmt: skip


def _net(order: LabOrder) -> Decimal:
    """What was charged, in the currency of the goods."""
    return order.metadata["net"] if order.metadata else order.total


def _reference(order: LabOrder) -> dict:
    return {"client_reference": order.ref} if order.ref else {}


def _ending(books: OctopusBooks, order: LabOrder) -> dict:
    told = {"completed_at": moment(order.finished_at)} if word(order) in ENDED else {}
    if order.status == "completed":
        charge = next((row for row in reversed(books.ledger) if row.order_id == order.id and row.kind == "charge"), None)
        told |= {"transaction_id": FIRST_TRANSACTION + charge.number} if charge else {}
    if order.status in ("failed", "cancelled"):
        told |= {
            "failure_code": order.finish.get("code") or "PLAN_UNAVAILABLE",
            "failure_reason": order.reason or "The plan is not available.",
            "is_user_fixable": bool(order.finish.get("fixable")),
        }
    return told


def wallet(books: OctopusBooks, currency: str, kind: str) -> dict:
    number = CURRENCIES[currency].id
    return {"id": WALLETS[currency], "currency_id": number, "amount": books.balances[currency], "type": kind}


def transaction(row: LedgerRow) -> dict:
    is_credit, amount = row.amount > 0, abs(row.amount)
    ending = {"charge": f"Order #{row.order_id}", "topup": "wire transfer"}.get(row.kind, row.kind)
    return {
        "id": FIRST_TRANSACTION + row.number, "wallet_id": WALLETS[row.currency],
        "currency_id": CURRENCIES[row.currency].id, "amount": amount,
        "transaction_type": "CREDIT" if is_credit else "DEBIT", "status": "FAILED" if row.kind == "failed" else "COMPLETED",
        "source_currency": None, "destination_currency": None, "forex_rate": None, "conversion_charges": None,
        "remarks": f"{row.currency} Wallet {'credited' if is_credit else 'debited'} by amount {amount:f} - {ending}",
        "created_at": moment(row.at),
    }  # fmt: skip


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
