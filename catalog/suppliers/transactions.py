"""What a TransactionDesk speaks: an earlier movement on a player's wallet, asked about and told of.

Ids are unsigned 64-bit numbers: they travel as Python integers and as text, never as floats or signed columns.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

LARGEST_ID = 2**64 - 1


class Action(StrEnum):
    """What the transaction did."""

    DEBIT = "debit"
    CREDIT = "credit"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """One transaction, told exactly as it was told when it happened.

    `token` is the player's session: a secret. `amount` keeps the digits it was sent with. `provider_id` is None where it is
    taken from the connection; where it is given it must be the connection's own.
    """

    token: str = field(repr=False)
    player_id: int
    site_id: int
    game_id: str
    currency: str
    amount: Decimal
    round_id: str
    transaction_id: str
    action: Action
    provider_id: int | None = None


@dataclass(frozen=True, slots=True)
class TransactionReply:
    """What the supplier said. `is_confirmed` only if it said so in every way it has, about the very transaction asked for.

    Otherwise `code` decides, and what a code means is known to the shop, not here. `balance` is the player's, now; it proves
    nothing. `warning` is '' or a sentence about how the answer came.
    """

    is_confirmed: bool
    code: str
    message: str
    request_id: str
    balance: Decimal | None
    http_version: str
    warning: str = ""
