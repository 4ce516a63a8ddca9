"""Tokens that a supplier lends for a while, shared by every process that calls it with the same key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """What a login or a refresh gave. No repr shows it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime


class TokenStore(Protocol):
    """The one token of a connection. Implemented with a row, so that all processes hold the same."""

    def read(self) -> Token | None:
        """The token that is kept, however old; None where there is none, or it was got with another key."""
        ...

    def renew(self, stale: Token | None, exchange: Callable[[Token | None], Token]) -> Token:
        """Another token than `stale`: the one that somebody else kept meanwhile, or what `exchange` gives.

        `exchange(kept)` is called by one process at a time, outside any transaction, and what it gives is kept before
        anybody uses it. Its errors come through, and then the kept token stays. Raises NotSent when somebody else's
        exchange does not end in time.
        """
        ...


class OwnToken:
    """A TokenStore of one client alone, for a process that shares nothing."""

    def __init__(self):
        self._token = None

    def read(self):
        return self._token

    def renew(self, stale, exchange):
        if self._token is None or self._token == stale:
            self._token = exchange(self._token)
        return self._token
