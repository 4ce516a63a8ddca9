"""Orders as rows of a table: every value ready to print, because fifty rows of template logic cost more than the query."""

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.templatetags.display import absolute, moment, money, status_badge, visible

from .models.parking import ParkReason

COLUMNS = (
    "id", "reference", "status", "needs_review", "is_test", "parked_reason", "recipient", "quantity", "agreed_total",
    "charged_total", "currency", "is_estimate", "supplier_order_id", "created_at", "finished_at", "supplier__name",
    "sku__name", "sku__product__name", "placed_by__username",
)


def select(orders):
    """`orders` with just the columns that rows need, in one query."""
    return orders.values_list(*COLUMNS, named=True)


def present(found):
    """The rows for templates/orders/_rows.html."""
    prefix = reverse("orders:list")  # of each order's address; to reverse it takes as long as the rest of its row
    return [_present(row, prefix) for row in found]


def _present(row, prefix):
    total = row.agreed_total if row.charged_total is None else row.charged_total
    return {
        "url": f"{prefix}{row.id}/",
        "reference": row.reference,
        "badge": status_badge(row.status),
        "why": str(ParkReason(row.parked_reason).label) if row.parked_reason else "",
        "needs_review": row.needs_review,
        "is_test": row.is_test,
        "supplier": row.supplier__name,
        "product": visible(row.sku__product__name),
        "sku": visible(row.sku__name) if row.sku__name != row.sku__product__name else "",
        "recipient": visible(row.recipient),
        "quantity": row.quantity,
        "total": money(total, row.currency),
        "is_estimate": row.is_estimate and row.charged_total is None,
        "near": moment(row.created_at, "relative"),
        "far": absolute(row.created_at),
        "by": row.placed_by__username or _("command"),
    }
