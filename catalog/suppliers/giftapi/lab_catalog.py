"""What the GiftAPI stand-in sells, from compact tables. They give the same goods each time."""

import hashlib
import uuid
from collections.abc import Iterator
from decimal import Decimal

from ..lab_goods import UNLIMITED, Good, Product, rounded

CATEGORIES = {
    1: ("Gift cards", "Подарочные карты", None),
    2: ("Games", "Игры", None),
    3: ("Streaming", "Подписки", None),
    4: ("Stores", "Магазины", 1),
    5: ("Consoles", "Консоли", 2),
    6: ("Mobile games", "Мобильные игры", 2),
    7: ("Mobile recharge", "Пополнение мобильных", None),
    8: ("eSIM", "eSIM", None),
    9: ("Travel and food", "Путешествия и еда", 1),
    10: ("Software", "Программы", None),
}
FX = {
    "USD": "1", "EUR": "1.09", "GBP": "1.27", "AED": "0.2723", "SAR": "0.2666", "KWD": "3.25", "JPY": "0.0066",
    "TRY": "0.029", "PLN": "0.25", "INR": "0.0119", "BRL": "0.18", "CAD": "0.73", "AUD": "0.66", "KZT": "0.0019",
    "IDR": "0.000062", "PHP": "0.0172", "MXN": "0.054",
}  # fmt: skip
REGIONS = {
    "US": "USA", "EU": "Europe", "GB": "United Kingdom", "AE": "UAE", "SA": "Saudi Arabia", "KW": "Kuwait",
    "JP": "Japan", "TR": "Türkiye", "PL": "Poland", "IN": "India", "BR": "Brasil", "CA": "Canada", "AU": "Australia",
    "KZ": "Қазақстан", "ID": "Indonesia", "PH": "Philippines", "MX": "México", "DE": "Deutschland", "FR": "France",
}  # fmt: skip

