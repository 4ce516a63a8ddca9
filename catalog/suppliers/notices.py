"""What a supplier tells by itself, and the checks that a notice has to pass before a word of it is looked at.

A notice is a hint, even a rightly signed one: whoever acts on it reads the truth from the supplier first.
"""

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from .decoding import decode, record
from .errors import Misread

TOLERANCE_S = 300


class NoticeKind(StrEnum):
    """What a notice is about: an order, the money we hold there, or something that nothing here follows from."""

    ORDER = "order"
    MONEY = "money"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notice:
    """`key` is the same in every copy of one notice, `event` the supplier's name for it, `word` the status it tells.

    `order_id` and `ref` hint at an order: the supplier's id of it and our reference. '' where it does not say.
    """

    key: str
    kind: NoticeKind
    event: str
    order_id: str = ""
    ref: str = ""
    word: str = ""


class RefusedNotice(Exception):
    """A notice that is not taken. `reason` is the one word that is counted; nothing else of it is kept."""

    reason = "refused"


class BadSignature(RefusedNotice):
    """It is not signed with a secret that we accept from this supplier, or does not say for which time."""

    reason = "signature"


class OutOfTime(RefusedNotice):
    """It was signed for another time than now."""

    reason = "time"


class Unreadable(RefusedNotice):
    """It is not what the supplier's contract describes."""

    reason = "unreadable"


def fresh(timestamp, *, now):
    """`timestamp` (Unix seconds as text) if it is at most five minutes from `now`; OutOfTime, or BadSignature for none.

    Ten digits exactly: where it is signed without anything behind it, an eleventh could be borrowed from what follows.
    """
    if not re.fullmatch(r"[0-9]{10}", timestamp):
        raise BadSignature
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        raise OutOfTime
    return timestamp


def check_signature(given, expected):
    """Raise BadSignature unless `given` is one of the hex signatures `expected`; takes as long whichever it is."""
    matches = [hmac.compare_digest(given.encode(), one.encode()) for one in expected]
    if not any(matches):
        raise BadSignature


def node_of(body):
    """The JSON object in `body`; Unreadable otherwise."""
    try:
        return record(decode(body), "notice")
    except Misread as error:
        raise Unreadable from error
