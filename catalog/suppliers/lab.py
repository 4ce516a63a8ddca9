"""The failure lab: stand-ins for the suppliers on loopback, for the demo, for tests and for training staff.

Each keeps its own truth (`Lab.books`) and can be told to fail (`Lab.fail`). Nothing that serves customers imports this.

    lab = Lab()
    url = lab.start()                      # suppliers under url/plexy_gate and so on, control under url/lab/
    lab.fail("giftapi", "createOrder", "reset", when="after")
    lab.books["giftapi"].purchases("my-reference")
"""

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from .game_wallet import lab as game_wallet
from .game_wallet.lab_books import WalletBooks
from .giftapi import lab as giftapi
from .giftapi import lab_catalog as giftapi_catalog
from .giftapi import lab_esim
from .giftapi import lab_orders as giftapi_orders
from .lab_books import Books
from .lab_control import Control
from .lab_desk import Desk, NoSuchOperation
from .lab_faults import Board, Fault, asked, is_answer, is_clock, names, spoiled
from .lab_goods import Seed
from .lab_history import Plan, awaited, lived
from .lab_http import Reply, Request, Server, json_reply
from .lab_kinds import FOREVER, KINDS
from .lab_store import Store
from .lab_webhooks import Webhooks
from .octopus_cards import lab as octopus_cards
from .octopus_cards import lab_books as octopus_books
from .plexy_gate import lab as plexy_gate
from .plexy_gate import lab_catalog as plexy_catalog
from .plexy_gate import lab_orders as plexy_orders

KEPT_CALLS = 20_000
UNTOLD = object()


@dataclass(slots=True)
class Heard:
    """One request that reached a stand-in, and the status it was answered with (None: no answer was made).

    `answer` is kept where `Lab.keeps_answers`; `is_spoiled` tells that a fault changed what was done or told.
    """

    supplier: str
    operation: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: datetime
    query: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: bytes | None = None
    is_spoiled: bool = False


