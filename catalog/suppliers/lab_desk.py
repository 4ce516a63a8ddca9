"""What all stand-ins share: finding the operation of a path, reading JSON, slicing lists with their faults."""

import json
import re
from dataclasses import dataclass

from .lab_books import Books
from .lab_http import Reply, Request


class NoSuchOperation(Exception):
    """No documented operation has this method and path."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows: `number` counts from 1, `has_more` tells whether the list claims to go on."""

    rows: list
    number: int
    has_more: bool


class PageFailed(Exception):
    """This page has been told to answer an error, with that status."""


class Desk:
    """A stand-in. `operations` maps each documented operationId to method, path template and the method answering it.

    Answering methods are called with the books locked, with the request and the parameters of the path.
    """

    operations: dict[str, tuple[str, str, str]] = {}
    single = frozenset({"createOrder", "getOrder"})  # look at their own order: walking all open ones costs the most

    hooks = None  # the supplier's lab_notices, if it sends webhooks, and what signs them unless another secret is given
    webhook_secret = ""

    def __init__(self, books: Books):
        self.books = books
        self._routes = [
            (operation, method, _pattern(template)) for operation, (method, template, _) in self.operations.items()
        ]

    def find(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The operation and the parameters of its path."""
        for operation, wanted, pattern in self._routes:
            if wanted == method and (found := pattern.fullmatch(path)):
                return operation, found.groupdict()
        raise NoSuchOperation(f"{method} {path}")

    def forget(self) -> None:
        """Drops what the stand-in remembers beside its books."""

    def answer(self, operation: str, request: Request, params: dict[str, str]) -> Reply:
        with self.books.lock:
            if operation not in self.single:
                self.books.tick(request.now)
            refusal = self.refusal(operation, request, params)
            return refusal or getattr(self, self.operations[operation][2])(request, **params)

    def failure(self, status: int) -> dict:
        """The body of an error as this supplier writes it."""
        words = {401: ("unauthorized", "Key not accepted"), 429: ("rate_limited", "Too many requests")}
        code, message = words.get(status, ("server_error", "Server error"))
        return {"code": code, "message": message}

    def names(self) -> tuple[str, ...]:
        """What a fault can strike here: operations and webhooks."""
        return (*self.operations, *(self.hooks.EVENTS if self.hooks else ()))

    def refusal(self, operation: str, request: Request, params: dict[str, str]) -> Reply | None:
        """The answer to a caller who may not ask this; None for one who may."""
        raise NotImplementedError


def _pattern(template: str) -> re.Pattern:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))


def read_object(body: bytes) -> dict | None:
    """The JSON object in a request body, None if it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def sliced(request: Request, rows: list, number: int, size: int) -> Slice:
    """Page `number` of `rows`, unless a page fault says otherwise. Raises PageFailed."""
    if failing := request.fault("page_error", page=number):
        raise PageFailed(failing["status"])
    has_more = number * size < len(rows)
    if not has_more and request.fault("page_endless"):
        last = max(1, -(-len(rows) // size))
        return Slice(_page(rows, last, size), number, True)
    if has_more and request.fault("page_empty", page=number):
        return Slice([], number, True)
    if number > 1 and request.fault("page_repeat", page=number):
        return Slice(_page(rows, number - 1, size), number, has_more)
    return Slice(_page(rows, number, size), number, has_more)


def _page(rows: list, number: int, size: int) -> list:
    return rows[(number - 1) * size : number * size]


def lagging(request: Request, orders: list, first_number: int) -> list:
    """Without the orders that a look-up does not see yet: younger than so many seconds, or all since the first day."""
    lag = request.fault("lookup_lag")
    if lag is None:
        return orders
    if lag["seconds"] is None:
        return [order for order in orders if order.number <= first_number]
    return [order for order in orders if (request.now - order.created_at).total_seconds() > lag["seconds"]]
