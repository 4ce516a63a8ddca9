"""What staff do in a simulated world: order, click twice, withdraw, release, review and reveal."""

import uuid
from contextlib import suppress

from catalog import gateway
from catalog.suppliers import ports
from catalog.suppliers.esims import ICCID_FIELD
from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID
from catalog.suppliers.types import ProductKind
from orders import approving, chunking, delivery, parking, phones, placing, quoting, reviewing, sweep, terms, verdicts
from orders.models import Attempt, Order, Quote
from orders.models.attempt import State

PHONE = "+12025550123"
NOBODY = "00000000"


class Staff:
    """One lead who does everything, at `at`, as `rng` decides. A part of `World`."""

    def somebody_orders(self):
        sku, token = self.rng.choice(self.skus), uuid.UUID(int=self.rng.getrandbits(128))
        if self.tokens and self.rng.random() < 0.15:
            sku, token = self.rng.choice(self.tokens)  # a double click, or the back button
        self.order(sku, token, thinks_s=self.rng.choice([1, 2, 5, 10, 30, 100, 130]))

    def order(self, sku, token=None, *, thinks_s=1):
        """Somebody asks for the price, looks at it for so long, and confirms; gives the order, None without a price."""
        wanted, quote = self.price(sku)
        if quote.state != Quote.State.READY:
            self.tell("no quote")
            return None
        self.pass_time(thinks_s)
        return self.confirm(sku, wanted, quote, token or uuid.UUID(int=self.rng.getrandbits(128)))

    def price(self, sku):
        fields = {field["name"]: self._input(sku, field) for field in sku.product.fields}
        quantity = self._quantity(sku)
        if sku.supplier.api == "giftapi" and sku.product.kind == ProductKind.ESIM and self.dice(0.5):
            fields, quantity = {**fields, ICCID_FIELD: KNOWN_ICCID}, 1
        wanted = terms.check(
            sku=sku, quantity=quantity, amount=sku.min_amount if sku.is_open else None, fields=fields)
        return wanted, quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=None, now=self.at), now=self.at)

    def confirm(self, sku, wanted, quote, token):
        order = placing.confirm(token=token, sku=sku, terms=wanted, quote=quote, reference="", by=self.staff, now=self.at,
                                repeat=True)
        self.tokens.append((sku, token))
        self.tell(f"order {order.status}")
        self.maybe_crash("C2")
        return order

    def somebody_withdraws(self):
        self._with_an_order("withdrawn by hand", lambda order: parking.withdraw(order=order, by=self.staff, now=self.at))

    def somebody_releases(self):
        self._with_an_order("released", lambda order: parking.release(
            order=order, by=self.staff, now=self.at, total=order.parked_total))

    def somebody_approves(self):
        """A second person looks at the price of now; sometimes too long, sometimes it is the requester who tries."""
        orders = list(approving.waiting())
        if not orders:
            return
        order, by = self.rng.choice(orders), self.rng.choice([self.approver] * 5 + [self.staff])
        if self.rng.random() < 0.1:
            approving.decline(order=order, by=by, reason="Not today", now=self.at)
            self.happened["declined"] += 1
            return
        quote = quoting.fetch(quote=approving.ask_price(order=order, by=by, now=self.at), now=self.at)
        self.pass_time(self.rng.choice([1, 10, 130]))
        approving.approve(order=order, quote=quote, by=by, now=self.at)
        self.tell("approved")
        self.happened["approved"] += 1

    def somebody_sends_again(self):
        """The buyers of what nobody has heard of for long still want it, wherever that may be said."""
        unknown = Attempt.objects.filter(state=State.UNKNOWN).order_by("created_at", "order__submission_token", "chunk")
        for attempt in list(unknown):
            with suppress(verdicts.Excluded):
                verdicts.send_again(attempt=attempt, by=self.staff, now=self.at)
                self.tell(f"sent again by hand {self.name(attempt.ref)}")
                self.happened["sent again by hand"] += 1

    def somebody_reviews(self):
        """What was left to a person, because workers died at it too often, goes on once they have looked."""
        sweep.run_due(now=self.at)
        for order in Order.objects.filter(needs_review=True, attempts__crash_count__gt=0):
            reviewing.settle(order=order, by=self.staff, note="Looked at", now=self.at)

    def somebody_reveals(self):
        delivered = Order.objects.filter(attempts__units__isnull=False).distinct()
        self._with_an_order("code revealed", lambda order: delivery.reveal(
            order=order, by=self.staff, reason="The buyer asks", now=self.at), delivered)

    def _with_an_order(self, what, act, orders=None):
        orders = list((Order.objects.all() if orders is None else orders).order_by("created_at", "submission_token"))
        if orders:
            act(self.rng.choice(orders))
            self.happened[what] += 1

    def dice(self, rate):
        """Whether something happens that does so at this rate; on a scripted day it does not."""
        return not self.is_scripted and self.rng.random() < rate

    def _quantity(self, sku):
        """Now and then more than the supplier takes at once."""
        if self.is_scripted or not chunking.may_split(sku):
            return 1
        return self.rng.randint(1, 3 if self.rng.random() < 0.7 else 2 * min(sku.max_per_order or 3, 3) + 1)

    def _input(self, sku, field):
        """A phone is looked up at its supplier before; now and then somebody mistypes an account."""
        if field.get("choices"):
            return field["choices"][0]
        if field["kind"] == "phone" and gateway.supports(sku.supplier, ports.PhoneLookup):
            search = phones.ask(supplier=sku.supplier, number=PHONE, by=self.staff, now=self.at)
            self.happened["phone looked up"] += phones.carry_out(search=search)
            return PHONE
        if field["kind"] == "text" and self.dice(0.1):
            return NOBODY
        return {"email": "buyer@example.org", "digits": "12345678", "phone": "+447700900123"}.get(
            field["kind"], "reefwalker")
