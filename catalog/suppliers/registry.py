"""The APIs that Purser speaks. A new supplier is one folder and one line here."""

from collections.abc import Mapping
from dataclasses import dataclass

from .declaring import Setting
from .game_wallet.client import SETTINGS as GAME_WALLET_SETTINGS
from .game_wallet.client import GameWallet
from .giftapi.client import SETTINGS as GIFTAPI_SETTINGS
from .giftapi.client import GiftApi
from .octopus_cards.client import OctopusCards
from .octopus_cards.settings import SETTINGS as OCTOPUS_CARDS_SETTINGS
from .plexy_gate.client import SETTINGS as PLEXY_GATE_SETTINGS
from .plexy_gate.client import PlexyGate

__all__ = ["APIS", "Api", "Setting", "supports"]


@dataclass(frozen=True, slots=True)
class Api:
    """How to connect to one API: `client(transport, credentials, settings)`, and the names it needs for that.

    One that `keeps_tokens` is given a `TokenStore` too: `client(transport, credentials, settings, tokens)`.
    One that `speaks_http2` is offered HTTP/2; where its setting `http1_fallback` says refuse, nothing less will do.
    """

    name: str
    title: str
    client: type
    credentials: tuple[str, ...]
    settings: Mapping[str, Setting]
    speaks_http2: bool = False
    keeps_tokens: bool = False


APIS = {api.name: api for api in (
    Api("plexy_gate", "Plexy Gate", PlexyGate, ("api_key", "agent_id"), PLEXY_GATE_SETTINGS),
    Api("giftapi", "GiftAPI", GiftApi, ("token", "partner_secret"), GIFTAPI_SETTINGS),
    Api("octopus_cards", "Octopus Cards", OctopusCards, ("api_key", "api_secret", "webhook_secret"), OCTOPUS_CARDS_SETTINGS,
        keeps_tokens=True),
    Api("game_wallet", "Game wallet", GameWallet, ("provider_id", "access_key", "private_key"), GAME_WALLET_SETTINGS,
        speaks_http2=True),
)}


def supports(api_name, port):
    """Whether the clients of that API have everything `port` (a protocol of `ports`) asks for."""
    members = {*vars(port), *port.__annotations__}
    return all(hasattr(APIS[api_name].client, name) for name in members if not name.startswith("_"))
