"""A transport that gives prepared answers, and the suppliers' own documented examples."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.suppliers.http import Answer
from catalog.suppliers.slicing import Unread
from catalog.suppliers.tokens import OwnToken, Token

SAMPLES = Path(__file__).parent / "samples"


class Wire:
    """Gives `answers` one after the other, the last one again and again, and keeps the calls."""

    def __init__(self, *answers):
        self.answers, self.calls, self.skew_s = list(answers), [], None

    def send(self, call):
        self.calls.append(call)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answer(body=b"", *, status=200, content_type="application/json", headers=None):
    """An Answer; a body that is not bytes becomes JSON."""
    return Answer(status=status, content_type=content_type, headers=headers or {}, elapsed_ms=1, http_version="HTTP/1.1",
                  skew_s=0.0, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def token(name="t-1", *, ends_in=timedelta(hours=1), refresh_ends_in=timedelta(days=7)):
    """A Token as a supplier lends it."""
    now = datetime.now(UTC)
    return Token(access=name, refresh=f"{name}-refresh", access_expires_at=now + ends_in,
                 refresh_expires_at=now + refresh_ends_in)


def signed_in(kept=None):
    """A TokenStore that holds a good token."""
    tokens = OwnToken()
    tokens.renew(None, lambda _: kept or token())
    return tokens


def products_of(client, cursor=None):
    """The products of a page of the catalog, read."""
    return read(client.products(cursor))


def read(page):
    """The products of `page`, read."""
    return [item.read() if isinstance(item, Unread) else item for item in page.items]


def sample(name):
    """One documented example, as the supplier sends it."""
    return answer((SAMPLES / f"{name}.json").read_bytes())


def sample_value(name):
    return json.loads((SAMPLES / f"{name}.json").read_text())