# brand | category | region:currency and face values; ...
CARDS = """
Apple Gift Card|4|US:USD 2 3 5 10 25 50 100; GB:GBP 10 15 25 50; AE:AED 25 50 75 100 250
Apple Gift Card|4|JP:JPY 500 1000 3000 5000 10000
Apple Gift Card|4|TR:TRY 50 100 150 250 500; PL:PLN 50 100; DE:EUR 15 25 50; CA:CAD 25 50; AU:AUD 20 50
Google Play|4|US:USD 5 10 15 20 25 30 50 100; GB:GBP 10 15 25 50; AE:AED 25 50 75 100; SA:SAR 50 100 200
Google Play|4|JP:JPY 1000 3000
Google Play|4|TR:TRY 50 100 150 250; DE:EUR 15 25 50; BR:BRL 30 50 100; IN:INR 500 1000
Amazon|4|US:USD 5 10 15 20 25 30 50 100; GB:GBP 10 15 25 50; AE:AED 25 50 75 100 250; DE:EUR 10 25 50
Amazon|4|JP:JPY 500 1000 3000 5000 10000
Amazon|4|CA:CAD 25 50; TR:TRY 50 100 150 250; IN:INR 500 1000 2000; FR:EUR 15 25 50
Steam Wallet|2|US:USD 5 10 20 50 100; EU:EUR 5 10 20 50; GB:GBP 5 10 25; AE:AED 40 100; SA:SAR 20 50 100
Steam Wallet|2|KW:KWD 3 5 10; TR:USD 5 10 20; KZ:KZT 1000 2500 5000; BR:BRL 20 50; IN:INR 250 500
Steam Wallet|2|ID:IDR 60000 120000 250000; PH:PHP 250 500
PlayStation Network|5|US:USD 10 20 25 50 100; GB:GBP 10 20 50; AE:USD 10 20 50; SA:USD 10 20 50; KW:USD 10 20
PlayStation Network|5|DE:EUR 10 20 50; TR:TRY 250 500 1000; PL:PLN 50 100; IN:INR 1000 2000; JP:JPY 1100 3000 5000
Xbox|5|US:USD 5 10 25 50; GB:GBP 10 25; EU:EUR 10 25 50; TR:TRY 50 100 150 250; AE:AED 25 50 75 100; SA:SAR 50 100
Xbox|5|BR:BRL 50 100
Xbox|5|JP:JPY 2000 5000
Nintendo eShop|5|US:USD 10 20 35 50; EU:EUR 15 25 50; JP:JPY 1000 3000; BR:BRL 50 100; MX:MXN 200 500; GB:GBP 15 25
Roblox|6|US:USD 10 20 25 50; EU:EUR 10 20; GB:GBP 10 20; BR:BRL 25 50; AE:AED 25 50 75 100; TR:TRY 100 200
Razer Gold|2|US:USD 5 10 20 50 100; TR:TRY 50 100 250; BR:BRL 20 50; IN:INR 500 1000; PH:PHP 100 500
Razer Gold|2|ID:IDR 50000 100000
Riot Games|2|US:USD 10 20 25 50; EU:EUR 10 20 50; TR:TRY 50 100 150 250; AE:AED 40 80; GB:GBP 10 20
Battle.net|2|US:USD 20 50 100; EU:EUR 20 50; GB:GBP 20
Free Fire Diamonds|6|BR:BRL 5 20; ID:IDR 20000 50000; IN:INR 80 400; MX:MXN 20 100
PUBG Mobile UC|6|US:USD 1 5 10 25 50; TR:TRY 35 170; SA:SAR 19 95
Netflix|3|US:USD 15 25 30 50 60 100; GB:GBP 25 50; EU:EUR 15 25 50; TR:TRY 200 300; BR:BRL 35 70; AE:AED 100 200
Netflix|3|PL:PLN 60 120
Netflix|3|SA:SAR 100 200
Spotify Premium|3|US:USD 10 30 60; GB:GBP 10 30; DE:EUR 10 30; TR:TRY 60 180; IN:INR 119 389; BR:BRL 17 50
Twitch|3|US:USD 15 25 50; EU:EUR 15 25; GB:GBP 15
Shahid VIP|3|AE:AED 40 120; SA:SAR 30 90; KW:KWD 3 9
Uber|9|US:USD 15 25 50; GB:GBP 10 25; AE:AED 25 50 75 100; BR:BRL 25 50; FR:EUR 15 25 50; IN:INR 250 500
Airbnb|9|US:USD 50 100; GB:GBP 50 100; DE:EUR 50 100; FR:EUR 50 100
Careem|9|AE:AED 25 50 75 100 200; SA:SAR 50 100; KW:KWD 5 10
Starbucks|9|US:USD 5 10 25; GB:GBP 10 25; AE:AED 25 50 75 100; JP:JPY 500 1000
noon|4|AE:AED 25 50 75 100 250 500; SA:SAR 50 100 250
Zalando|4|DE:EUR 20 50 100; PL:PLN 50 100; FR:EUR 20 50
IKEA|4|DE:EUR 15 25 50; AE:AED 100 250; PL:PLN 100 200
Carrefour|4|AE:AED 100 250 500; FR:EUR 15 25 50
Steam Gift Card – Sélection spéciale « jeux indépendants » pour toute la famille, édition numérique|2|FR:EUR 20 50
ニンテンドープリペイド番号|5|JP:JPY 1000 5000 9000
Kaspersky Plus|10|US:USD 35; DE:EUR 35; TR:TRY 500; KZ:KZT 12000
Microsoft 365|10|US:USD 70 100; DE:EUR 69 99; GB:GBP 60 80
"""

# operator | region:currency and amounts
RECHARGES = """
du|AE:AED 25 55 110 200
Etisalat by e&|AE:AED 25 50 100
STC|SA:SAR 20 50 100
Zain|KW:KWD 2 5 10
Ooredoo Kuwait|KW:KWD 3 6
Turkcell|TR:TRY 100 200 400
Airtel|IN:INR 199 399 719
Jio|IN:INR 149 299
Telkomsel|ID:IDR 25000 50000 100000
Globe|PH:PHP 50 100 300
Beeline Қазақстан|KZ:KZT 1000 2000 5000
Kcell|KZ:KZT 1000 3000
Telcel|MX:MXN 50 100 200
Claro|BR:BRL 20 30 50
T-Mobile|US:USD 10 25 50
Vodafone|DE:EUR 15 25 50
Docomo ahamo|JP:JPY 1000 3000
"""

