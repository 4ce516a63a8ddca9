"""What can go wrong between us and a supplier: one tree, drawn here.

    SupplierError
    ├── NotSent            no byte of the request left: safe to try again
    │   ├── CircuitOpen    we did not try, because the supplier has been failing
    │   └── Forbidden      the address may not be called (host not on the list, private address, not https)
    ├── Unanswered         bytes may have left and no usable answer came: the outcome is unknown
    │   └── Misread        an answer came that we cannot understand: for a purchase, unknown as well
    └── Refused            the supplier understood us and said no, in a way its contract documents
        ├── NotEnoughFunds
        ├── Invalid        the request itself is wrong; another attempt needs other input
        ├── Duplicate      our reference exists there already: look it up, never call it failed
        ├── Missing        no such object for us
        └── Unauthorised   key, signature or clock is wrong: stop calling until a person has looked

A reply that no rule of the supplier's table classifies is `Unanswered`, never `Refused`.
Errors carry no bodies: they reach logs and pages.
"""


class SupplierError(Exception):
    """Base of the tree. `message` is plain text of at most 300 characters, safe to show (escaped) to staff."""

    def __init__(self, message, *, operation="", status=None, code="", retry_after_s=None):
        self.message = " ".join(str(message).split())[:300]
        self.operation = operation
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        super().__init__(self.message)


class NotSent(SupplierError):
    """No byte of the request left this machine."""


class CircuitOpen(NotSent):
    """The circuit of this supplier is open; `retry_after_s` says when it may be tried again."""


class Forbidden(NotSent):
    """The address must not be called; configuration has to change first."""


class Unanswered(SupplierError):
    """The request may have reached the supplier and its outcome is not known."""


class Misread(Unanswered):
    """An answer came, but not one that the contract describes."""


class Refused(SupplierError):
    """The supplier refused, in a documented way; nothing was bought by this request."""


class NotEnoughFunds(Refused):
    """The balance there does not cover the purchase."""


class Invalid(Refused):
    """The supplier rejects the content of the request."""


class Duplicate(Refused):
    """The supplier already has an order under our reference."""


class Missing(Refused):
    """The supplier knows no such object for this account."""


class Unauthorised(Refused):
    """The supplier does not accept our key, signature or clock."""
