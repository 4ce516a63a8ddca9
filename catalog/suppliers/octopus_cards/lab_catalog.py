"""The goods of the Octopus Cards stand-in. Keys name the vertical, because an id may stand in two of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..lab_goods import UNLIMITED, Good, Product
from . import lab_tables as tables

GAMING, MOBILE, UTILITY, VOUCHER, ESIM = "GAMING", "MOBILE", "UTILITY", "VOUCHER", "ESIM"
TOPUPS = (GAMING, MOBILE, UTILITY)
FIRST_VARIANT = 91001
MOST_VOUCHERS = 5000
LABELS = {
    "player_id": "Player ID", "server": "Server", "phone_number": "Phone number", "account_id": "Account",
}  # fmt: skip
_NAMED = re.compile(r"(\S.*?)=([\d.]+)")


@dataclass(frozen=True, slots=True)
class Currency:
    code: str
    id: int
    name: str
    precision: int
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Country:
    id: int
    alpha_3: str
    alpha_2: str
    numeric_code: str
    dialing_prefix: str
    name: str
    official_name: str


def _lines(table: str) -> Iterator[list[str]]:
    return (line.split("|") for line in table.strip().splitlines())


CURRENCIES = {
    code: Currency(code, int(number), name, int(digits), Decimal(worth))
    for code, number, name, digits, worth in _lines(tables.CURRENCIES)
}
COUNTRIES = {
    alpha_3: Country(number, alpha_3, alpha_2, numeric, f"+{prefix}", name, official)
    for number, (alpha_3, alpha_2, numeric, prefix, name, official) in enumerate(_lines(tables.COUNTRIES), 1)
}


def _names(part: int) -> dict[str, int]:
    found = dict.fromkeys(row[2].split("/")[part] for row in _lines(tables.VOUCHERS))
    return {name: number for number, name in enumerate(found, 1)}


CATEGORIES, SUBCATEGORIES = _names(0), _names(1)


def build() -> tuple[dict[str, Product], dict[str, Good]]:
    """All products by key, and all their goods by SKU."""
    products, goods = {}, {}
    for product, rows in [*_games(), *_operators(), *_utilities(), *_vouchers(), *_esims()]:
        ref = f"{vertical(product['kind'])}/{product.pop('number')}"
        found = [
            Good(sku=f"{ref}/{number}", product=ref, detail={"id": FIRST_VARIANT + len(goods) + number, **detail}, **row)
            for number, (row, detail) in enumerate(rows)
        ]
        products[ref] = Product(ref=ref, skus=tuple(good.sku for good in found), **product)
        goods |= {good.sku: good for good in found}
    return products, goods


def vertical(kind: str) -> str:
    return {VOUCHER: "voucher", ESIM: "esim"}.get(kind, "topup")


def number_of(product: Product) -> int:
    """The id by which the supplier knows the product, inside its vertical."""
    return int(product.ref.rpartition("/")[2])


def _games() -> Iterator[tuple]:
    for number, name, country, currency, discount, inputs, offers in _lines(tables.GAMES):
        fields = tuple(_field(*text.partition(":")[::2]) for text in inputs.split())
        if ".." in offers:
            rows = [_ranged(name, currency, discount, offers, "Wallet")]
        else:
            rows = [_fixed(face, currency, discount, amount, "In-Game Currency") for face, amount in _named(offers)]
        yield _product(number, name, GAMING, country, fields), rows


def _operators() -> Iterator[tuple]:
    for number, name, country, currency, discount, airtime, plans in _lines(tables.OPERATORS):
        rows = [_ranged(f"{name} Airtime", currency, discount, airtime, "Airtime")]
        for text, amount in _named(plans):
            group, _, face = text.partition(" ")
            rows.append(_fixed(face, currency, discount, amount, group))
        yield _product(number, name, MOBILE, country, (_field("phone_number"),)), rows


def _utilities() -> Iterator[tuple]:
    for number, name, country, currency, discount, amounts in _lines(tables.UTILITIES):
        yield _product(number, name, UTILITY, country, (_field("account_id"),)), [
            _ranged(name, currency, discount, amounts, "")
        ]


def _vouchers() -> Iterator[tuple]:
    for number, name, sort, country, currency, discount, offers, delivery in _lines(tables.VOUCHERS):
        category, _, subcategory = sort.partition("/")
        rows = []
        for text in offers.split():
            face, _, stock = text.partition("*")
            row, detail = (_ranged if ".." in face else _fixed)(f"{name} {face} {currency}", currency, discount, face, "")
            row |= {"stock": int(stock) if stock else UNLIMITED, "max_per_order": MOST_VOUCHERS}
            rows.append((row, {**detail, "delivery": delivery, "subcategory": subcategory}))
        yield _product(number, name, VOUCHER, country, category=CATEGORIES[category]), rows


def _esims() -> Iterator[tuple]:
    for number, place, country, discount, plans in _lines(tables.ESIMS):
        rows = []
        for plan in plans.split():
            size, days, amount = plan.split("/")
            name = f"{place} {size} GB, {days} days" if size != "0" else f"{place} unlimited, {days} days"
            row, detail = _fixed(name, "USD", discount, amount, "")
            rows.append((row, {**detail, "gigabytes": size, "days": int(days)}))
        yield _product(number, f"eSIM {place}", ESIM, country), rows


def _product(number: str, name: str, kind: str, country: str, fields: tuple = (), category: int = 0) -> dict:
    return {
        "number": number, "name": name, "kind": kind, "category": category, "region": country, "fields": fields,
        "image": f"https://cdn.example.com/octopus/{number}.png" if int(number) % 3 else "",
    }  # fmt: skip


def _fixed(name: str, currency: str, discount: str, amount: str, group: str) -> tuple[dict, dict]:
    face, margin = Decimal(amount), 1 - Decimal(discount) / 100
    row = {
        "name": name, "currency": currency, "price": face * margin, "face": face, "face_currency": currency,
        "margin": margin, "max_per_order": 1, "group": group,
    }  # fmt: skip
    return row, {}


def _ranged(name: str, currency: str, discount: str, amounts: str, group: str) -> tuple[dict, dict]:
    low, _, high = amounts.partition("..")
    row = {
        "name": name, "currency": currency, "low": Decimal(low), "high": Decimal(high), "face_currency": currency,
        "margin": 1 - Decimal(discount) / 100, "max_per_order": 1, "group": group,
    }  # fmt: skip
    return row, {}


def _field(name: str, options: str = "") -> dict:
    shown = {"field_name": name, "required": True, "label": LABELS[name], "type": "select" if options else "text"}
    return {**shown, "options": options.split(",")} if options else shown


def _named(text: str) -> list[tuple[str, str]]:
    return [(name.strip(), amount) for name, amount in _NAMED.findall(text)]
