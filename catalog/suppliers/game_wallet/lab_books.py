"""What really became of transactions on players' wallets, whatever the stand-in answers about them."""

import threading
import uuid
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from ..lab_sheet import RECENT, Act, Table

SETTLED, PENDING, REJECTED, BROKEN = "settled", "pending", "rejected", "broken"
STATES = (SETTLED, PENDING, REJECTED, BROKEN)


@dataclass(frozen=True, slots=True)
class LabTransaction:
    """`state` is one of STATES; about a broken one the aggregator cannot say what became of it."""

    token: str
    player_id: int
    site_id: int
    game_id: str
    currency: str
    amount: Decimal
    round_id: str
    transaction_id: str
    action: str
    state: str = SETTLED


class WalletBooks:
    """The truth of the game aggregator. Any thread may call anything here."""

    def __init__(self):
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Back to the first day."""
        with self.lock:
            self.transactions = {(row.transaction_id, row.action): row for row in first_transactions()}
            self.balances = {}

    def tick(self, now) -> None:
        """Nothing here moves by the clock."""

    def find(self, transaction_id: str, action: str) -> LabTransaction | None:
        return self.transactions.get((transaction_id, action))

    def add(self, row: LabTransaction) -> LabTransaction:
        with self.lock:
            self.transactions[row.transaction_id, row.action] = row
        return row

    def become(self, transaction_id: str, state: str) -> LabTransaction:
        """Every action under this id comes to that state; gives the last one."""
        if state not in STATES:
            raise ValueError(f"no state {state!r}; there are: {', '.join(STATES)}")
        with self.lock:
            found = [row for row in self.transactions.values() if row.transaction_id == transaction_id]
            changed = [self.add(replace(row, state=state)) for row in found]
        if not changed:
            raise ValueError(f"no transaction {transaction_id!r}")
        return changed[-1]

    def balance(self, player_id: int) -> Decimal:
        """What the player holds now; made up, and the same each time."""
        return self.balances.get(player_id, Decimal(player_id % 90_000) / 100 + 100)

    def tables(self) -> list[Table]:
        rows = [
            (row.transaction_id, row.action, f"{row.amount:f} {row.currency}", str(row.player_id), row.state)
            for row in list(self.transactions.values())[-RECENT:]
        ]
        return [Table("Latest transactions", ("Transaction", "Action", "Amount", "Player", "State"), rows)]

    def acts(self) -> list[Act]:
        ids = tuple(dict.fromkeys(row.transaction_id for row in self.transactions.values()))
        return [Act("become", "Change a transaction", {"transaction_id": ids, "state": STATES})]

    def summary(self) -> dict:
        return {"transactions": len(self.transactions),
                **{state: sum(row.state == state for row in self.transactions.values()) for state in STATES}}

    def detail(self, ref: str | None) -> dict:
        rows = [asdict(row) for row in self.transactions.values() if ref in (None, row.transaction_id)]
        return {**self.summary(), "transactions": [{**row, "token": "…"} for row in rows]}


def first_transactions():
    """A day at the tables: one player has the highest number there is."""
    players = (184_467_440_737, 42, 2**64 - 1, 9_007_199_254_740_993, 77_120)
    states = (SETTLED, SETTLED, PENDING, SETTLED, REJECTED, SETTLED, BROKEN, SETTLED, SETTLED, PENDING, SETTLED, SETTLED)
    for n, state in enumerate(states, start=1):
        yield LabTransaction(
            token=f"lab-session-{n:04d}", player_id=players[n % 5], site_id=7 + n % 3,
            game_id=("neon-reef", "gold-mesa", "night-circuit")[n % 3], currency=("EUR", "USD")[n % 2],
            amount=Decimal(n * 475).scaleb(-2), round_id=f"r-20260114-{n:06d}",
            transaction_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"lab-transaction-{n}")),
            action=("debit", "credit", "debit", "rollback")[n % 4], state=state)
