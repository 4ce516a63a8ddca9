"""Where each documented operation of a supplier has its place here: its port, who uses it, and a test that exercises it.

`python -m tests.contracts.operations` writes docs/supplier-operations.md. `places` are names of pages (`orders:order`), of
commands (`manage.py sync_catalog`) and of jobs (`orders.tasks.look`, or a piece of `monitoring.rounds`, as `round:books`).
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "supplier-operations.md"
HEAD = "| operation | call | port | page, job or command | test |"
SUPPLIERS = {
    "plexy_gate": "Plexy Gate", "giftapi": "GiftAPI", "octopus_cards": "Octopus Cards", "game_wallet": "Game wallet"}


@dataclass(frozen=True)
class Place:
    """One row. `without` says why an operation is not called, where it is not."""

    operation: str
    port: str = ""
    places: tuple = ()
    test: str = ""
    without: str = ""


def at(operation, port, *places, test):
    return Place(operation, port, places, test)


def never(operation, why):
    return Place(operation, without=why)


LAB = "tests/suppliers/test_against_lab.py::"
PLEXY_GATE = (
    at("listProductTypes", "CatalogSource.types", "manage.py sync_catalog", "round:walk", "catalog:sync_run",
       test=LAB + "test_whole_catalog_maps"),
    at("listProductCategories", "CatalogSource.categories", "manage.py sync_catalog", "round:walk", "catalog:sync_run",
       test=LAB + "test_whole_catalog_maps"),
    at("listProducts", "CatalogSource.products", "manage.py sync_catalog", "round:walk", "catalog:products",
       test=LAB + "test_whole_catalog_maps"),
    at("getProduct", "Quoter.quote", "orders:quotes", "orders.tasks.fetch_quote",
       test=LAB + "test_fixed_offer_is_quoted_and_bought"),
    at("createOrder", "OrderDesk.place", "orders:confirmation", "orders.tasks.send", "manage.py place_order",
       test=LAB + "test_fixed_offer_is_quoted_and_bought"),
    at("getOrder", "OrderDesk.fetch", "orders:order", "orders.tasks.look", "orders.tasks.run_due",
       test="tests/orders/test_outcomes.py::test_slow_order_is_tracked_until_it_is_done"),
    at("listOrders", "OrderBook.orders", "orders:unmatched", "round:match", "manage.py match_orders",
       test="tests/orders/test_matching.py::test_purchase_past_purser_is_found_once_and_cried_about"),
    at("getBalance", "Till.balances", "funding:accounts", "round:balances", "manage.py refresh_funding",
       test="tests/funding/test_lab.py::test_plexy_balances_and_deposits_are_what_its_books_say"),
    at("listDeposits", "Statement.entries", "funding:deposits", "round:books", "manage.py refresh_funding",
       test="tests/funding/test_lab.py::test_plexy_balances_and_deposits_are_what_its_books_say"),
    at("getHealth", "Probe.probe", "monitoring:health", "round:probe", "manage.py probe_health",
       test=LAB + "test_probe_says_healthy"),
)
GIFTAPI = (
    at("verifyToken", "Probe.probe", "monitoring:health", "round:probe", "manage.py probe_health",
       test=LAB + "test_probe_says_healthy"),
    at("getBalance", "Till.balances", "funding:accounts", "round:balances", "manage.py refresh_funding",
       test="tests/funding/test_lab.py::test_giftapi_arithmetic_with_an_overdraft"),
    at("listBalanceTransactions", "Statement.entries", "funding:transactions", "round:books", "manage.py refresh_funding",
       test="tests/funding/test_lab.py::test_giftapi_ledger_is_mirrored_row_by_row"),
    at("listProducts", "CatalogSource.products", "manage.py sync_catalog", "round:walk", "catalog:products",
       test=LAB + "test_whole_catalog_maps"),
    at("getProduct", "Quoter.quote", "orders:quotes", "orders.tasks.fetch_quote",
       test=LAB + "test_fixed_offer_is_quoted_and_bought"),
    at("getPricelist", "CatalogSource.prices", "manage.py sync_catalog", "round:walk", "catalog:product",
       test="tests/suppliers/test_giftapi_catalog.py::test_price_list_tells_face_and_own_currency_apart"),
    at("listCategories", "CatalogSource.categories", "manage.py sync_catalog", "round:walk", "catalog:sync_run",
       test=LAB + "test_whole_catalog_maps"),
    at("listOrders", "OrderBook.orders", "orders:unmatched", "round:match", "manage.py match_orders",
       test="tests/orders/test_matching.py::test_purchase_past_purser_is_found_once_and_cried_about"),
    at("createOrder", "OrderDesk.place", "orders:confirmation", "orders.tasks.send", "manage.py place_order",
       test=LAB + "test_fixed_offer_is_quoted_and_bought"),
    at("getOrder", "OrderDesk.fetch", "orders:order", "orders.tasks.look", "orders.tasks.run_due",
       test="tests/orders/test_outcomes.py::test_slow_order_is_tracked_until_it_is_done"),
)
PLACES = {"plexy_gate": PLEXY_GATE, "giftapi": GIFTAPI}


def documented(supplier):
    """`{operationId: "METHOD path"}` of a contract, webhooks as `{event: "webhook"}`."""
    contract = yaml.safe_load((HERE / f"{supplier}.yaml").read_text())
    operations = {
        operation["operationId"]: f"{method.upper()} {path}" for path, item in contract["paths"].items()
        for method, operation in item.items() if isinstance(operation, dict) and "operationId" in operation}
    return operations | dict.fromkeys(contract.get("webhooks") or {}, "webhook")


def rendered():
    """The table as Markdown."""
    lines = [
        "# Every operation of the suppliers, and where it is used", "",
        "Made by `python -m tests.contracts.operations`; a test holds it true. A job written `round:...` is a piece of the",
        "regular round; see [operations.md](operations.md).", ""]
    for supplier, places in PLACES.items():
        calls = documented(supplier)
        lines += [f"## {SUPPLIERS[supplier]}", "", HEAD, "|---|---|---|---|---|"]
        lines += [_line(one, calls.get(one.operation, "")) for one in places] + [""]
    return "\n".join(lines)


def _line(one, call):
    if one.without:
        return f"| {one.operation} | `{call}` | not called | {one.without} | – |"
    places = ", ".join(f"`{place}`" for place in one.places)
    path, _, name = one.test.partition("::")
    return f"| {one.operation} | `{call}` | `{one.port}` | {places} | [{name}](../{path}) |"


if __name__ == "__main__":
    TABLE.write_text(rendered())
