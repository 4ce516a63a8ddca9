"""What we ask the game aggregator: how one earlier transaction on a player's wallet ended. Nothing here moves money."""

import re
from decimal import Decimal

import msgspec

from ..declaring import Credential, Setting, complete, one_of
from ..errors import Invalid
from ..exchange import Call
from ..judging import judge
from ..transactions import LARGEST_ID, Action, TransactionQuery
from ..types import Health
from . import mapping
from .signing import basic, signature

ROUTE = "/api/wallet/status"
LONGEST_ID = 36
LARGEST_AMOUNT = Decimal(10) ** 14
PLACES = 6
NOBODY = "00000000-0000-0000-0000-000000000000"

CREDENTIALS = {
    "provider_id": Credential("Provider ID", "Your number at the aggregator; it is the user name of every call."),
    "access_key": Credential("Access key", "The password of every call."),
    "private_key": Credential("Private key", "Signs every call. It is never sent. Keep the dashes."),
}
SETTINGS = {
    "http1_fallback": Setting(
        label="Without HTTP/2",
        default="warn", parse=one_of("warn", "refuse"),
        help="Where the server speaks only HTTP/1.1: warn (ask, and note it) or refuse (send nothing). The supplier calls "
             "HTTP/2 both required and recommended."),
}

_encoder = msgspec.json.Encoder(decimal_format="number")


class GameWallet:
    """A client of one provider: TransactionDesk and Probe. It sells nothing, and holds no balance of ours and no books."""

    def __init__(self, transport, credentials, settings):
        self._transport = transport
        self._provider_id = credentials["provider_id"]
        self._authorization = basic(credentials["provider_id"], credentials["access_key"])
        self._private_key = credentials["private_key"]
        self._settings = complete(SETTINGS, settings)

    def compose_query(self, query):
        own = _number("provider_id", self._provider_id, "The provider_id of this connection")
        if query.provider_id not in (None, own):
            raise Invalid(f"This transaction belongs to provider {query.provider_id}; the connection is provider {own}.",
                          code="provider_id")
        return _encoder.encode({
            "token": _short("token", query.token, 300),
            "player_id": _number("player_id", query.player_id), "site_id": _number("site_id", query.site_id),
            "provider_id": own, "game_id": _short("game_id", query.game_id, 100),
            "currency": _short("currency", query.currency, 10), "amount": _amount(query.amount),
            "round_id": _short("round_id", query.round_id, LONGEST_ID),
            "transaction_id": _short("transaction_id", query.transaction_id, LONGEST_ID),
            "action": Action(query.action).value,
        })

    def transaction_status(self, query):
        answer = self._ask(query, ref=query.transaction_id, is_evidence=True)
        return mapping.read_reply(answer, query=query, provider_id=self._provider_id, warning=_warning(answer))

    def probe(self):
        """A question about a transaction of nobody: there is no cheaper read, and any documented answer shows life."""
        answer = self._ask(TransactionQuery(
            token=NOBODY, player_id=0, site_id=0, game_id="probe", currency="EUR", amount=Decimal(0), round_id=NOBODY,
            transaction_id=NOBODY, action=Action.DEBIT))
        if not mapping.speaks(answer):
            return Health(healthy=False, detail="It answers, but not as its contract says.")
        return Health(healthy=True, detail=f"It answers over {answer.http_version}. {_warning(answer)}".strip())

    def _ask(self, query, **options):
        body = self.compose_query(query)
        answer = self._transport.send(Call(
            operation="walletStatus", method="POST", route=ROUTE, content=body, documented=(mapping.UNKNOWN_ERROR,),
            headers={"authorization": self._authorization, "x-request-signature": signature(self._private_key, body)},
            **options))
        if not mapping.speaks(answer):
            judge(answer, asked="read", rules=mapping.RULES, operation="walletStatus")
        return answer


def _warning(answer):
    return "" if answer.http_version == "HTTP/2" else f"The server spoke {answer.http_version} instead of HTTP/2."


def _number(name, given, called=""):
    digits = str(given)
    if not re.fullmatch("[0-9]{1,20}", digits) or int(digits) > LARGEST_ID:
        raise Invalid(f"{called or name} is not a whole number from 0 to {LARGEST_ID}.", code=name)
    return int(digits)


def _short(name, given, most):
    if not re.fullmatch(r"[ -~]+", given) or len(given) > most or given != given.strip():
        raise Invalid(f"{name} must be 1 to {most} plain characters.", code=name)
    return given


def _amount(given):
    is_plain = given.is_finite() and 0 <= given < LARGEST_AMOUNT and -PLACES <= given.as_tuple().exponent <= 0
    if not is_plain:
        raise Invalid(f"amount must be a plain number that is not negative, with at most {PLACES} decimals.", code="amount")
    return given
