"""What we ask Octopus Cards."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import msgspec

from ..declaring import complete
from ..decoding import decode, plain_amount
from ..errors import Duplicate, Invalid, Missing, NotSent, SupplierError, Unanswered
from ..exchange import Call
from ..judging import expect_echo, judge
from ..paging import walk
from ..tokens import OwnToken
from ..traits import DeskTraits
from ..types import Health
from . import mapping, notices
from .catalog import Catalog
from .reference import Reference
from .refs import ESIM, TOPUP, VERTICALS, VOUCHER, fixed_amount, split
from .session import Session
from .settings import SETTINGS

API = "/api/v1"
ORDERS = {TOPUP: "/topups/orders", VOUCHER: "/orders", ESIM: "/esim/orders"}
WORDS = {TOPUP: "Topup", VOUCHER: "Voucher", ESIM: "Esim"}  # in the names of operations
PURCHASE_S = {TOPUP: 30.0, VOUCHER: 30.0, ESIM: 75.0}  # an eSIM may be held for a minute before it is answered
LONGEST_REF = 255
ESIM_PAGES = 20  # of the latest eSIM orders, among which one is looked for
ENTRIES_PER_PAGE = 200
ORDERS_PER_PAGE = 100
SIZE_NAMES = {TOPUP: "per_page", VOUCHER: "limit", ESIM: "per_page"}

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class OctopusCards(Catalog, Reference):
    """A client of one account at Octopus Cards: the catalog of `Catalog`, and every port.

    Our reference is sent as client_reference. A second order under it is refused for good, so a request whose outcome is
    unknown may be sent again once a look-up found nothing.
    """

    traits = DeskTraits(
        ref_enforced=True, refuses_repeats=True, books_show_orders=True, refund_remark="refund", purchase_s=75,
        lookup_lag_s=200,  # two minutes after the slowest purchase has ended
        poll_after_s=(5,) * 12 + (30,) * 20 + (300, 600, 900, 900), poll_slow_s=3600,
        order_sorts=VERTICALS, polls_per_minute=100)  # of the 300 reads that the account has for everything
    notice_secret = "webhook_secret"  # noqa: S105 - a name
    read_notice = staticmethod(notices.read_notice)

    def __init__(self, transport, credentials, settings, tokens=None):
        self._transport = transport
        self._settings = complete(SETTINGS, settings)
        self._session = Session(transport, credentials, tokens or OwnToken())
        self._currencies = {}
        super().__init__()

    def quote(self, request):
        """Exactly what would leave the wallet. Raises Missing for goods that are gone, Invalid without a fitting wallet."""
        vertical, _ = split(request.product_ref, what="product")
        fetched_at, amount = datetime.now(UTC), self._amount(request)
        self.expect_on_sale(request)
        priced_in, quote = self._charges(request, vertical, amount, fetched_at)
        if priced_in != quote.currency:
            if not self._settings["conversion_wallet"]:
                raise Invalid(
                    f"These goods are priced in {priced_in}, and you hold no {priced_in} wallet at the supplier. Ask it to "
                    "open one, or have a lead allow a conversion in the settings of this connection.", code="currency")
            _, quote = self._charges(request, vertical, amount, fetched_at, wallet_id=self._settings["conversion_wallet"])
        if vertical == VOUCHER and quote.is_available and not self._is_available(request, amount):
            return replace(quote, is_available=False, note="The supplier has not enough of these vouchers just now.")
        return quote

    def compose(self, request):
        """The bytes of the order. Raises Invalid for what this API cannot order, before anything is sent."""
        vertical, product_id = split(request.product_ref, what="product")
        if not (request.ref and request.ref.isascii() and request.ref.isprintable() and len(request.ref) <= LONGEST_REF):
            raise Invalid("A reference for Octopus Cards has 1 to 255 plain letters, digits and signs.", code="reference")
        if request.is_test:
            raise Invalid("Octopus Cards has no test orders. Use a connection to its sandbox.", code="is_test")
        if request.iccid:
            raise Invalid("Octopus Cards adds nothing to an eSIM that was sold. Sell a new one.", code="iccid")
        if request.quantity != 1 and vertical != VOUCHER:
            raise Invalid("Octopus Cards sells one of these per order. Place one order for each.", code="quantity")
        order = {"product_id": product_id, "client_reference": request.ref, **self._wallet(request)}
        amount = Decimal(plain_amount(self._amount(request)))
        if vertical == VOUCHER:
            email = {"email": request.fields["email"]} if request.fields.get("email") else {}
            return _encoder.encode({**order, "denomination": amount, "quantity": request.quantity, **email})
        if vertical == ESIM:
            return _encoder.encode({**order, "amount": amount, "quantity": 1})
        category = {"category": request.category} if request.category else {}
        return _encoder.encode({**order, "amount": amount, "input_data": dict(request.fields), **category})

    def place(self, request, body, *, signed_at):
        """The reference alone tells copies apart here; no time is sent."""
        vertical, _ = split(request.product_ref, what="product")
        try:
            answer = self._ask(Call(
                operation=f"create{WORDS[vertical]}Order", method="POST", route=API + ORDERS[vertical], content=body,
                is_read=False, is_evidence=True, deadline_s=PURCHASE_S[vertical], ref=request.ref))
        except Invalid as refusal:
            if refusal.code == mapping.BAD_REQUEST:
                self._expect_none(request.ref, vertical)
            raise
        placement = self._read_order(decode(answer.body), vertical)
        expect_echo(
            placement, ref=request.ref, sku_ref=request.product_ref if placement.sku_ref else "",
            quantity=request.quantity if vertical == VOUCHER else None,
            currency=request.currency if placement.currency else "")
        return placement

    def fetch(self, order_id):
        vertical, number = split(order_id, what="order")
        answer = self._ask(self._call(f"get{WORDS[vertical]}Order", ORDERS[vertical] + "/{id}", number, is_evidence=True))
        return self._read_order(decode(answer.body), vertical)

    def find(self, ref, *, sku_ref, since):
        """The list of its sort of goods takes a reference as an exact filter, also where we buy no more of that sort."""
        vertical, _ = split(sku_ref, what="sku")
        return tuple(self._find(ref, vertical))

    def orders(self, cursor):
        """Every order there, one sort of goods after the other. No activation code stands in a list."""
        return self._in_turn(self._orders, cursor)

    def esim_status(self, iccid):
        """How far an eSIM is. Its order tells that, and is found among the latest ones; nothing can be added to it."""
        for page in walk(partial(self._orders, ESIM), most=ESIM_PAGES):
            for order in page.items:
                if order.raw.get("iccid") == iccid:
                    return mapping.read_esim(self.fetch(order.order_id).raw, iccid=iccid)
        raise Missing("Octopus Cards shows no eSIM of this ICCID among the orders of this account.", code="iccid")

    def read_placement(self, body):
        node = decode(body)
        return self._read_order(node, mapping.vertical_of(node))

    def balances(self):
        """One reading per wallet, in the currency that its number stands for."""
        wallets = self._read("listWallets", "/wallets")
        currencies = self._known_currencies(mapping.currency_ids(wallets))
        limit = self._settings["postpaid_limit"]
        readings = [mapping.read_wallet(node, currencies=currencies, postpaid_limit=limit) for node in wallets]
        return tuple(reading for reading in readings if reading)

    def entries(self, cursor):
        """Every movement of the wallets."""
        return self._page("listTransactions", "/transactions", cursor, self._read_transaction,
                          size=ENTRIES_PER_PAGE, size_name="limit")

    def probe(self):
        self._read("listCurrencies", "/currencies")
        return Health(healthy=True, detail="Octopus Cards accepts the key.")

    def look_up_phone(self, number):
        return mapping.read_matches(decode(self._ask(self._question(
            "lookupMobile", "/topups/lookup", {"mobile_number": number})).body))

    def takes_receipt_email(self, order_id):
        """Vouchers take an address with the order only."""
        return order_id.partition(":")[0] in (TOPUP, ESIM)

    def set_receipt_email(self, order_id, email):
        """Setting it twice is as good as once, so it may be tried again like a read."""
        vertical, number = split(order_id, what="order")
        self._ask(replace(
            self._call(f"set{WORDS[vertical]}NotificationEmail", ORDERS[vertical] + "/{id}/notification-email", number),
            method="PATCH", content=_encoder.encode({"email": email})))

    def _amount(self, request):
        return fixed_amount(request.sku_ref) if request.amount is None else request.amount

    def _wallet(self, request):
        """Which wallet pays: the one in the currency of the goods, which need not be named, or the one for conversions."""
        if not request.currency or request.currency == request.face_currency:
            return {}
        if not self._settings["conversion_wallet"]:
            raise Invalid("The price was in another currency than the goods, and conversions are not allowed for this "
                          "connection.", code="currency")
        return {"wallet_id": self._settings["conversion_wallet"]}

    def _charges(self, request, vertical, amount, fetched_at, **wallet):
        number, amount = split(request.product_ref, what="product")[1], Decimal(plain_amount(amount))
        if vertical == VOUCHER:
            question = self._question("quoteVoucher", "/products/{id}/charges", {
                "denomination": amount, "quantity": request.quantity, **wallet}, number)
        else:
            route, category = ("/topups/charges", request.category) if vertical == TOPUP else ("/esim/charges", "")
            question = self._question(f"quote{WORDS[vertical]}", route, {
                "product_id": number, "amount": amount, **wallet, **({"category": category} if category else {})})
        return mapping.read_quote(decode(self._ask(question).body), sku_ref=request.sku_ref, quantity=request.quantity,
                                  fetched_at=fetched_at)

    def _is_available(self, request, amount):
        _, number = split(request.product_ref, what="product")
        return mapping.read_availability(decode(self._ask(self._question(
            "checkVoucherAvailability", "/products/{id}/availability",
            {"denomination": Decimal(plain_amount(amount)), "quantity": request.quantity}, number)).body))

    def _expect_none(self, ref, vertical):
        """The code of the refusal is the one of a repeated reference as well: only a look-up shows that nothing is there."""
        try:
            found = self._find(ref, vertical)
        except SupplierError as error:
            raise Unanswered(f"The supplier refused in words that may mean a repeated reference, and could not be asked "
                             f"which. {error}") from error
        if found:
            raise Duplicate("The supplier knows our reference already.")

    def _find(self, ref, vertical):
        body = self._read(f"list{WORDS[vertical]}Orders", ORDERS[vertical],
                          query={"client_reference": ref, "page": "1", SIZE_NAMES[vertical]: "50"})
        return [order for order in mapping.rows(body, partial(self._read_order, vertical=vertical)) if order.ref == ref]

    def _orders(self, vertical, number):
        return self._page(f"list{WORDS[vertical]}Orders", ORDERS[vertical], number,
                          partial(self._read_order, vertical=vertical), size=ORDERS_PER_PAGE, size_name=SIZE_NAMES[vertical])

    def _read_order(self, node, vertical):
        return mapping.read_order(node, vertical, converts=bool(self._settings["conversion_wallet"]))

    def _read_transaction(self, node):
        return mapping.read_transaction(node, currencies=self._known_currencies(mapping.currency_ids([node])))

    def _known_currencies(self, wanted):
        if not set(wanted) <= self._currencies.keys():
            self._currencies = mapping.read_currencies(self._read("listCurrencies", "/currencies"))
        return self._currencies

    def _question(self, operation, route, body, number=None):
        """A question that is asked by POST; it changes nothing."""
        return replace(self._call(operation, route, number), method="POST", content=_encoder.encode(body))

    def _read(self, operation, route, number=None, **options):
        return decode(self._ask(self._call(operation, route, number, **options)).body)

    def _call(self, operation, route, number=None, **options):
        params = {} if number is None else {"id": str(number)}
        return Call(operation=operation, method="GET", route=API + route, params=params, **options)

    def _ask(self, call):
        """The answer to a signed-in call. A token that is refused was not looked past, so the same may be sent once more."""
        begun, token = time.monotonic(), self._signed_in(self._session.token)
        answer = self._transport.send(_with(call, token))
        if answer.status == 401:
            token = self._signed_in(partial(self._session.another, token))
            left = call.deadline_s - (time.monotonic() - begun)
            if left < 1:
                raise NotSent("The token had ended, and there was no time left to go on with a new one.",
                              operation=call.operation)
            answer = self._transport.send(_with(replace(call, deadline_s=left), token))
        judge(answer, asked="read" if call.is_read else "purchase", rules=mapping.RULES, operation=call.operation)
        return answer

    def _signed_in(self, ask):
        """A token. Without one nothing of the call itself was sent, whatever became of the question for it."""
        try:
            return ask()
        except Unanswered as error:
            raise NotSent(f"No token could be had. {error}", operation=error.operation, status=error.status,
                          retry_after_s=error.retry_after_s) from error


def _with(call, token):
    return replace(call, headers={**call.headers, "authorization": f"Bearer {token.access}"})
