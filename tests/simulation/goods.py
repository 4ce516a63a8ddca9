"""Where the simulated shop buys, and what: few goods, of every kind that is bought in a way of its own.

It buys wherever Purser can. The game wallet is not among these: it is asked about transactions, and sells nothing.
"""

from tests.orders.shop import offered, shelved

ESIMS = "c6cad6ef-a51d-59bb-b9dc-60ce82051d2a"  # at GiftAPI, where a package can be added to one that was sold
CHEAP = "bb53002d-46ff-5f4d-b321-81857cae8dca"
SOLD = {
    "plexy_gate": ("450", "456", "624"),
    "giftapi": (CHEAP, ESIMS),
    "octopus_cards": ("voucher/320", "voucher/321", "topup/4222", "topup/5123", "esim/890"),
}
CURRENCIES = {"plexy_gate": ("USD", "EUR"), "giftapi": ("USD",), "octopus_cards": ("USD", "EUR")}
BOUGHT_FROM = tuple(SOLD)


def begin_small(lab):
    """Let the suppliers sell these goods only, and have no past: a simulated day begins long before the lab's own does."""
    for api in BOUGHT_FROM:
        lab.books[api].begin_small(SOLD[api], CURRENCIES[api])


def look_around(suppliers):
    """Ask for each of these goods; `suppliers` maps APIs to connections. They tell the same to every test of a process."""
    for api in BOUGHT_FROM:
        for ref in SOLD[api]:
            if (api, ref) not in _known:
                _known[api, ref] = offered(suppliers[api], lambda product, _, ref=ref: product.ref == ref.replace("/", ":"))


def shelve(suppliers, now):
    """A SKU of each product that was looked at, as rows; `suppliers` maps APIs to connections."""
    return [shelved(suppliers[api], *_known[api, ref], now) for api in BOUGHT_FROM for ref in SOLD[api]]


_known = {}
