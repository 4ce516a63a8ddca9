"""What GiftAPI's answers about eSIMs mean."""

from ..decoding import flag, ident, moment, need, price, record, records, text
from ..errors import Misread
from ..esims import EsimNetwork, EsimPackage, EsimReading


def read_status(node, *, iccid):
    """One eSIM. Misread if it is another than the one asked for."""
    node = record(node, "eSIM")
    told = ident(node, "iccid")
    if told not in ("", iccid):
        raise Misread("The supplier answered about another eSIM than we asked for.", code="echo_mismatch")
    data = node.get("data_balance") if isinstance(node.get("data_balance"), dict) else {}
    return EsimReading(
        iccid=iccid, word=need(text(node, "status", longest=60), "status"), can_renew=flag(node, "can_renew"),
        activation_code=text(node, "qr_code", longest=1000), last_package=text(node, "last_bundle", longest=200),
        total=price(data, "total_gb"), left=price(data, "remaining_gb"), unit=text(data, "unit", longest=20) or "GB",
        packages=tuple(_package(one) for one in records(node.get("active_packages") or [], "packages")),
        coverage=tuple(_network(one) for one in records(node.get("coverage") or [], "coverage")))


def named_iccids(node):
    """The ICCIDs that an order names, in what it was given or what it delivered."""
    items = records(record(node, "order").get("items") or [], "items")
    lists = [item["delivery_data"] for item in items if isinstance(item.get("delivery_data"), list)]
    told = [unit for units in lists for unit in units] + [item.get("customer_data") for item in items]
    return {ident(one, "iccid") for one in told if isinstance(one, dict)} - {""}


def _package(node):
    return EsimPackage(
        name=text(node, "name", longest=200), word=text(node, "status", longest=60), total=price(node, "data_total"),
        left=price(node, "data_remaining"), unit=text(node, "data_unit", longest=20),
        activated_at=moment(node, "activated_at"), expires_at=moment(node, "expires_at"))


def _network(node):
    return EsimNetwork(
        country=text(node, "country_name", longest=100), country_code=text(node, "country_code", longest=10),
        network=text(node, "network_name", longest=100))
