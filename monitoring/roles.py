"""Who may do what: the groups of the house and their permissions, declared once and laid down by `install`.

A shop may add groups of its own; the ones named here are set back to what stands here at each install.
"""

from django.contrib.auth.models import Group, Permission

SEE_GOODS = ("catalog.view_product", "catalog.view_supplier", "catalog.view_syncrun")
SEE_ORDERS = ("orders.view_order",)
SEE_TRANSACTIONS = ("orders.view_transaction",)
ASK_TRANSACTIONS = (*SEE_TRANSACTIONS, "orders.check_transaction")
SEE_ESIMS = ("orders.view_esim",)
ASK_ESIMS = (*SEE_ESIMS, "orders.read_esim")
SEE_MONEY = ("funding.view_account", "funding.view_entry")
SEE_MACHINERY = ("monitoring.view_alert", "catalog.view_call", "orders.view_notice")
TEND_ALERTS = ("monitoring.acknowledge_alert",)

OPERATIONS = (
    *SEE_GOODS, *SEE_ORDERS, *ASK_TRANSACTIONS, *ASK_ESIMS, *SEE_MACHINERY, *TEND_ALERTS,
    "catalog.start_sync", "catalog.pause_supplier",
    "orders.place_order", "orders.release_order", "orders.change_order", "orders.replay_notice",
    "funding.view_account", "funding.refresh_funding",
)
FINANCE = (
    *SEE_GOODS, *SEE_ORDERS, *SEE_MONEY, *TEND_ALERTS, "monitoring.view_alert",
    "funding.refresh_funding", "funding.change_threshold", "orders.approve_order",
)
SUPPORT = (
    *SEE_ORDERS, *ASK_TRANSACTIONS, *ASK_ESIMS, "catalog.view_product", "orders.reveal_code", "monitoring.view_alert",
)
CONFIGURE = (
    "catalog.add_supplier", "catalog.change_supplier",
    "orders.view_resultcode", "orders.add_resultcode", "orders.change_resultcode", "orders.delete_resultcode",
    "funding.view_threshold", "funding.add_threshold", "funding.delete_threshold",
    "orders.view_spendlimit", "orders.add_spendlimit", "orders.change_spendlimit", "orders.delete_spendlimit",
    "auth.view_user", "auth.add_user", "auth.change_user", "auth.view_group",
    "axes.delete_accessattempt",  # lets somebody in again who is locked out
)
READ_IN_ADMIN = (
    "orders.view_attempt", "orders.view_event", "orders.view_observation", "orders.view_quote", "orders.view_unit",
    "orders.view_spendlimit", "orders.view_esimevent", "orders.view_shortfall", "orders.view_refund",
    "orders.view_resultcode", "orders.view_transactioncheck", "orders.view_transactionevent", "orders.view_transactionfile",
    "orders.view_noticerefusal",
    "funding.view_reservation", "funding.view_reading", "funding.view_threshold",
    "catalog.view_sku", "catalog.view_category", "catalog.view_producttype", "catalog.view_circuitstate",
    "catalog.view_supplierevent", "catalog.view_export", "funding.view_books",
    "monitoring.view_proberesult", "monitoring.view_heartbeat", "django_q.view_schedule",
    "axes.view_accessattempt", "axes.view_accesslog",
)
AUDITOR = (*SEE_GOODS, *SEE_ORDERS, *SEE_TRANSACTIONS, *SEE_ESIMS, *SEE_MONEY, *SEE_MACHINERY, *READ_IN_ADMIN)
LEAD = (*OPERATIONS, *FINANCE, *SUPPORT, *CONFIGURE, *READ_IN_ADMIN)

GROUPS = {
    name: tuple(sorted(set(permissions))) for name, permissions in {
        "operations": OPERATIONS,
        "finance": FINANCE,
        "support": SUPPORT,
        "lead": LEAD,
        "auditor": AUDITOR,
    }.items()
}


class UnknownPermission(Exception):
    """A group names a permission that no model declares."""


def install():
    """Give each group exactly its permissions; returns the names of the groups that had to be changed."""
    known = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    return [name for name, words in GROUPS.items() if _lay_down(name, words, known)]


def _lay_down(name, words, known):
    missing = [word for word in words if word not in known]
    if missing:
        raise UnknownPermission(f"Group {name}: no such permission: {', '.join(missing)}. Run migrate first.")
    group, created = Group.objects.get_or_create(name=name)
    wanted = {known[word] for word in words}
    if not created and set(group.permissions.all()) == wanted:
        return False
    group.permissions.set(wanted)
    return True
