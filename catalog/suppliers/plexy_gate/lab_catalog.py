"""What the Plexy Gate stand-in sells, from compact tables. They give the same goods each time."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal

from ..lab_goods import Good, Product, rounded

TYPES = {
    "redeem_card": (1, "Redeemable Card"),
    "direct_transfer": (2, "Direct Transfer"),
    "direct_top_up": (3, "Direct Top-up"),
}
CATEGORIES = {
    10: "PC game wallets",
    11: "Console stores",
    12: "Mobile games",
    13: "Streaming",
    14: "Shopping",
    15: "Software and security",
    16: "Apps and stores",
    17: "Food and travel",
    18: "Payment wallets",
}
REGIONS = {"USD": "US", "EUR": "EU", "GBP": "GB", "JPY": "JP", "KWD": "KW"}
FIRST_ID = 450

# brand | category | currency and face values; ...
CARDS = """
Steam Gift Card|10|USD 5 10 20 25 50 100; EUR 5 10 20 50 100; GBP 10 25 50; JPY 1000 3000 5000; KWD 3 5 10
PlayStation Store Card|11|USD 10 25 50 75 100; EUR 10 20 50 100; GBP 10 25 50; JPY 1100 3000 5000 10000; KWD 5 10
Xbox Gift Card|11|USD 5 10 25 50 100; EUR 5 10 25 50; GBP 10 25; JPY 2000 5000
Nintendo eShop Card|11|USD 10 20 35 50 70; EUR 15 25 50; JPY 1000 1500 3000 5000
Apple Gift Card|16|USD 10 25 50 100 200; EUR 10 25 50; GBP 15 25 50; JPY 1500 3000 10000
Google Play Gift Code|16|USD 5 10 25 50 100; EUR 5 15 25 50; GBP 10 25; JPY 1500 5000
Riot Access Code|10|USD 10 25 50; EUR 10 20 50
Battle.net Gift Card|10|USD 20 50 100; EUR 20 50
Razer Gold PIN|10|USD 5 10 20 50 100; KWD 3 5
Roblox Gift Card|12|USD 10 25 50; EUR 10 20
Netflix Gift Card|13|USD 25 50 100; EUR 25 50; GBP 25 50
Spotify Premium|13|USD 10 30 60; EUR 10 30
Twitch Gift Card|13|USD 15 25 50 100
Crunchyroll Premium|13|USD 25 50
Amazon Gift Card|14|USD 10 25 50 100; EUR 10 25 50; GBP 10 25; JPY 1000 3000 5000
eBay Gift Card|14|USD 25 50 100
IKEA Geschenkkarte für Möbel & Küche|14|EUR 25 50 100
Zalando Gutschein|14|EUR 20 50
任天堂プリペイドカード (Nintendo Prepaid Card)|11|JPY 500 9000
بطاقة شحن زين (Zain Prepaid Card)|16|KWD 2 4 7
Kaspersky Standard, one device, one year|15|USD 30; EUR 28
Microsoft 365 Personal, twelve months|15|USD 70; EUR 69
NordVPN two-year plan with Threat Protection for up to ten devices (new and existing customers)|15|USD 95
Uber Gift Card|17|USD 15 25 50
Starbucks eGift|17|USD 5 10 25
Airbnb Gift Card|17|USD 50 100; EUR 50
"""

# name | category | region | currency | lowest | highest | step | margin
TOP_UPS = """
Steam Wallet Top Up|10|GLOBAL|USD|5|100|1|1.25
Steam Wallet Top Up CIS|10|CIS|USD|1|150|0.5|1.08
PUBG Mobile UC|12|GLOBAL|USD|1|200|1|1.06
Mobile Legends Diamonds|12|GLOBAL|USD|1|100|0.5|1.07
Free Fire Diamonds|12|LATAM|USD|1|100|1|1.05
Genshin Impact Genesis Crystals|12|GLOBAL|USD|5|250|5|1.04
Honkai: Star Rail Oneiric Shards|12|EU|EUR|5|250|5|1.05
Roblox Robux|12|GLOBAL|USD|5|200|5|1.09
Fortnite V-Bucks|12|EU|EUR|8|80|8|1.10
Valorant Points|10|EU|EUR|5|100|5|1.06
League of Legends RP|10|EU|EUR|5|100|5|1.06
Call of Duty Mobile CP|12|GLOBAL|USD|1|100|1|1.05
モンスターストライク オーブ|12|JP|JPY|500|12000|100|1.07
Razer Gold Direct|10|GLOBAL|USD|1|500|1|1.02
Telegram Stars|18|GLOBAL|USD|2|300|1|1.12
Zain Kuwait Line|18|KW|KWD|1|30|0.25|1.03
"""

# name | category | region | currency | price | margin
TRANSFERS = """
Twitch 500 Bits|13|GLOBAL|USD|7.25|1.04
Discord Nitro, one month|13|GLOBAL|USD|9.49|1.05
Discord Nitro, one year|13|GLOBAL|USD|94.90|1.05
YouTube Premium, three months|13|EU|EUR|35.80|1.03
Minecraft Minecoins 1720|10|GLOBAL|USD|9.30|1.04
EA SPORTS FC Points 2800|11|EU|EUR|22.40|1.04
"""


def build() -> tuple[dict[str, Product], dict[str, Good]]:
    """All products and their goods, both by the product's id."""
    products, goods = {}, {}
    rows = [*_cards(), *_top_ups(), *_transfers()]
    for number, (kind, category, region, good) in enumerate(rows, FIRST_ID):
        ref = str(number)
        products[ref] = Product(
            ref, good["name"], kind, int(category), region, _description(kind, good), image=_logo(good["name"], number),
            skus=(ref,),
        )  # fmt: skip
        goods[ref] = Good(sku=ref, product=ref, **good)
    return products, goods


