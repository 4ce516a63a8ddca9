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
    at("getPricelist", "PriceList.prices", "round:prices", "manage.py sync_catalog", "catalog:product", "catalog:sync_run",
       test="tests/catalog/test_repricing.py::test_whole_lab_list_is_unchanged_after_a_walk"),
    at("listCategories", "CatalogSource.categories", "manage.py sync_catalog", "round:walk", "catalog:sync_run",
       test=LAB + "test_whole_catalog_maps"),
    at("listOrders", "OrderBook.orders", "orders:unmatched", "round:match", "manage.py match_orders",
       test="tests/orders/test_matching.py::test_purchase_past_purser_is_found_once_and_cried_about"),
    at("createOrder", "OrderDesk.place", "orders:confirmation", "orders.tasks.send", "manage.py place_order",
       test=LAB + "test_fixed_offer_is_quoted_and_bought"),
    at("getOrder", "OrderDesk.fetch", "orders:order", "orders.tasks.look", "orders.tasks.run_due",
       test="tests/orders/test_outcomes.py::test_slow_order_is_tracked_until_it_is_done"),
    at("getEsimStatus", "EsimDesk.esim_status", "orders:esim", "orders.tasks.read_esim", "orders.tasks.run_due",
       test="tests/esims/test_reading.py::test_reading_is_kept_with_its_age"),
    at("topupEsim", "OrderDesk.place", "orders:esim_packages", "orders:confirmation", "orders.tasks.send",
       "manage.py place_order", test="tests/esims/test_top_up.py::test_package_is_added_once_and_charged_once"),
    at("order.status_changed", "Notices.read_notice", "webhook", "monitoring:notices", "orders.tasks.follow_notice",
       test="tests/notices/test_end_to_end.py::test_notice_of_an_order_that_ended_has_it_read"),
)
OCTOPUS = "tests/suppliers/test_octopus_lab.py::"
SYNC = ("manage.py sync_catalog", "round:walk")
QUOTE = ("orders:quotes", "orders.tasks.fetch_quote")
PLACE = ("orders:confirmation", "orders.tasks.send", "manage.py place_order")
TRACK = ("orders:order", "orders.tasks.look", "orders.tasks.run_due")
SEARCH = ("orders:unmatched", "round:match", "manage.py match_orders", "orders.tasks.run_due")
READ = ("manage.py read_supplier",)
ROW = "tests/suppliers/test_octopus_reference.py::test_row_is_printed_as_the_supplier_tells_it"
NOTICE = ("webhook", "monitoring:notices", "orders.tasks.follow_notice")
TOLD = "tests/notices/test_end_to_end.py::test_octopus_tells_of_vouchers_and_of_money"
OCTOPUS_CARDS = (
    at("login", "Probe.probe", "monitoring:health", "round:probe", "manage.py probe_health",
       test="tests/suppliers/test_octopus_session.py::test_first_call_signs_in_by_key_and_secret"),
    at("refreshToken", "Probe.probe", "round:probe",
       test="tests/suppliers/test_octopus_session.py::test_token_is_renewed_ahead_of_its_end"),
    never("logout", "it would sign out everybody who shares the key, our own other workers first"),
    at("listTopupProducts", "CatalogSource.products", *SYNC, "catalog:products", test=OCTOPUS + "test_whole_catalog_maps"),
    at("getTopupProduct", "CatalogSource.products", *SYNC, "catalog:product", test=OCTOPUS + "test_whole_catalog_maps"),
    at("listTopupVariants", "CatalogSource.products", *SYNC, "catalog:product", test=OCTOPUS + "test_whole_catalog_maps"),
    at("getTopupVariant", "Quoter.quote", *QUOTE,
       test="tests/suppliers/test_octopus_catalog.py::test_variant_that_changed_is_gone"),
    at("lookupMobile", "PhoneLookup.look_up_phone", "orders:recharge", "orders.tasks.search_phone",
       test=OCTOPUS + "test_phone_number_finds_its_operators"),
    at("quoteTopup", "Quoter.quote", *QUOTE, test=OCTOPUS + "test_what_is_quoted_is_charged"),
    at("createTopupOrder", "OrderDesk.place", *PLACE, test=OCTOPUS + "test_top_up_is_delivered_without_a_code"),
    at("listTopupOrders", "OrderBook.orders", *SEARCH,
       test="tests/suppliers/test_octopus_lookup.py::test_all_orders_are_listed_one_sort_after_the_other"),
    at("getTopupOrder", "OrderDesk.fetch", *TRACK, test=OCTOPUS + "test_top_up_is_delivered_without_a_code"),
    at("setTopupNotificationEmail", "ReceiptDesk.set_receipt_email", "orders:receipt_address",
       "orders.tasks.tell_receipt_address", test=OCTOPUS + "test_address_for_receipts_is_kept_until_the_order_ends"),
    at("listVoucherProducts", "CatalogSource.products", *SYNC, "catalog:products", test=OCTOPUS + "test_whole_catalog_maps"),
    at("getVoucherProduct", "Reference.read_reference", *READ, test=ROW),
    at("checkVoucherAvailability", "Quoter.quote", *QUOTE,
       test="tests/suppliers/test_octopus_catalog.py::test_sold_out_vouchers_are_not_available"),
    at("quoteVoucher", "Quoter.quote", *QUOTE, test=OCTOPUS + "test_what_is_quoted_is_charged"),
    at("createVoucherOrder", "OrderDesk.place", *PLACE, test=OCTOPUS + "test_many_vouchers_come_later"),
    at("listVoucherOrders", "OrderBook.orders", *SEARCH,
       test="tests/suppliers/test_octopus_lookup.py::test_all_orders_are_listed_one_sort_after_the_other"),
    at("getVoucherOrder", "OrderDesk.fetch", *TRACK, test=OCTOPUS + "test_many_vouchers_come_later"),
    at("listEsimProducts", "CatalogSource.products", *SYNC, "catalog:products", test=OCTOPUS + "test_whole_catalog_maps"),
    at("getEsimProduct", "CatalogSource.products", *SYNC, "catalog:product", test=OCTOPUS + "test_whole_catalog_maps"),
    at("listEsimVariants", "CatalogSource.products", *SYNC, "catalog:product",
       test="tests/suppliers/test_octopus_catalog.py::test_plans_stand_in_the_product_or_in_a_list_of_their_own"),
    at("getEsimVariant", "Quoter.quote", *QUOTE,
       test="tests/suppliers/test_octopus_catalog.py::test_variant_that_changed_is_gone"),
    at("quoteEsim", "Quoter.quote", *QUOTE,
       test="tests/suppliers/test_octopus_catalog.py::test_esim_is_quoted_by_the_amount_of_its_plan"),
    at("createEsimOrder", "OrderDesk.place", *PLACE, test=OCTOPUS + "test_esim_comes_with_its_activation_code"),
    at("listEsimOrders", "OrderBook.orders", *SEARCH,
       test="tests/suppliers/test_octopus_lookup.py::test_all_orders_are_listed_one_sort_after_the_other"),
    at("getEsimOrder", "OrderDesk.fetch", *TRACK, test=OCTOPUS + "test_esim_comes_with_its_activation_code"),
    at("setEsimNotificationEmail", "ReceiptDesk.set_receipt_email", "orders:receipt_address",
       "orders.tasks.tell_receipt_address",
       test="tests/suppliers/test_octopus_lookup.py::test_address_for_receipts_is_set_on_the_order"),
    at("listWallets", "Till.balances", "funding:accounts", "round:balances", "manage.py refresh_funding",
       test=OCTOPUS + "test_balances_and_books_map"),
    at("getWallet", "Reference.read_reference", *READ, test=ROW),
    at("listTransactions", "Statement.entries", "funding:transactions", "round:books", "manage.py refresh_funding",
       test=OCTOPUS + "test_balances_and_books_map"),
    at("getTransaction", "Reference.read_reference", *READ, test=ROW),
    at("listCurrencies", "Till.balances", "funding:accounts", "round:balances", "round:probe",
       test=OCTOPUS + "test_balances_and_books_map"),
    at("listCountries", "Reference.read_reference", *READ,
       test="tests/suppliers/test_octopus_reference.py::test_list_is_printed"),
    at("getCountry", "Reference.read_reference", *READ, test=ROW),
    at("listCategories", "CatalogSource.categories", *SYNC, "catalog:sync_run", test=OCTOPUS + "test_whole_catalog_maps"),
    at("getCategory", "Reference.read_reference", *READ, test=ROW),
    at("listSubcategories", "CatalogSource.categories", *SYNC, "catalog:sync_run", test=OCTOPUS + "test_whole_catalog_maps"),
    at("getSubcategory", "Reference.read_reference", *READ, test=ROW),
    *(at(event, "Notices.read_notice", *NOTICE, test=TOLD) for event in (
        "order.delivered", "order.partially_delivered", "order.failed", "order.cancelled", "wallet.credited",
        "wallet.debited")),
)
GAME_WALLET = (
    at("walletStatus", "TransactionDesk.transaction_status", "orders:transactions", "orders:transaction_files",
       "orders.tasks.check_transaction", "manage.py check_transaction",
       test="tests/transactions/test_checking.py::test_unknown_is_asked_again_until_it_is_known"),
)
PLACES = {"plexy_gate": PLEXY_GATE, "giftapi": GIFTAPI, "octopus_cards": OCTOPUS_CARDS, "game_wallet": GAME_WALLET}


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
