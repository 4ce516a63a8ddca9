"""What an answer's status means: one closed table of rules per supplier, read from the top, first match wins.

A web page is never taken for the supplier's word. No rule: `Unanswered`, because a reply that we cannot classify is not a
refusal.
"""

import re
from dataclasses import dataclass

from .decoding import decode
from .errors import Misread, Refused, Unanswered
from .pacing import retry_after_s

TOKEN = re.compile(r"(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Za-z])[\w+/=.-]{12,}")
PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Rule:
    """`asked` is read, purchase or any. `token` is searched in the error's words ('' fits all).

    With `needs_words` the answer must be JSON of the documented error shape; without, anything but a web page will do.
    """

    asked: str
    statuses: tuple[int, ...]
    token: str
    raises: type[Refused]
    says: str
    needs_words: bool = True

    def fits(self, *, asked, status, words, is_page):
        return (self.asked in (asked, "any") and status in self.statuses and not is_page
                and (bool(words) or not self.needs_words)
                and (not self.token or any(re.search(self.token, word) for word in words)))


def judge(answer, *, asked, rules, operation):
    """Return if the status is 2xx; otherwise raise what the first fitting rule says, or Unanswered."""
    if 200 <= answer.status < 300:
        return
    texts = _texts(answer)
    words = [re.sub("[^a-z0-9]+", "_", text.lower()).strip("_") for text in texts]
    about = {"operation": operation, "status": answer.status, "retry_after_s": retry_after_s(answer.headers)}
    is_page = answer.content_type in PAGES
    for rule in rules:
        if rule.fits(asked=asked, status=answer.status, words=words, is_page=is_page):
            raise rule.raises(f"{rule.says} {_quoted(texts)}", code=words[0][:60] if words else "", **about)
    raise Unanswered(f"The supplier answered with HTTP {answer.status}, which decides nothing. {_quoted(texts)}", **about)


def expect_echo(placement, *, ref, sku_ref, quantity=None, currency=""):
    """Raise Misread with code echo_mismatch unless the order that came back is the one we asked for."""
    odd = [name for name, asked, told in (
        ("reference", ref, placement.ref),
        ("product", sku_ref, placement.sku_ref),
        ("quantity", quantity, placement.quantity if quantity is not None else None),
        ("currency", currency, placement.currency if currency else ""),
    ) if asked != told]
    if odd:
        raise Misread(f"The supplier answered with an order of another {' and '.join(odd)} than we asked for.",
                      code="echo_mismatch")


def _texts(answer):
    """The words of an error body, likeliest code first; empty unless it is JSON of one of the known shapes."""
    if not re.fullmatch(r"application/(?:[a-z0-9.+-]+\+)?json", answer.content_type):
        return []
    try:
        body = decode(answer.body)
    except Misread:
        return []
    if not isinstance(body, dict):
        return []
    error, errors = body.get("error"), body.get("errors")
    nested, errors = error if isinstance(error, dict) else {}, errors if isinstance(errors, dict) else {}
    details = [one for value in errors.values() for one in (value if isinstance(value, list) else [value])]
    found = [body.get("code"), nested.get("code"), nested.get("type"), error, body.get("type"), body.get("message"),
             nested.get("message"), *errors, *details]
    return [str(one) for one in found if isinstance(one, str | int) and not isinstance(one, bool) and str(one).strip()]


def _quoted(texts):
    """The longest of the supplier's own words, printable and short, for staff.

    What looks like a key, a signature or a code is left out: some suppliers repeat in an error what they were sent.
    """
    longest = "".join(letter for letter in max(texts, key=len, default="") if letter.isprintable())[:160]
    longest = TOKEN.sub("…", longest)
    return f'It says: "{longest}"' if longest else ""
