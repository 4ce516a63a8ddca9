"""Calls as the tests of the transport make them."""

from catalog.suppliers.http import Call
from tests.suppliers.server import answers

UNAVAILABLE = answers(status="503 Service Unavailable")


def read(**options):
    return Call(**{"operation": "getBalance", "method": "GET", "route": "/balance", "deadline_s": 3, **options})


def purchase(**options):
    return Call(**{"operation": "createOrder", "method": "POST", "route": "/orders", "content": b'{"a":1}', "deadline_s": 3,
                   "is_read": False, "is_evidence": True, "ref": "ref-1", **options})
