"""A stand-in for the game aggregator, written from its contract: the status of earlier transactions, and nothing else.

What the contract leaves open is decided so: code 3 (401) for a wrong key or signature, 4 (403) for another provider, 5 (404)
for a transaction it does not know, 6 (422) for one told otherwise than it happened, 7 (202) for one that is pending, 8 (409)
for one that was rejected for good, 9 (400) for a request that it cannot read.
"""

import hmac
import uuid
from decimal import Decimal, InvalidOperation

from ..lab_desk import Desk, read_object
from ..lab_http import Reply, Request, json_reply
from .lab_books import BROKEN, PENDING, REJECTED, LabTransaction, WalletBooks
from .signing import basic, signature

CREDENTIALS = {"provider_id": "7781", "access_key": "lab-wallet-access-key", "private_key": "lab-wallet-private-key"}
NUMBERS = ("player_id", "site_id", "provider_id")
WORDS = ("token", "game_id", "currency", "round_id", "transaction_id", "action")
TOLD = ("token", "player_id", "site_id", "game_id", "currency", "amount", "round_id")
REFUSALS = {PENDING: (202, 7, "Transaction is being processed."), REJECTED: (409, 8, "Transaction was rejected."),
            BROKEN: (500, 2, "An unknown error has occurred.")}


class GameWallet(Desk):
    operations = {"walletStatus": ("POST", "/api/wallet/status", "status")}

    def __init__(self, books: WalletBooks):
        super().__init__(books)

    def refusal(self, operation: str, request: Request, params: dict[str, str]) -> Reply | None:
        wanted = basic(CREDENTIALS["provider_id"], CREDENTIALS["access_key"])
        if not _same(request.headers.get("authorization", ""), wanted):
            return failure(401, 3, "Provider is not authorised.")
        if not _same(request.headers.get("x-request-signature", ""), signature(CREDENTIALS["private_key"], request.body)):
            return failure(401, 3, "Request signature is not valid.")
        return None

    def status(self, request: Request) -> Reply:
        asked = _read(request.body)
        if asked is None:
            return failure(400, 9, "Request is not valid.")
        if str(asked["provider_id"]) != CREDENTIALS["provider_id"]:
            return failure(403, 4, "Provider is not the one of the key.")
        row = self.books.find(asked["transaction_id"], asked["action"])
        if row is None:
            return failure(404, 5, "Transaction is not known.")
        if any(asked[name] != getattr(row, name) for name in TOLD):
            return failure(422, 6, "Transaction was told otherwise.")
        if row.state in REFUSALS:
            return failure(*REFUSALS[row.state])
        return json_reply(self._success(request, row))

    def _success(self, request: Request, row: LabTransaction) -> dict:
        told = {
            "status": True, "code": 1, "message": "", "request_id": str(uuid.uuid4()), "token": row.token,
            "player_id": row.player_id, "game_id": row.game_id, "site_id": row.site_id,
            "provider_id": int(CREDENTIALS["provider_id"]), "balance": self.books.balance(row.player_id)}
        if request.fault("echo"):
            told["player_id"] = row.player_id - 1
        return told


def failure(status: int, code: int, message: str) -> Reply:
    return json_reply({"status": False, "code": code, "message": message, "request_id": str(uuid.uuid4())}, status)


def _read(body: bytes) -> dict | None:
    """The ten fields with their types, or None."""
    asked = read_object(body)
    if asked is None or not all(type(asked.get(name)) is int and 0 <= asked[name] < 2**64 for name in NUMBERS):
        return None
    if not all(isinstance(asked.get(name), str) and asked[name] for name in WORDS):
        return None
    if any(len(asked[name]) > 36 for name in ("round_id", "transaction_id")) or isinstance(asked.get("amount"), bool):
        return None
    try:
        return {**asked, "amount": Decimal(str(asked.get("amount")))}
    except InvalidOperation:
        return None


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("latin-1", "replace"), wanted.encode())
