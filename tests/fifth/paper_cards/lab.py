"""Paper Cards' stand-in: a printing press with its own books."""

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CARDS = {"7": {"id": "7", "name": "Paper card 10 EUR", "price": "9.40", "currency": "EUR"},
         "8": {"id": "8", "name": "Paper card 25 EUR", "price": "23.10", "currency": "EUR"}}
KEY = "press-here"


class Press:
    """`orders` by reference are what was really printed, `balance` what is left in the wallet."""

    def __init__(self):
        self.orders, self.balance, self.lock = {}, Decimal("50.00"), threading.Lock()
        press = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                url = urlsplit(self.path)
                self.reply(*press.read(self.headers.get("x-key"), url.path.strip("/").split("/"), parse_qs(url.query)))

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.reply(*press.print(self.headers.get("x-key"), body))

            def reply(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def read(self, key, path, query):
        if key != KEY:
            return 401, {"message": "who are you"}
        match path:
            case ["cards"]:
                return 200, list(CARDS.values())
            case ["cards", card]:
                return 200, CARDS[card]
            case ["wallet"]:
                return 200, {"currency": "EUR", "balance": str(self.balance)}
            case ["orders"]:
                return 200, [one for one in self.orders.values() if one["ref"] in query["ref"]]
            case ["orders", number]:
                return 200, next(one for one in self.orders.values() if one["id"] == number)
        return 404, {"message": "no such page"}

    def print(self, key, told):
        if key != KEY:
            return 401, {"message": "who are you"}
        with self.lock:
            if told["ref"] not in self.orders:
                total = Decimal(CARDS[told["card"]]["price"]) * told["count"]
                if total > self.balance:
                    return 402, {"message": "balance too small"}
                self.balance -= total
                number = f"P{len(self.orders) + 1}"
                self.orders[told["ref"]] = {
                    "id": number, "ref": told["ref"], "card": told["card"], "state": "printed", "total": str(total),
                    "currency": "EUR", "codes": [f"PAPER-{number}-{n}" for n in range(told["count"])]}
        return 200, self.orders[told["ref"]]
