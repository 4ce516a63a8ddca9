"""The rows of funding: what we hold at suppliers, what of it is spoken for, and what the suppliers' books say."""

from .account import Account, Reading, Threshold
from .books import Books
from .entry import Entry
from .reservation import Reservation

__all__ = ["Account", "Books", "Entry", "Reading", "Reservation", "Threshold"]
