"""A stand-in for Octopus Cards, written from its contract: tokens, top-ups, vouchers, eSIM, wallets, reference data.

What the contract leaves open is decided so: creating a top-up answers 201; a reference is taken over all verticals and for
good; INSUFFICIENT_FUNDS is a 400; a recipient of zeros only fails and is refunded; a partial delivery refunds nothing until
the order is cancelled; a receipt address is stored with 200 and refused once the order has ended; without `wallet_id` the
wallet in the goods' currency pays, else the one in dollars; sign-ins are limited as in the sandbox, other calls are not; a
webhook is tried five times.
"""

import hmac
import uuid
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from ..lab_http import Reply, Request, json_reply
from . import lab_notices, lab_quotes
from .lab_accounts import Accounts
from .lab_books import OctopusBooks
from .lab_esims import Esims
from .lab_orders import read_body
from .lab_quotes import Refusal, error, invalid
from .lab_tokens import ACCESS_S, Tokens
from .lab_topups import Topups
from .lab_vouchers import Vouchers

CREDENTIALS = {"api_key": "lab-octopus-api-key", "api_secret": "lab-octopus-api-secret",
               "webhook_secret": "lab-octopus-webhook-secret"}  # fmt: skip
SIGN_INS = frozenset({"login", "refreshToken"})
SIGN_INS_PER_MINUTE = 30
MINUTE = timedelta(minutes=1)


class OctopusCards(Topups, Vouchers, Esims, Accounts):
    operations = {
        "login": ("POST", "/auth/login", "login"),
        "refreshToken": ("POST", "/auth/refresh", "refresh"),
        "logout": ("POST", "/auth/logout", "logout"),
        **Topups.topup_operations,
        **Vouchers.voucher_operations,
        **Esims.esim_operations,
        **Accounts.account_operations,
    }
    hooks = lab_notices
    webhook_secret = CREDENTIALS["webhook_secret"]
    single = frozenset({"createTopupOrder", "getTopupOrder", "createVoucherOrder", "getVoucherOrder", "getEsimOrder"})

    def __init__(self, books: OctopusBooks):
        super().__init__(books)
        self._tokens = Tokens(books)
        self._sign_ins: dict[str, deque[datetime]] = {}

    def forget(self) -> None:
        super().forget()
        self._sign_ins.clear()

    def answer(self, operation: str, request: Request, params: dict[str, str]) -> Reply:
        try:
            reply = super().answer(operation, request, params)
        except Refusal as refusal:
            reply = refusal.reply
        trace = request.headers.get("x-request-id") or uuid.uuid4().hex
        return replace(reply, headers={**reply.headers, "X-Request-Id": trace})

    def refusal(self, operation: str, request: Request, params: dict[str, str]) -> Reply | None:
        if operation in SIGN_INS:
            return self._too_many(operation, request.now)
        given = request.headers.get("authorization", "")
        if not given:
            return error("UNAUTHORIZED", "Authorization header required")
        if not given.startswith("Bearer ") or not self._tokens.accepts(given.removeprefix("Bearer "), request.now):
            return error("UNAUTHORIZED", "Invalid or expired token")
        if request.fault("feature_off", vertical=_vertical(operation)):
            return error("INVALID_FEATURE", "The requested feature is not enabled for this client")
        return None

    def failure(self, status: int) -> dict:
        code = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "TOO_MANY_REQUESTS"}.get(status)
        message = {401: "Invalid or expired token", 403: "IP address not authorized", 429: "Rate limit exceeded"}
        code = code or ("BAD_REQUEST" if status < 500 else "INTERNAL_SERVER_ERROR")
        return lab_quotes.told(code, message.get(status, "Something went wrong"))

    def login(self, request: Request) -> Reply:
        asked = read_body(request)
        for name, credential in (("username", "api_key"), ("password", "api_secret")):
            given = asked.get(name)
            if not isinstance(given, str) or not given:
                raise invalid(f"{name} is required")
            if not hmac.compare_digest(given.encode(), CREDENTIALS[credential].encode()):
                raise Refusal("UNAUTHORIZED", "Invalid credentials")
        return self._signed_in(request)

    def refresh(self, request: Request) -> Reply:
        given = read_body(request).get("refresh_token")
        if not isinstance(given, str) or not self._tokens.use_up(given, request.now):
            raise Refusal("UNAUTHORIZED", "Invalid or expired refresh token")
        return self._signed_in(request)

    def logout(self, request: Request) -> Reply:
        self._tokens.revoke_all()
        return json_reply({"success": True, "data": {"message": "Logged out"}})

    def _signed_in(self, request: Request) -> Reply:
        short = request.fault("short_tokens")
        seconds = short["seconds"] if short else ACCESS_S
        return json_reply({"success": True, "data": self._tokens.issue(request.now, seconds)})

    def _too_many(self, operation: str, now: datetime) -> Reply | None:
        recent = self._sign_ins.setdefault(operation, deque(maxlen=SIGN_INS_PER_MINUTE))
        if len(recent) == SIGN_INS_PER_MINUTE and timedelta(0) <= now - recent[0] < MINUTE:
            seconds = max(1, int((recent[0] + MINUTE - now).total_seconds()))
            limited = error("TOO_MANY_REQUESTS", f"Rate limit exceeded. Retry after {seconds} seconds.")
            return replace(limited, headers={"Retry-After": str(seconds)})
        recent.append(now)
        return None


def _vertical(operation: str) -> str:
    if operation in Topups.topup_operations:
        return "topups"
    if operation in Vouchers.voucher_operations:
        return "vouchers"
    return "esim" if operation in Esims.esim_operations else ""
