"""The tokens of the Octopus Cards stand-in: an access token lives for an hour, a refresh token works once in a week."""

import secrets
from datetime import datetime, timedelta

from ..lab_records import Records

ACCESS_S = 3600
REFRESH_S = 7 * 24 * 3600
CLIENT_ID = 77
NOTE = "tokens"


class Tokens:
    """Kept in the books, so that they outlive a restart. Called with the books locked."""

    def __init__(self, books: Records):
        self._books = books

    def issue(self, now: datetime, access_s: float = ACCESS_S) -> dict:
        """A new pair; earlier ones go on living."""
        access, refresh = _make("access"), _make("refresh")
        kept = self._living(now)
        kept["access"][access] = now + timedelta(seconds=access_s)
        kept["refresh"][refresh] = now + timedelta(seconds=REFRESH_S)
        self._books.note(NOTE, kept)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "access_expires_at": _moment(kept["access"][access]),
            "refresh_expires_at": _moment(kept["refresh"][refresh]),
            "client_id": CLIENT_ID,
        }

    def use_up(self, refresh: str, now: datetime) -> bool:
        """Whether this refresh token could still be used; it cannot be used again."""
        kept = self._living(now)
        found = kept["refresh"].pop(refresh, None)
        self._books.note(NOTE, kept)
        return found is not None

    def accepts(self, access: str, now: datetime) -> bool:
        until = self._books.notes.get(NOTE, {}).get("access", {}).get(access)
        return until is not None and now < until

    def revoke_all(self) -> None:
        self._books.note(NOTE, {"access": {}, "refresh": {}})

    def _living(self, now: datetime) -> dict:
        kept = self._books.notes.get(NOTE, {"access": {}, "refresh": {}})
        return {sort: {token: until for token, until in kept[sort].items() if now < until} for sort in kept}


def _make(sort: str) -> str:
    return f"lab.{sort}.{secrets.token_urlsafe(24)}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
