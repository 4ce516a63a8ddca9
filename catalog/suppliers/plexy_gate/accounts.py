"""Which inputs a top-up needs. Plexy Gate has no call that tells, so these are starting values that a setting overrides."""

import re

from ..types import InputField

STARTING = (
    ("steam", (InputField("steam_login", "Steam login", hint="The name used to sign in, not the profile name."),
               InputField("email", "E-mail of the buyer", kind="email", required=False))),
    ("mobile-legends", (InputField("player_id", "Player ID", kind="digits"),
                        InputField("zone_id", "Zone ID", kind="digits"))),
    ("pubg|free-fire|genshin|player|game", (InputField("player_id", "Player ID"),)),
    ("mobile|airtime|recharge|phone|prepaid", (InputField("phone", "Phone number", kind="phone"),)),
)
GENERIC = (InputField("account", "Account to top up"),)


def input_fields(product_id, slug, account_fields):
    """The inputs of a top-up product: those set for its id, else those its slug suggests, else one account name."""
    if product_id in account_fields:
        return tuple(InputField(name, name.replace("_", " ").capitalize()) for name in account_fields[product_id])
    return next((fields for pattern, fields in STARTING if re.search(pattern, slug.lower())), GENERIC)


def parse_account_fields(given):
    """The setting: `456=steam_login,email; 902=orbit_login`, or the same as an object of lists."""
    if isinstance(given, str):
        pairs = [part.partition("=") for part in given.split(";") if part.strip()]
        given = {product.strip(): names.split(",") for product, _, names in pairs}
    if not isinstance(given, dict):
        raise ValueError("give product ids with their fields, such as 456=steam_login,email; 902=orbit_login")
    return {str(product): _names(names) for product, names in given.items()}


def _names(names):
    stripped = tuple(str(name).strip() for name in names) if isinstance(names, list | tuple) else ()
    if not stripped or not all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,59}", name) for name in stripped):
        raise ValueError("a field is a name such as steam_login: letters, digits and _ only")
    return stripped
