"""The rows of the catalog: suppliers, the mirror of what they sell, and the log of what we asked them."""

from .call import Call
from .circuit import CircuitState
from .export import Export
from .product import Category, Product, ProductType, Sku
from .supplier import ConnectionTest, Supplier, SupplierEvent
from .sync_run import SyncChange, SyncRun
from .token import SupplierToken

__all__ = [
    "Call", "Category", "CircuitState", "ConnectionTest", "Export", "Product", "ProductType", "Sku", "Supplier",
    "SupplierEvent", "SupplierToken", "SyncChange", "SyncRun",
]
