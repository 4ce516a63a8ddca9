"""The left navigation: same order on every page, only what the signed-in person may open, counts that mean work."""

from functools import cache
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

register = template.Library()


class Entry(NamedTuple):
    """`count` names the key of the context's `nav_counts` that stands beside it; `key` follows `g` on the keyboard.

    What is `among` another entry's count already is not added to its section once more. `pages` belong to an entry though
    their addresses lie elsewhere.
    """

    title: str
    url_name: str
    permission: str
    count: str = ""
    icon: str = ""
    key: str = ""
    among: str = ""
    pages: tuple = ()
    children: tuple = ()


ENTRIES = (
    Entry(_("Home"), "home", "monitoring.view_alert", icon="home", key="h"),
    Entry(_("Catalog"), "catalog:products", "catalog.view_product", icon="package", key="c", children=(
        Entry(_("Products"), "catalog:products", "catalog.view_product"),
        Entry(_("Suppliers"), "catalog:suppliers", "catalog.view_supplier"),
        Entry(_("Sync runs"), "catalog:sync_runs", "catalog.view_syncrun", count="sync_failed"),
    )),
    Entry(_("Orders"), "orders:list", "orders.view_order", icon="receipt", key="o", children=(
        Entry(_("All orders"), "orders:list", "orders.view_order", count="orders"),
        Entry(_("New order"), "orders:new", "orders.place_order"),
        Entry(_("Unknown"), "orders:unknown", "orders.view_order", count="unknown", among="orders",
              pages=("orders:evidence", "orders:absence", "orders:purchase")),
        Entry(_("Parked"), "orders:parked", "orders.view_order", count="parked", among="orders"),
        Entry(_("Approvals"), "orders:approvals", "orders.view_order", count="approvals", among="orders",
              pages=("orders:approval", "orders:approval_price", "orders:approval_grant", "orders:approval_refusal")),
        Entry(_("Unmatched"), "orders:unmatched", "orders.view_order", count="unmatched"),
        Entry(_("eSIMs"), "orders:esims", "orders.view_esim"),
        Entry(_("Transactions"), "orders:transactions", "orders.view_transaction", count="transactions"),
    )),
    Entry(_("Funding"), "funding:accounts", "funding.view_account", icon="wallet", key="f", children=(
        Entry(_("Balances"), "funding:accounts", "funding.view_account", count="accounts"),
        Entry(_("Deposits"), "funding:deposits", "funding.view_entry"),
        Entry(_("Transactions"), "funding:transactions", "funding.view_entry"),
    )),
    Entry(_("Monitoring"), "monitoring:health", "monitoring.view_alert", icon="activity", key="m", children=(
        Entry(_("Health"), "monitoring:health", "monitoring.view_alert", count="unhealthy"),
        Entry(_("Alerts"), "monitoring:alerts", "monitoring.view_alert", count="alerts"),
        Entry(_("Jobs"), "monitoring:jobs", "monitoring.view_alert"),
        Entry(_("Webhooks"), "monitoring:notices", "orders.view_notice"),
    )),
    Entry(_("Admin"), "admin:index", "staff", icon="settings", key="a"),
)


@register.inclusion_tag("components/navigation.html", takes_context=True)
def navigation(context):
    """The entries open to this person, each with its address, its count and whether it is the present page."""
    request = context.get("request")
    if request is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"entries": []}
    counts = context.get("nav_counts") or {}
    shown = [_shown(entry, request, counts) for entry in ENTRIES]
    entries = [entry for entry in shown if entry]
    _mark_section(entries, request)
    return {"entries": entries}


def _shown(entry, request, counts):
    if not _may(request.user, entry.permission):
        return None
    url = _address(entry.url_name)
    children = [child for child in (_shown(child, request, counts) for child in entry.children) if child]
    own = counts.get(entry.count) or 0
    below = sum(child["count"] for child in children if not child["among"])
    return {"title": entry.title, "url": url, "icon": entry.icon, "key": entry.key, "children": children,
            "count": own + below, "among": entry.among, "pages": entry.pages,
            "is_current": url == request.path and not children}


@cache
def _address(url_name):
    return reverse(url_name)


def _may(user, permission):
    return user.is_staff if permission == "staff" else user.has_perm(permission)


def _mark_section(entries, request):
    """Open the section that the page lies in, and mark the sub-entry that has it, or whose address is its longest start."""
    path, match = request.path, getattr(request, "resolver_match", None)
    name = match.view_name if match else ""
    for entry in entries:
        entry["is_section"] = path.startswith(entry["url"]) if entry["url"] != "/" else path == "/"
        owners = [child for child in entry["children"] if name in child["pages"]]
        nearest = owners or [child for child in entry["children"] if path.startswith(child["url"])]
        if nearest:
            entry["is_section"] = True
            max(nearest, key=lambda child: len(child["url"]))["is_current"] = True
