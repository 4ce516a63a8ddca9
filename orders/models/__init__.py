"""The rows of orders: what was asked for, each attempt to buy it, what was seen, what was delivered, and who did what."""

from .attempt import Attempt
from .esim import Esim, EsimEvent
from .event import Event
from .notice import Notice, NoticeRefusal
from .observation import Observation
from .order import Order
from .phone_search import PhoneSearch
from .quote import Quote
from .receipt_address import ReceiptAddress
from .result_code import ResultCode
from .shortfall import Refund, Shortfall
from .spend_limit import SpendLimit
from .transaction import Transaction, TransactionCheck, TransactionEvent
from .transaction_file import TransactionFile, TransactionFileRow
from .unit import Unit
from .unmatched import OrderComparison, UnmatchedPurchase

__all__ = [
    "Attempt",
    "Esim",
    "EsimEvent",
    "Event",
    "Notice",
    "NoticeRefusal",
    "Observation",
    "Order",
    "OrderComparison",
    "PhoneSearch",
    "Quote",
    "ReceiptAddress",
    "Refund",
    "ResultCode",
    "Shortfall",
    "SpendLimit",
    "Transaction",
    "TransactionCheck",
    "TransactionEvent",
    "TransactionFile",
    "TransactionFileRow",
    "Unit",
    "UnmatchedPurchase",
]
