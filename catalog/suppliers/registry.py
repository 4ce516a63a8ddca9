"""The APIs that Purser speaks. A new supplier is one folder and one line here."""

from collections.abc import Mapping
from dataclasses import dataclass

from .declaring import Credential, Setting
from .game_wallet.client import CREDENTIALS as GAME_WALLET_CREDENTIALS
from .game_wallet.client import SETTINGS as GAME_WALLET_SETTINGS
from .game_wallet.client import GameWallet
from .giftapi.client import CREDENTIALS as GIFTAPI_CREDENTIALS
from .giftapi.client import SETTINGS as GIFTAPI_SETTINGS
from .giftapi.client import GiftApi
from .octopus_cards.client import OctopusCards
from .octopus_cards.settings import CREDENTIALS as OCTOPUS_CARDS_CREDENTIALS
from .octopus_cards.settings import SETTINGS as OCTOPUS_CARDS_SETTINGS
from .plexy_gate.client import CREDENTIALS as PLEXY_GATE_CREDENTIALS
from .plexy_gate.client import SETTINGS as PLEXY_GATE_SETTINGS
from .plexy_gate.client import PlexyGate

__all__ = ["APIS", "Api", "Credential", "Setting", "supports"]


@dataclass(frozen=True, slots=True)
class Api:
    """How to connect to one API: `client(transport, credentials, settings)`, and what it needs for that.

    `about` says in a sentence what is bought there, `address_help` which part of the supplier's addresses is the base.
    One that `keeps_tokens` is given a `TokenStore` too: `client(transport, credentials, settings, tokens)`.
    One that `speaks_http2` is offered HTTP/2; where its setting `http1_fallback` says refuse, nothing less will do.
    """

    name: str
    title: str
    client: type
    credentials: Mapping[str, Credential]
    settings: Mapping[str, Setting]
    speaks_http2: bool = False
    keeps_tokens: bool = False
    about: str = ""
    address_help: str = ""


APIS = {api.name: api for api in (
    Api("plexy_gate", "Plexy Gate", PlexyGate, PLEXY_GATE_CREDENTIALS, PLEXY_GATE_SETTINGS,
        about="Vouchers and direct top-ups, paid from prepaid accounts.",
        address_help="Everything before /agent/ in the addresses that Plexy Gate gave you."),
    Api("giftapi", "GiftAPI", GiftApi, GIFTAPI_CREDENTIALS, GIFTAPI_SETTINGS,
        about="Gift cards and direct top-ups, paid from one balance with an overdraft.",
        address_help="Everything before /orders in the addresses of your contract with GiftAPI, with its prefix."),
    Api("octopus_cards", "Octopus Cards", OctopusCards, OCTOPUS_CARDS_CREDENTIALS, OCTOPUS_CARDS_SETTINGS,
        keeps_tokens=True, about="Vouchers, mobile top-ups and eSIMs, paid from wallets in several currencies.",
        address_help="Everything before /auth/login in the addresses of Octopus Cards' API."),
    Api("game_wallet", "Game wallet", GameWallet, GAME_WALLET_CREDENTIALS, GAME_WALLET_SETTINGS, speaks_http2=True,
        about="Tells how a transaction of a game aggregator ended. Nothing is bought there.",
        address_help="Everything before /api/wallet/ in the addresses of the aggregator."),
)}


def supports(api_name, port):
    """Whether the clients of that API have everything `port` (a protocol of `ports`) asks for."""
    members = {*vars(port), *port.__annotations__}
    return all(hasattr(APIS[api_name].client, name) for name in members if not name.startswith("_"))
