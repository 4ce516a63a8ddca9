"""The APIs that Purser speaks. A new supplier is one folder and one line here."""

from collections.abc import Mapping
from dataclasses import dataclass

from .declaring import Setting
from .giftapi.client import SETTINGS as GIFTAPI_SETTINGS
from .giftapi.client import GiftApi
from .plexy_gate.client import SETTINGS as PLEXY_GATE_SETTINGS
from .plexy_gate.client import PlexyGate

__all__ = ["APIS", "Api", "Setting", "supports"]


@dataclass(frozen=True, slots=True)
class Api:
    """How to connect to one API: `client(transport, credentials, settings)`, and the names it needs for that."""

    name: str
    title: str
    client: type
    credentials: tuple[str, ...]
    settings: Mapping[str, Setting]


APIS = {api.name: api for api in (
    Api("plexy_gate", "Plexy Gate", PlexyGate, ("api_key", "agent_id"), PLEXY_GATE_SETTINGS),
    Api("giftapi", "GiftAPI", GiftApi, ("token", "partner_secret"), GIFTAPI_SETTINGS),
)}


def supports(api_name, port):
    """Whether the clients of that API have everything `port` (a protocol of `ports`) asks for."""
    members = {*vars(port), *port.__annotations__}
    return all(hasattr(APIS[api_name].client, name) for name in members if not name.startswith("_"))
