"""What we ask Plexy Gate."""

from ..declaring import Setting, decimal_between, whole_between
from ..types import DeskTraits

SETTINGS = {
    "charge_ratio": Setting(
        default=decimal_between("1", "10")("1.25"), parse=decimal_between("1", "10"),
        help="What an order is charged, at most, as a multiple of the listed price or top-up amount. Plexy Gate adds its "
             "margin on its side and tells it only with the order."),
    "page_size": Setting(default=50, parse=whole_between(1, 500), help="How many rows we ask for per page."),
}


class PlexyGate:
    """A client of one agent's account at Plexy Gate."""

    traits = DeskTraits(ref_enforced=True, replay_window_s=3600, fence_s=None, lookup_lag_s=60)

    def __init__(self, transport, credentials, settings):
        self._transport = transport

    def _later(self, *args, **options):
        raise NotImplementedError

    types = categories = products = prices = quote = compose = place = fetch = find = read_placement = _later
    balances = entries = probe = _later
