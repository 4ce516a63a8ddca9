"""How one try is told to the call log: the words, the sizes, and the bodies only where they are evidence."""

import hashlib

from .errors import Forbidden, NotSent, Unanswered
from .exchange import Answer, CallRecord

NO_WORD_FROM_THEM = (408, 425, 429)  # besides 3xx and 5xx: nobody there has looked at what we asked


def is_no_word(status):
    """Whether a status says nothing about our request, so that asking again may help."""
    return status in NO_WORD_FROM_THEM or 300 <= status < 400 or status >= 500


def is_their_word(call, answer):
    """Whether the supplier itself has spoken, so that asking the same again at once would help nobody."""
    if answer.status in call.documented:
        return answer.content_type == "application/json"
    return not is_no_word(answer.status)


def outcome_of(call, result):
    """The word of the call log for an Answer, a SupplierError or None (we were interrupted)."""
    if isinstance(result, Answer):
        is_page = 200 <= result.status < 300 and result.content_type == "text/html"
        return "answered" if is_their_word(call, result) and not is_page else "unanswered"
    if isinstance(result, Unanswered):
        return "unanswered"
    if isinstance(result, Forbidden):
        return "forbidden"
    return "not_sent" if isinstance(result, NotSent) else "interrupted"


def record_of(call, *, result, started_at, duration_ms):
    """The record of one try of `call`. Header values, parameters and queries are not in it."""
    answer = result if isinstance(result, Answer) else None
    return CallRecord(
        operation=call.operation, method=call.method, route=call.route, ref=call.ref, is_read=call.is_read,
        is_evidence=call.is_evidence, started_at=started_at, duration_ms=duration_ms,
        status=answer.status if answer else None, outcome=outcome_of(call, result), detail=_detail(result),
        http_version=answer.http_version if answer else "", skew_s=answer.skew_s if answer else None,
        request_size=len(call.content), response_size=len(answer.body) if answer else 0,
        request_digest=hashlib.sha256(call.content).hexdigest() if call.content else "",
        request_body=call.content if call.is_evidence else None,
        response_body=answer.body if answer and call.is_evidence else None)


def _detail(result):
    if isinstance(result, Answer):
        return f"HTTP {result.status} {result.content_type}"[:300]
    return result.message if result else "We were stopped while the call was under way."
