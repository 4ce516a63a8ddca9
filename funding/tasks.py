"""What the queue may ask of funding."""


from catalog import clock, gateway
from catalog.models import Supplier
from catalog.suppliers.errors import SupplierError

from . import refreshing


def refresh(supplier_id):
    """Refresh one supplier's balances and books. What went wrong stands in its Books row, where the page reads it."""
    supplier = Supplier.objects.filter(pk=supplier_id).first()
    if supplier is None:
        return
    try:
        refreshing.refresh(supplier=supplier, now=clock.now())
    except (SupplierError, gateway.NotConnected):
        return
