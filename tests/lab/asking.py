"""Asking the stand-ins by hand, as the contracts describe it, and judging what they answer."""

import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.conforming import faults_in_answer


def shops(lab):
    """The books of the stand-ins that sell something."""
    return [books for books in lab.books.values() if hasattr(books, "goods")]


@dataclass
class Told:
    status: int
    headers: dict
    raw: bytes

    @property
    def json(self):
        return json.loads(self.raw)


class Asker:
    """A plain HTTP client with one connection per call."""

    def __init__(self, lab):
        self.lab = lab
        self.port = int(lab.url.rpartition(":")[2])

    def send(self, method, path, body=None, headers=None, timeout=5):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


class PlexyAsker(Asker):
    @property
    def books(self):
        return self.lab.books["plexy_gate"]

    @property
    def agent(self):
        return f"/plexy_gate/agent/{self.lab.credentials['plexy_gate']['agent_id']}"

    def get(self, path, **query):
        key = {"Authorization": self.lab.credentials["plexy_gate"]["api_key"]}
        return self.send("GET", f"{self.agent}{path}?{urlencode(query)}", headers=key)

    def order(self, key="key-1", timeout=5, **asked):
        body = {"product_id": int(self.voucher().ref), "external_ref": "REF-1", "quantity": 1, **asked}
        given = {name: value for name, value in body.items() if value is not None}
        return self.post(json.dumps(given).encode(), key, timeout)

    def post(self, body, key, timeout=5):
        headers = {"Authorization": self.lab.credentials["plexy_gate"]["api_key"], "Idempotency-Key": key}
        return self.send("POST", f"{self.agent}/orders", body, headers, timeout)

    def voucher(self, currency="USD"):
        return self._first("redeem_card", currency)

    def top_up(self):
        return self._first("direct_top_up", "USD")

    def _first(self, kind, currency):
        goods = self.books.goods
        return next(row for row in self.books.listed() if row.kind == kind and goods[row.ref].currency == currency)


class GiftAsker(Asker):
    @property
    def books(self):
        return self.lab.books["giftapi"]

    @property
    def token(self):
        return {"Authorization": f"Bearer {self.lab.credentials['giftapi']['token']}"}

    def get(self, path, **query):
        return self.send("GET", f"/giftapi{path}?{urlencode(query)}", headers=self.token)

    def order(self, ref="REF-1", sku=None, timeout=5, metadata=None, **fields):
        sku = sku or self.card().sku
        body = {"external_id": ref, "item": {"sku_id": sku, "fields": {"quantity": 1, **fields}}, "metadata": metadata}
        return self.post("/orders", body, sku, timeout=timeout)

    def top_up(self, iccid, ref="REF-1", **asked):
        return self.post(f"/services/esim/{iccid}/topup", {"external_id": ref, **asked}, iccid)

    def post(self, path, body, signed_id, timeout=5, **changed):
        headers = {**self.token, **self.signed(signed_id, body["external_id"]), **changed}
        return self.send("POST", f"/giftapi{path}", json.dumps(body).encode(), headers, timeout)

    def signed(self, signed_id, ref, at=None, secret=None):
        stamp = str(int(at or time.time()))
        secret = secret or self.lab.credentials["giftapi"]["partner_secret"]
        signature = hmac.new(secret.encode(), f"{stamp}{signed_id}{ref}".encode(), hashlib.sha256).hexdigest()
        return {"X-Timestamp": stamp, "X-Signature": signature}

    def card(self):
        """A fixed denomination that may be bought several times at once and never runs out."""
        return next(good for good in self.books.goods.values()
                    if not good.is_open and good.stock == 9999 and good.max_per_order >= 5 and self._takes_no_fields(good))

    def open_card(self):
        return next(good for good in self.books.goods.values() if good.is_open and self._takes_no_fields(good))

    def data_pack(self):
        return next(good for good in self.books.goods.values() if good.face_currency == "GB")

    def _takes_no_fields(self, good):
        return not self.books.products[good.product].fields


class OctopusAsker(Asker):
    def __init__(self, lab):
        super().__init__(lab)
        self.token = None

    @property
    def books(self):
        return self.lab.books["octopus_cards"]

    def sign_in(self):
        given = self.lab.credentials["octopus_cards"]
        return self.auth("login", username=given["api_key"], password=given["api_secret"])

    def auth(self, act, token=None, **body):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.send("POST", f"/octopus_cards/auth/{act}", json.dumps(body).encode(), headers)

    def ask(self, method, path, body=None, timeout=5, **query):
        """Signs in first, once."""
        if self.token is None:
            self.token = self.sign_in().json["data"]["access_token"]
        content = None if body is None else json.dumps(body).encode()
        target = f"/octopus_cards/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        return self.send(method, target, content, {"Authorization": f"Bearer {self.token}"}, timeout)

    def get(self, path, **query):
        return self.ask("GET", path, **query)

    def post(self, path, **body):
        return self.ask("POST", path, {name: value for name, value in body.items() if value is not None})

    def top_up(self, ref="REF-1", **changed):
        asked = {"product_id": 4218, "amount": 4.99, "input_data": {"player_id": "5123456789", "server": "asia"}}
        return self.post("/topups/orders", **{**asked, "client_reference": ref, **changed})

    def vouchers(self, quantity=1, ref="REF-1", **changed):
        asked = {"product_id": 311, "denomination": 25, "quantity": quantity, "client_reference": ref}
        return self.post("/orders", **{**asked, **changed})

    def esim(self, ref="REF-1", **changed):
        return self.post("/esim/orders", **{"product_id": 880, "amount": 3.2, "client_reference": ref, **changed})


def faults_in(name, operation, told):
    """What the contract finds wrong with an answer; [] is what a good answer gives."""
    return faults_in_answer(name, operation, told.status, told.raw)
