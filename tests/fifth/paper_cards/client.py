"""What we ask Paper Cards, a made-up supplier of printed vouchers: the smallest adapter that can sell."""

from datetime import UTC, datetime

import msgspec

from catalog.suppliers.declaring import Credential, Setting, complete, decimal_between
from catalog.suppliers.decoding import decode, record, records
from catalog.suppliers.exchange import Call
from catalog.suppliers.judging import expect_echo, judge
from catalog.suppliers.traits import DeskTraits
from catalog.suppliers.types import Health, Page

from . import mapping

CREDENTIALS = {"key": Credential("Key", "Printed on the first delivery note.")}
SETTINGS = {"fee": Setting(label="Fee", default=0, parse=decimal_between("0", "5"), help="Added to each price.")}


class PaperCards:
    """Has a catalog, prices, orders, one balance and a probe; no books of its own."""

    traits = DeskTraits(ref_enforced=True)

    def __init__(self, transport, credentials, settings):
        self._transport = transport
        self._headers = {"x-key": credentials["key"]}
        self._settings = complete(SETTINGS, settings)

    def types(self):
        return mapping.TYPES

    def categories(self):
        return ()

    def products(self, cursor):
        return Page(items=tuple(mapping.read_card(node) for node in records(self._read("listCards", "/cards"), "cards")))

    def prices(self, cursor):
        return Page(items=())

    def quote(self, request):
        node = record(self._read("getCard", "/cards/{card}", params={"card": request.sku_ref}), "card")
        return mapping.read_quote(node, quantity=request.quantity, fee=self._settings["fee"], fetched_at=datetime.now(UTC))

    def compose(self, request):
        return msgspec.json.encode({"card": request.sku_ref, "count": request.quantity, "ref": request.ref})

    def place(self, request, body, *, signed_at):
        placement = self.read_placement(self._ask(Call(
            operation="buy", method="POST", route="/orders", headers=self._headers, content=body, is_read=False,
            is_evidence=True, ref=request.ref)).body)
        expect_echo(placement, ref=request.ref, sku_ref=request.sku_ref)
        return placement

    def fetch(self, order_id):
        return self.read_placement(self._ask(self._call("getOrder", "/orders/{order}", params={"order": order_id})).body)

    def find(self, ref, *, sku_ref, since):
        nodes = records(self._read("findOrders", "/orders", query={"ref": ref}), "orders")
        return tuple(mapping.read_order(node) for node in nodes)

    def read_placement(self, body):
        return mapping.read_order(record(decode(body), "order"))

    def balances(self):
        return (mapping.read_balance(record(self._read("getWallet", "/wallet"), "wallet")),)

    def probe(self):
        self._read("getWallet", "/wallet")
        return Health(healthy=True, detail="The wallet can be read.")

    def _read(self, operation, route, **options):
        return decode(self._ask(self._call(operation, route, **options)).body)

    def _call(self, operation, route, **options):
        return Call(operation=operation, method="GET", route=route, headers=self._headers, **options)

    def _ask(self, call):
        answer = self._transport.send(call)
        judge(answer, asked="read" if call.is_read else "purchase", rules=mapping.RULES, operation=call.operation)
        return answer
