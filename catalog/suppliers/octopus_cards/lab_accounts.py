"""Wallets, their ledger, and the reference data of the Octopus Cards stand-in."""

from dataclasses import asdict

from ..lab_http import Reply, Request, json_reply
from . import lab_telling
from .lab_books import POSTPAID, WALLETS
from .lab_catalog import COUNTRIES, CURRENCIES
from .lab_counter import NOT_FOUND, Counter, page
from .lab_quotes import Refusal


class Accounts(Counter):
    account_operations = {
        "listWallets": ("GET", "/api/v1/wallets", "wallets"),
        "getWallet": ("GET", "/api/v1/wallets/{id}", "wallet"),
        "listTransactions": ("GET", "/api/v1/transactions", "transactions"),
        "getTransaction": ("GET", "/api/v1/transactions/{id}", "transaction"),
        "listCurrencies": ("GET", "/api/v1/currencies", "currencies"),
        "listCountries": ("GET", "/api/v1/countries", "countries"),
        "getCountry": ("GET", "/api/v1/countries/{id}", "country"),
    }

    def wallets(self, request: Request) -> Reply:
        return json_reply([self._show_wallet(currency) for currency in WALLETS if currency in self.books.balances])

    def wallet(self, request: Request, id: str) -> Reply:
        for currency, number in WALLETS.items():
            if str(number) == id:
                return json_reply(self._show_wallet(currency))
        raise Refusal("NOT_FOUND", NOT_FOUND)

    def transactions(self, request: Request) -> Reply:
        wanted = request.query.get("wallet_id")
        if wanted is not None and not (wanted.isdecimal() and int(wanted) > 0):
            raise Refusal("BAD_REQUEST", "wallet_id must be positive")
        rows = [row for row in reversed(self.books.ledger) if wanted in (None, str(WALLETS.get(row.currency)))]
        return page(request, rows, lab_telling.transaction, size_name="limit", usual=50, most=10000)

    def transaction(self, request: Request, id: str) -> Reply:
        place = int(id) - lab_telling.FIRST_TRANSACTION - 1 if id.isdecimal() else -1
        if not 0 <= place < len(self.books.ledger):
            raise Refusal("NOT_FOUND", NOT_FOUND)
        return json_reply(lab_telling.transaction(self.books.ledger[place]))

    def currencies(self, request: Request) -> Reply:
        rows = [{"id": row.id, "name": row.name, "currency": row.code, "precision": row.precision}
                for row in CURRENCIES.values()]  # fmt: skip
        return json_reply(rows)

    def countries(self, request: Request) -> Reply:
        return json_reply([asdict(country) for country in COUNTRIES.values()])

    def country(self, request: Request, id: str) -> Reply:
        for country in COUNTRIES.values():
            if str(country.id) == id:
                return json_reply(asdict(country))
        raise Refusal("BAD_REQUEST", "Invalid country ID")

    def _show_wallet(self, currency: str) -> dict:
        return lab_telling.wallet(self.books, currency, "POSTPAID" if currency in POSTPAID else "PREPAID")