class Lab:
    """All stand-ins on one port.

    `books` is a file that keeps what was bought over a restart. Accepted orders end by themselves after `seconds`; with
    0, GiftAPI's are complete in the first answer and Plexy's at the first look. `notify` says where webhooks go: for each
    supplier the URL and the secret, or None for its usual one.
    """

    def __init__(self, books: str | Path | None = None, seconds: float = 0.0, notify: dict | None = None):
        self._store = Store(books) if books else None
        self._server: Server | None = None
        self.url = ""
        self._generation = 0
        self._delayed: list = []
        self.credentials = {
            "plexy_gate": dict(plexy_gate.CREDENTIALS),
            "giftapi": dict(giftapi.CREDENTIALS),
            "game_wallet": dict(game_wallet.CREDENTIALS),
            "octopus_cards": dict(octopus_cards.CREDENTIALS),
        }
        now = datetime.now(UTC)
        self.books: dict[str, Books | WalletBooks] = {
            "plexy_gate": _plexy_books(now, seconds, self._store),
            "giftapi": _giftapi_books(now, seconds, self._store),
            "game_wallet": WalletBooks(),
            "octopus_cards": octopus_books.open_books(now, seconds, self._store),
        }
        self.desks: dict[str, Desk] = {
            "plexy_gate": plexy_gate.PlexyGate(self.books["plexy_gate"]),
            "giftapi": giftapi.GiftAPI(self.books["giftapi"]),
            "game_wallet": game_wallet.GameWallet(self.books["game_wallet"]),
            "octopus_cards": octopus_cards.OctopusCards(self.books["octopus_cards"]),
        }
        self.board = Board()
        self.webhooks = Webhooks(self.desks, self.board, notify)
        for supplier, kept in self.books.items():
            kept.told = partial(self.webhooks.take, supplier)
        self.heard: deque[Heard] = deque(maxlen=KEPT_CALLS)
        self.keeps_answers = False
        self._control = Control(self)

    def start(self, port: int = 0) -> str:
        """Serves on loopback until `stop`; gives the base URL."""
        self._server = Server(port, self.answer)
        serving = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="lab", daemon=True)
        serving.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self.url

    def stop(self) -> None:
        self._generation += 1
        self.webhooks.stop()
        if self._server is not None:
            self._server.close_all()
            self._server = None
        if self._store is not None:
            self._store.close()

    def reset(self) -> None:
        """Books, faults and memory of calls as on the first day; stalled answers end now."""
        self._generation += 1
        self.board.clear()
        if self._server is not None:
            self._server.release()
        for desk in self.desks.values():
            desk.books.reset()
            desk.forget()
        self.heard.clear()
        self._delayed.clear()
        self.webhooks.forget()

    def fail(self, supplier: str, operation: str, fault: str, times=UNTOLD, **options) -> Fault:
        """Switches a fault on for an operationId of the supplier's contract or the name of a webhook.

        A star at the end stands for anything: "create*" is each way to order, "*" is everything.

        `times` counts the calls it strikes; None means until `clear`. Left out, it is once, or for ever where the fault
        is a lasting condition (see `lab_kinds.KINDS`). Raises ValueError for a name that does not exist.
        """
        if supplier not in self.desks:
            raise ValueError(f"no supplier {supplier!r}; there are: {', '.join(self.desks)}")
        known = self.desks[supplier].names()
        if not any(names(operation, one) for one in known):
            raise ValueError(f"{supplier} has no {operation!r}; it has: {', '.join(known)}")
        if times is UNTOLD:
            times = KINDS[fault].times if fault in KINDS else FOREVER
        return self.board.add(supplier, operation, fault, times, options)

    def clear(self, supplier: str | None = None) -> None:
        """Switches the faults of one supplier, or all, off."""
        self.board.clear(supplier)

    def calls(self, supplier: str, operation: str | None = None) -> list[Heard]:
        """The requests that reached a stand-in, oldest first."""
        return [one for one in list(self.heard) if one.supplier == supplier and operation in (None, one.operation)]

    def answer(self, request: Request) -> Reply:
        """What the server does with each request."""
        supplier, _, rest = request.path.lstrip("/").partition("/")
        if supplier in ("lab", ""):
            return self._control.answer(request)
        desk = self.desks.get(supplier)
        if desk is None:
            return json_reply({"message": "No such supplier"}, 404)
        try:
            operation, params = desk.find(request.method, f"/{rest}")
        except NoSuchOperation:
            return json_reply({"message": "No such operation"}, 404)
        return self._answer(supplier, operation, desk, request, params)

    def _answer(self, supplier: str, operation: str, desk: Desk, request: Request, params: dict) -> Reply:
        heard = Heard(supplier, operation, request.path, request.headers, request.body, request.now, request.query)
        self.heard.append(heard)
        skew = self.board.take(supplier, operation, is_clock)
        if skew is not None:
            request.now += timedelta(seconds=skew.options["seconds"])
        ask = asked(self.board, supplier, operation)

        def noted(name: str, **here) -> dict | None:
            found = ask(name, **here)
            heard.is_spoiled |= found is not None
            return found

        request.fault = noted

        def act(request: Request) -> Reply:
            reply = desk.answer(operation, request, dict(params))
            self.webhooks.send_early(supplier)
            return reply

        def later(seconds: float | None, request: Request) -> None:
            self._later(seconds, lambda: act(replace(request, now=datetime.now(UTC))))

        fault = self.board.take(supplier, operation, is_answer)
        reply = act(request) if fault is None else spoiled(fault, request, act, later, desk.failure)
        heard.status, heard.is_spoiled = reply.status, heard.is_spoiled or fault is not None
        if self.keeps_answers:
            heard.answer = reply.body
        return reply if skew is None else replace(reply, date=request.now)

    def land_delayed(self) -> int:
        """Requests held back by `commit_later` with `seconds=None` arrive now; gives how many."""
        landing, self._delayed = self._delayed, []
        for act in landing:
            act()
        return len(landing)

    def _later(self, seconds: float | None, act) -> None:
        """Does it after so many seconds, unless the lab was reset or stopped meanwhile; None waits for `land_delayed`."""
        if seconds is None:
            self._delayed.append(act)
            return
        generation = self._generation

        def late() -> None:
            if generation == self._generation:
                act()

        timer = threading.Timer(seconds, late)
        timer.daemon = True
        timer.start()


def _plexy_books(now: datetime, seconds: float, store: Store | None) -> Books:
    products, goods = plexy_catalog.build()
    plans = [
        Plan("USD", Decimal("8412.60"), 90, Decimal("2500.00"), floor=Decimal("6000")),
        Plan("EUR", Decimal("23.75"), 40, Decimal("400.00")),
        Plan("GBP", Decimal("640.00"), 8, Decimal("500.00")),
        Plan("JPY", Decimal("184500"), 12, Decimal("100000")),
        Plan("KWD", Decimal("96.250"), 6, Decimal("100.000")),
    ]
    seed = Seed(products, goods, balances={plan.currency: plan.ends_with for plan in plans})
    lived(seed, plans, now, makes=plexy_orders.make_unit, cost=plexy_orders.charge)
    for currency, amount, hours in (("EUR", "400.00", 9), ("USD", "2500.00", 30)):
        seed.deposits.append(awaited(seed, currency, Decimal(amount), now - timedelta(hours=hours)))
    return Books(
        "plexy_gate", seed, makes=plexy_orders.make_unit, seconds=seconds, reads=0 if seconds else 1, store=store
    )


def _giftapi_books(now: datetime, seconds: float, store: Store | None) -> Books:
    products, goods = giftapi_catalog.build()
    plan = Plan("USD", Decimal("-1284.37"), 240, Decimal("750.00"), floor=Decimal("-2200"))
    seed = Seed(
        products, goods, {plan.currency: plan.ends_with}, esims=lab_esim.first_esims(goods, now),
        overdraft_limit=Decimal(5000),
    )  # fmt: skip
    lived(seed, [plan], now, makes=giftapi_orders.make_unit, cost=lambda good: good.price)
    return Books("giftapi", seed, makes=giftapi_orders.make_unit, seconds=seconds, store=store)
