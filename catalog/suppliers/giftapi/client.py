"""What we ask GiftAPI."""

from ..declaring import Setting, one_of, path, whole_between
from ..types import DeskTraits

PATHS = {
    "me": "/me",
    "balance": "/balance",
    "history": "/balance/history",
    "products": "/catalog/products",
    "product": "/catalog/products/{uuid}",
    "pricelist": "/catalog/pricelist",
    "categories": "/catalog/categories",
    "orders": "/orders",
    "order": "/orders/{uuid}",
}


def _path_setting(name, default):
    return Setting(default=default, parse=path(*(["uuid"] if "{" in default else [])),
                   help=f"Path of the {name} operation below the base address, as your contract with GiftAPI says.")


SETTINGS = {
    **{f"path_{name}": _path_setting(name, default) for name, default in PATHS.items()},
    "locale": Setting(default="en", parse=one_of("", "en", "ru"), help="Language of catalog texts: en or ru."),
    "page_size": Setting(default=100, parse=whole_between(1, 200), help="How many catalog rows we ask for per page."),
}


class GiftApi:
    """A client of one partner's account at GiftAPI."""

    traits = DeskTraits(ref_enforced=False, replay_window_s=None, fence_s=300, lookup_lag_s=60)

    def __init__(self, transport, credentials, settings):
        self._transport = transport

    def _later(self, *args, **options):
        raise NotImplementedError

    types = categories = products = prices = quote = compose = place = fetch = find = read_placement = _later
    balances = entries = probe = _later
