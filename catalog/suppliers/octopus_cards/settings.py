"""What a connection to Octopus Cards needs, and what can be set for it."""

from decimal import Decimal

from ..declaring import Credential, Setting, decimal_between, whole_between
from .refs import VERTICALS


def parse_verticals(given):
    """Some of topup, voucher and esim, separated by commas."""
    words = given.split(",") if isinstance(given, str) else given
    words = [str(word).strip() for word in words] if isinstance(words, list | tuple) else []
    if not words or set(words) - set(VERTICALS):
        raise ValueError(f"give some of {', '.join(VERTICALS)}, separated by commas")
    return tuple(word for word in VERTICALS if word in words)


CREDENTIALS = {
    "api_key": Credential("API key", "Signs in together with the API secret."),
    "api_secret": Credential("API secret", "Shown once when the key is made in Octopus Cards' portal."),
    "webhook_secret": Credential("Webhook secret", "Proves that a notice comes from Octopus Cards. It is never sent."),
}
SETTINGS = {
    "verticals": Setting(
        label="Goods",
        default=VERTICALS, parse=parse_verticals,
        help="Which goods the account may buy: topup, voucher, esim. Leave out what Octopus Cards has not switched on."),
    "conversion_wallet": Setting(
        label="Wallet for other currencies",
        default=0, parse=whole_between(0, 2**31 - 1),
        help="Number of the wallet that pays for goods in a currency you hold no wallet in, at the supplier's rate. "
             "0: such goods are not bought."),
    "postpaid_limit": Setting(
        label="Limit of postpaid wallets",
        default=Decimal(0), parse=decimal_between("0", "1000000000"),
        help="How far a postpaid wallet may go below zero. Octopus Cards tells no limit, so without one nothing is "
             "bought on credit."),
    "page_size": Setting(
        label="Page size", default=50, parse=whole_between(1, 200), help="How many catalog rows we ask for per page."),
    "reads_per_minute": Setting(
        label="Reads per minute",
        default=200, parse=whole_between(0, 10000),
        help="How many reads a synchronisation makes per minute; the account has 300 for everything. 0: no limit."),
}