def _cards() -> Iterator[tuple]:
    for line in CARDS.strip().splitlines():
        brand, category, groups = line.split("|")
        for group in groups.split(";"):
            currency, *faces = group.split()
            for face in faces:
                name = f"{brand} {face} {currency}" if len(faces) > 1 else f"{brand} {currency}"
                price = rounded(Decimal(face) * _discount(name), currency)
                margin = Decimal("1.00") if int(category) in (14, 17) else Decimal("1.03")
                good = {"name": name, "currency": currency, "price": price, "face": Decimal(face), "margin": margin}
                yield "redeem_card", category, REGIONS[currency], good


def _top_ups() -> Iterator[tuple]:
    for line in TOP_UPS.strip().splitlines():
        name, category, region, currency, low, high, step, margin = line.split("|")
        good = {
            "name": name, "currency": currency, "price": Decimal(low) * 2, "low": Decimal(low), "high": Decimal(high),
            "step": Decimal(step), "margin": Decimal(margin), "max_per_order": 1,
        }  # fmt: skip
        yield "direct_top_up", category, region, good


def _transfers() -> Iterator[tuple]:
    for line in TRANSFERS.strip().splitlines():
        name, category, region, currency, price, margin = line.split("|")
        good = {"name": name, "currency": currency, "price": Decimal(price), "margin": Decimal(margin)}
        yield "direct_transfer", category, region, good


def _discount(name: str) -> Decimal:
    """Between 0.930 and 0.999 of the face value, always the same for the same name."""
    return Decimal(930 + hashlib.sha256(name.encode()).digest()[0] % 70) / 1000


def _description(kind: str, good: dict) -> str:
    if kind == "direct_top_up":
        return f"Instant top-up of the buyer's account, {good['low']} to {good['high']} {good['currency']}."
    if kind == "direct_transfer":
        return "Sent straight to the buyer's account."
    return f"Digital code worth {good['face']} {good['currency']}. Redeem once; no refunds after delivery."


def _logo(name: str, number: int) -> str:
    slug = "-".join(word for word in name.lower().split()[:2] if word.isascii() and word.isalnum())
    return f"https://cdn.example.com/logos/{slug}.png" if slug and number % 3 else ""