# brand | category | type | region | face currency | lowest | highest | step | markup % | markup fixed
OPEN = """
Visa Prepaid, any amount|1|voucher_open_range|US|USD|10|500|1|3.5|0.5
Mastercard Virtual, any amount|1|voucher_open_range|EU|EUR|10|300|1|4|0
Amazon, any amount|4|voucher_open_range|AE|AED|25|2000|5|-1.5|0
noon, any amount|4|voucher_open_range|AE|AED|10|3000|10|-2|0
Carrefour, any amount|4|voucher_open_range|SA|SAR|50|1500|10|-1|0
Rakuten ポイント|4|voucher_open_range|JP|JPY|500|50000|100|1|0
Xcite|4|voucher_open_range|KW|KWD|5|150|0.5|0.75|0
du, any amount|7|recharge|AE|AED|5|500|1|1|0
Etisalat, any amount|7|recharge|AE|AED|5|500|1|1|0
Zain, any amount|7|recharge|KW|KWD|1|50|0.25|1.25|0
Jio, any amount|7|recharge|IN|INR|50|5000|1|2|0.1
Steam top-up by login|2|other|KZ|KZT|500|100000|100|5|0
"""

# place | GB/days/price in USD, ...
ESIMS = """
Europe|1/7/4.10 3/30/8.90 5/30/13.40 10/30/21.00 20/30/34.50
Türkiye|1/7/2.90 3/30/6.40 5/30/9.60 10/30/16.80
United Arab Emirates|1/7/4.60 3/30/11.80 5/30/17.50
USA|1/7/3.90 3/30/8.40 5/30/12.60 10/30/19.90 20/30/33.00
日本 (Japan)|1/7/3.40 3/30/7.20 5/30/10.90 10/30/18.00 20/30/29.90
Saudi Arabia|1/7/4.80 3/30/10.90 5/30/16.40
Thailand|1/7/2.60 3/30/5.90 5/30/8.80 15/30/17.90
United Kingdom|1/7/3.10 3/30/6.90 5/30/10.20 10/30/17.40
Global, 120 countries|1/7/8.90 3/30/22.50 5/60/34.00 10/180/59.00
Asia and Oceania|1/7/4.40 3/30/10.10 5/30/15.20
Deutschland|1/7/3.20 3/30/7.10 5/30/10.60 10/30/17.80
España|1/7/3.00 3/30/6.60 5/30/9.90 10/30/16.90
Italia|1/7/3.00 3/30/6.60 5/30/9.90 10/30/16.90
France|1/7/3.20 3/30/6.90 5/30/10.40 10/30/17.50
Қазақстан|1/7/3.80 3/30/8.60 5/30/12.90
Kuwait|1/7/5.20 3/30/12.40 5/30/18.80
Indonesia (Bali)|1/7/3.00 3/30/6.80 5/30/10.10 10/30/17.00
India|1/7/2.80 3/30/6.20 5/30/9.30
Brasil|1/7/4.50 3/30/10.20 5/30/15.40
México|1/7/4.30 3/30/9.80 5/30/14.70
Australia|1/7/3.90 3/30/8.50 5/30/12.70 10/30/21.00
대한민국 (South Korea)|1/7/3.30 3/30/7.00 5/30/10.50 10/30/17.60
"""

PHONE = {"name": "phone", "label": "Phone number", "type": "phone", "required": True, "hint": "International format"}
LOGIN = {"name": "account", "label": "Account login", "type": "text", "required": True}


def build() -> tuple[dict[str, Product], dict[str, Good]]:
    """All products by id, and all their goods by SKU id."""
    products, goods = {}, {}
    for product, rows in [*_cards(), *_recharges(), *_open(), *_esims()]:
        ref = _id("product", product["name"])
        found = [Good(sku=_id("sku", f"{product['name']}/{row['name']}"), product=ref, **row) for row in rows]
        products[ref] = Product(ref=ref, skus=tuple(good.sku for good in found), **product, **_texts(product["name"]))
        goods |= {good.sku: good for good in found}
    return products, goods


