"""The counts beside the navigation: work that waits for somebody."""

from collections import Counter

from django.db import connection

MONEY_KINDS = ("threshold", "exhausted", "unread")
ORDERS = {"unknown": "unknown", "parked": "parked", "approvals": "approval", "review": "review"}
# Asked with every page, so it is written out: to compose it again each time takes longer than its answer does.
WAITING = """
SELECT key, 1 FROM monitoring_alert WHERE resolved_at IS NULL AND acknowledged_at IS NULL
UNION ALL
SELECT CASE WHEN parked_reason = 'approval' THEN 'order approval'
            WHEN status IN ('unknown', 'parked') THEN 'order ' || status ELSE 'order review' END AS word, COUNT(*)
FROM orders_order WHERE status IN ('unknown', 'parked') OR needs_review GROUP BY word
UNION ALL
SELECT 'order unmatched', COUNT(*) FROM orders_unmatchedpurchase WHERE state = 'open'
"""


def counts():
    """Counts by the navigation's words, in one query. `orders` is what the order list says under "Needs action"."""
    kinds = Counter()
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        for word, n in cursor.fetchall():
            kinds[word.partition(":")[0]] += n
    unmatched = kinds.pop("order unmatched", 0)
    orders = {name: kinds.pop(f"order {word}", 0) for name, word in ORDERS.items()}
    return {
        **orders,
        "orders": sum(orders.values()),
        "unmatched": unmatched,
        "accounts": sum(kinds[kind] for kind in MONEY_KINDS),
        "sync_failed": kinds["sync"],
        "transactions": kinds["transactions"],
        "alerts": kinds.total(),
    }
