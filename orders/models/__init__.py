"""The rows of orders: what was asked for, each attempt to buy it, what was seen, what was delivered, and who did what."""

from .attempt import Attempt
from .event import Event
from .observation import Observation
from .order import Order
from .quote import Quote
from .unit import Unit

__all__ = ["Attempt", "Event", "Observation", "Order", "Quote", "Unit"]
