"""The lab's control: what the books hold and which faults are on, as JSON for programs and as one page for people.

    GET    /lab/books                 the books of all suppliers, shortly
    GET    /lab/books/<supplier>      one supplier; ?ref= gives the purchases under one reference
    POST   /lab/books/<supplier>      {"act": "deposit", "currency": "USD", "amount": "100.00"}: any of the books' acts
    GET    /lab/faults                the faults that are on, and all that exist
    POST   /lab/faults                {"supplier", "operation", "fault", "times"?, "options"?}
    DELETE /lab/faults[?supplier=&id=]
    GET    /lab/webhooks              where webhooks go, and the last ones that were sent
    POST   /lab/webhooks              {"supplier", "url", "secret"?}: from now on there; an empty URL ends it
    POST   /lab/webhooks/land         those held back arrive now
    POST   /lab/webhooks/again        {"key"}: one of them once more
    POST   /lab/reset                 everything as on the first day
    GET    /lab/                      the page
"""

from dataclasses import asdict, is_dataclass
from urllib.parse import parse_qsl

from .lab_desk import read_object
from .lab_http import HTML, Reply, Request, json_reply
from .lab_kinds import KINDS
from .lab_page import PRESETS, render

LOCAL = ("127.0.0.1", "localhost")
PAGE_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}


class Control:
    def __init__(self, lab):
        self._lab = lab

    def answer(self, request: Request) -> Reply:
        if not _is_local(request):
            return json_reply({"message": "Only from this machine"}, 403)
        path = request.path.strip("/").removeprefix("lab").strip("/")
        noun, _, rest = path.partition("/")
        method = getattr(self, f"_{request.method.lower()}_{noun or 'page'}", None)
        if method is None:
            return json_reply({"message": "No such control"}, 404)
        try:
            return method(request, rest)
        except (KeyError, AttributeError, TypeError, ValueError, ArithmeticError, StopIteration) as error:
            return self._refused(request, _words(error))

    def _get_page(self, request: Request, rest: str) -> Reply:
        return Reply(200, render(self._lab).encode(), HTML, PAGE_POLICY)

    def _get_books(self, request: Request, rest: str) -> Reply:
        if not rest:
            return json_reply({name: books.summary() for name, books in self._lab.books.items()})
        return json_reply(self._lab.books[rest].detail(request.query.get("ref")))

    def _post_books(self, request: Request, rest: str) -> Reply:
        given = _given(request)
        act = given.pop("act", None)
        books = self._lab.books[rest]
        if act not in (known := [one.name for one in books.acts()]):
            raise ValueError(f"no act {act!r}; there are: {', '.join(known)}")
        done = getattr(books, act)(**given)
        return self._done(request, {"done": act, "row": asdict(done) if is_dataclass(done) else None}, place=rest)

    def _get_faults(self, request: Request, rest: str) -> Reply:
        kinds = {
            name: {"help": kind.help, "options": kind.options, "times": kind.times} for name, kind in KINDS.items()
        }
        return json_reply({**self._standing(), "kinds": kinds})

    def _post_faults(self, request: Request, rest: str) -> Reply:
        given = _given(request)
        if rest == "clear":
            self._lab.board.clear(fault_id=int(given["id"]) if given.get("id") else None)
            return self._done(request, self._standing())
        if "preset" in given:
            _, _, operation, name, options = PRESETS[int(given["preset"])]
            fault = self._lab.fail(given["supplier"], operation, name, **options)
            return self._done(request, fault.as_dict(), 201, place=given["supplier"])
        options = given.get("options") or {}
        if isinstance(options, str):
            options = read_object(options.encode())
            if options is None:
                raise ValueError("options must be a JSON object")
        if given.get("times", "") != "":
            options["times"] = None if given["times"] is None else int(given["times"])
        fault = self._lab.fail(given["supplier"], given["operation"], given["fault"], **options)
        return self._done(request, fault.as_dict(), 201, place=given["supplier"])

    def _delete_faults(self, request: Request, rest: str) -> Reply:
        fault_id = request.query.get("id")
        self._lab.board.clear(request.query.get("supplier"), int(fault_id) if fault_id else None)
        return json_reply(self._standing())

    def _get_webhooks(self, request: Request, rest: str) -> Reply:
        webhooks = self._lab.webhooks
        addresses = {supplier: address.url for supplier, address in webhooks.addresses.items()}
        sent = [_sent(one) for one in list(webhooks.sent)[-50:]]
        return json_reply({"addresses": addresses, "waiting": webhooks.waiting(), "sent": sent})

    def _post_webhooks(self, request: Request, rest: str) -> Reply:
        given, webhooks = _given(request), self._lab.webhooks
        if rest == "land":
            return self._done(request, {"landed": webhooks.land()})
        if rest == "again":
            webhooks.again(given["key"])
            return self._done(request, {"done": "again"})
        webhooks.address(given["supplier"], given["url"], given.get("secret") or None)
        return self._done(request, {"done": "address"}, place=given["supplier"])

    def _post_reset(self, request: Request, rest: str) -> Reply:
        self._lab.reset()
        return self._done(request, {"done": "reset"})

    def _standing(self) -> dict:
        return {"faults": [fault.as_dict() for fault in self._lab.board.standing()]}

    def _refused(self, request: Request, why: str) -> Reply:
        """For people the page with the reason on top, for programs the reason."""
        if _is_form(request):
            return Reply(400, render(self._lab, problem=why).encode(), HTML, PAGE_POLICY)
        return json_reply({"message": why}, 400)

    def _done(self, request: Request, told: dict, status: int = 200, place: str = "") -> Reply:
        """For programs what was done, for people the page again, at the supplier where they were."""
        if _is_form(request):
            return Reply(303, b"", headers={"Location": f"/lab/#{place}" if place else "/lab/"})
        return json_reply(told, status)


def _words(error: Exception) -> str:
    if isinstance(error, ArithmeticError):
        return "That is no number: an amount is written as 12.50."
    if isinstance(error, KeyError):
        return f"Not known here, or missing: {error.args[0] if error.args else ''}"
    if isinstance(error, TypeError):
        return "A field is missing, or one too many is given."
    return str(error) or "There is no such thing here."


def _sent(one) -> dict:
    """A try without what signs it."""
    return {
        "supplier": one.supplier, "event": one.notice.event, "key": one.notice.key, "attempt": one.attempt,
        "at": one.at.isoformat(timespec="seconds"), "status": one.status, "error": one.error,
    }  # fmt: skip


def _is_local(request: Request) -> bool:
    """No other site may switch things here through a browser."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    origin = request.headers.get("origin")
    return host in LOCAL and (origin is None or origin == f"http://{request.headers['host']}")


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _given(request: Request) -> dict:
    if _is_form(request):
        return dict(parse_qsl(request.body.decode(), keep_blank_values=request.path.startswith("/lab/webhooks")))
    given = read_object(request.body or b"{}")
    if given is None:
        raise ValueError("the body must be a JSON object")
    return given