def _cards() -> Iterator[tuple]:
    for line in CARDS.strip().splitlines():
        brand, category, groups = line.split("|")
        for region, currency, faces in _groups(groups):
            name = f"{brand} | {REGIONS[region]}"
            rows = [_fixed(f"{face} {currency} {brand}", face, currency, name) for face in faces]
            yield _product(name, "voucher", category, region), rows


def _recharges() -> Iterator[tuple]:
    for line in RECHARGES.strip().splitlines():
        operator, groups = line.split("|")
        for region, currency, faces in _groups(groups):
            name = f"{operator} | {REGIONS[region]}"
            rows = [_fixed(f"{operator} {face} {currency}", face, currency, name, UNLIMITED) for face in faces]
            yield _product(name, "recharge_fixed", 7, region, (PHONE,)), rows


def _open() -> Iterator[tuple]:
    for line in OPEN.strip().splitlines():
        brand, category, kind, region, currency, low, high, step, percent, fixed = line.split("|")
        name = f"{brand} | {REGIONS[region]}"
        row = {
            "name": f"{brand} ({currency})", "currency": currency, "face_currency": currency, "low": Decimal(low),
            "high": Decimal(high), "step": Decimal(step), "markup_percent": Decimal(percent), "max_per_order": 99,
            "markup_fixed": Decimal(fixed), "rate": Decimal(FX[currency]),
        }  # fmt: skip
        fields = {"recharge": (PHONE,), "other": (LOGIN,)}.get(kind, ())
        yield _product(name, kind, category, region, fields), [row]


def _esims() -> Iterator[tuple]:
    for line in ESIMS.strip().splitlines():
        place, packs = line.split("|")
        yield _product(f"eSIM {place}", "esim", 8, ""), [_data_pack(place, *pack.split("/")) for pack in packs.split()]


def _data_pack(place: str, size: str, days: str, price: str) -> dict:
    return {
        "name": f"{size}GB {place}, {days} days",
        "currency": "USD",
        "price": Decimal(price),
        "face": Decimal(size),
        "face_currency": "GB",
    }


def _product(name: str, kind: str, category, region: str, fields: tuple = ()) -> dict:
    return {"name": name, "kind": kind, "category": int(category), "region": region, "fields": fields}


def _fixed(name: str, face: str, currency: str, product: str, stock: int | None = None) -> dict:
    chance = hashlib.sha256(f"{product}/{name}".encode()).digest()
    price = Decimal(face) * Decimal(FX[currency]) * Decimal(950 + chance[0] % 65) / 1000
    if stock is None:
        stock = (UNLIMITED, UNLIMITED, UNLIMITED, 40, 120, 120, 7, 0)[chance[1] % 8]
    return {
        "name": name, "currency": "USD", "price": rounded(price, "USD"), "face": Decimal(face),
        "face_currency": currency, "stock": stock,
        "max_per_order": (10, 5, 10, 1)[chance[2] % 4],
    }  # fmt: skip


def _groups(text: str) -> Iterator[tuple[str, str, list[str]]]:
    for group in text.split(";"):
        currency, *faces = group.split()
        region, _, currency = currency.partition(":")
        yield region, currency, faces


def _texts(name: str) -> dict:
    brand = name.split(" | ")[0]
    safe = brand.replace("&", "&amp;")
    has_image = hashlib.sha256(name.encode()).digest()[0] % 5 < 2
    return {
        "description": f"<p><strong>{safe}</strong>, delivered by e-mail within minutes.</p>"
        "<ul><li>Redeem once</li><li>No refunds after delivery</li></ul>",
        "description_ru": f"<p><strong>{safe}</strong>: доставка по электронной почте за несколько минут.</p>",
        "image": f"https://cdn.example.com/cards/{_id('image', name)[:8]}.png" if has_image else "",
    }


def _id(sort: str, name: str) -> str:
    """A UUID that looks like the supplier's own and is always the same for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://giftapi.invalid/{sort}/{name}"))
