"""Being signed in at Octopus Cards: one token for all processes, renewed before it ends and never signed out.

A refresh token works once and a sign-out ends every token of the key, so both would knock out whoever else uses it.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from ..decoding import decode, moment, need, record, text
from ..errors import NotSent, Refused, Unanswered
from ..exchange import Call
from ..judging import judge
from ..tokens import Token
from .mapping import RULES

AHEAD = timedelta(minutes=5)
LONGEST_TOKEN = 8000
AUTH_S = 10.0


class Session:
    """Gives tokens that may be used now. `store` is the TokenStore that all processes share."""

    def __init__(self, transport, credentials, store):
        self._transport, self._store = transport, store
        self._login = {"username": credentials["api_key"], "password": credentials["api_secret"]}

    def token(self):
        """A token that does not end within a moment. Raises Unauthorised where the key is refused."""
        token = self._store.read()
        if token is not None and token.access_expires_at - AHEAD > self._now():
            return token
        try:
            return self._store.renew(token, self._exchange)
        except (NotSent, Unanswered):
            if token is not None and token.access_expires_at > self._now() + timedelta(seconds=30):
                return token  # it could not be renewed ahead of time, and it is not yet time
            raise

    def another(self, token):
        """A token in place of one that was refused although it should still be good."""
        return self._store.renew(token, self._exchange)

    def _exchange(self, kept):
        """A new token for the kept one; where that cannot be had, by key and secret. Runs in one process at a time."""
        if kept is not None and kept.refresh_expires_at > self._now():
            try:
                return self._ask("refreshToken", "/auth/refresh", {"refresh_token": kept.refresh})
            except Refused:
                pass  # used up by a process that did not live to keep what it got, or revoked
        return self._ask("login", "/auth/login", self._login)

    def _ask(self, operation, route, body):
        # Asking twice does no harm: a refresh token that is used up leads to a login.
        answer = self._transport.send(Call(
            operation=operation, method="POST", route=route, content=msgspec.json.encode(body), deadline_s=AUTH_S))
        judge(answer, asked="read", rules=RULES, operation=operation)
        return read_token(decode(answer.body))

    def _now(self):
        """The time by the clock that set the expiry."""
        return datetime.now(UTC) + timedelta(seconds=self._transport.skew_s or 0)


def read_token(body):
    """The token pair in an answer, which here alone comes in an envelope."""
    data = record(record(body, "envelope").get("data"), "token")
    return Token(
        access=need(text(data, "access_token", longest=LONGEST_TOKEN), "access token"),
        refresh=need(text(data, "refresh_token", longest=LONGEST_TOKEN), "refresh token"),
        access_expires_at=need(moment(data, "access_expires_at"), "access_expires_at"),
        refresh_expires_at=need(moment(data, "refresh_expires_at"), "refresh_expires_at"))
