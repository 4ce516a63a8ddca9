"""What the aggregator's answers mean. Of its result codes only 1 and 2 are published, so the shop keeps a table of them."""

import re

from ..decoding import decode, ident, money, need, record, text
from ..errors import Misread, Unauthorised
from ..judging import Rule
from ..transactions import LARGEST_ID, TransactionReply

SUCCESS = "1"
NOT_LET_IN = (401, 403)
UNKNOWN_ERROR = 500  # its documented status for code 2: the aggregator has spoken, and does not know either

RULES = (
    Rule("any", NOT_LET_IN, "", Unauthorised,
         "The supplier does not let us in: the access key, the signature or this machine's address.", needs_words=False),
)


def speaks(answer):
    """Whether an answer has the documented shape, so that its code may be read whatever its HTTP status."""
    if answer.content_type != "application/json" or answer.status in NOT_LET_IN:
        return False
    try:
        node = record(decode(answer.body), "answer")
    except Misread:
        return False
    return isinstance(node.get("status"), bool) and unsigned(node, "code") != ""


def read_reply(answer, *, query, provider_id, warning):
    """A TransactionReply. Misread for an answer of another shape, that contradicts itself, or is about somebody else."""
    node = record(decode(answer.body), "answer")
    succeeded, code = node.get("status"), need(unsigned(node, "code"), "code")
    if not isinstance(succeeded, bool):
        raise Misread("The answer lacks a usable status.", code="missing_field")
    is_confirmed = succeeded and code == SUCCESS and 200 <= answer.status < 300
    if is_confirmed:
        _expect_echo(node, query=query, provider_id=provider_id)
    elif succeeded or code == SUCCESS:
        raise Misread(f"The answer contradicts itself: status {str(succeeded).lower()}, code {code}, HTTP {answer.status}.",
                      code="contradiction")
    return TransactionReply(
        is_confirmed=is_confirmed, code=code, message=text(node, "message"), request_id=ident(node, "request_id"),
        balance=money(node, "balance"), http_version=answer.http_version, warning=warning)


def unsigned(node, name):
    """An unsigned 64-bit number as its digits, or ''."""
    digits = ident(node, name)
    return digits if re.fullmatch("[0-9]{1,20}", digits) and int(digits) <= LARGEST_ID else ""


def _expect_echo(node, *, query, provider_id):
    """The session and the numbers must be ours; the game's id is told in two ways, so it proves nothing."""
    odd = [name for name, asked, told in (
        ("session", query.token, text(node, "token")),
        ("player", str(query.player_id), unsigned(node, "player_id")),
        ("site", str(query.site_id), unsigned(node, "site_id")),
        ("provider", provider_id, unsigned(node, "provider_id")),
    ) if asked != told]
    if odd:
        raise Misread(f"The answer is about another {' and '.join(odd)} than we asked for.", code="echo_mismatch")
