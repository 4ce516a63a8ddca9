"""What the control shows of a stand-in's books, and the acts that it offers on them."""

from dataclasses import asdict, dataclass, field

from .lab_records import FINAL, Records

RECENT = 12


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    empty: str = "Nothing yet."


@dataclass(frozen=True, slots=True)
class Act:
    """A method of the books with its arguments: a tuple is a choice, a text is what stands in the field at first."""

    name: str
    label: str
    inputs: dict[str, tuple | str] = field(default_factory=dict)


class Sheet(Records):
    """The books of a shop, as the control shows them."""

    def summary(self) -> dict:
        """The books in short."""
        return {
            "balances": {currency: str(amount) for currency, amount in self.balances.items()},
            "overdraft_limit": str(self.overdraft_limit),
            "products": len(self.listed()),
            "orders": len(self.orders),
            "open_orders": len(self.open),
            "purchases_since_start": len(self.purchases()),
            "charges_since_start": len(self.charges()),
        }

    def detail(self, ref: str | None) -> dict:
        """The books with their purchases and charges, or only those under a reference."""
        orders = [asdict(order) for order in self.purchases(ref)]
        charges = [asdict(row) for row in self.charges(ref)]
        return {**self.summary(), "purchases": orders, "charges": charges}

    def tables(self) -> list[Table]:
        balances = [(currency, f"{amount:f}") for currency, amount in self.balances.items()]
        orders = [
            (f"{order.created_at:%H:%M:%S}", order.status, f"{order.total:f} {order.currency}", str(order.quantity),
             self.goods[order.sku].name, order.ref, order.id)
            for order in reversed(self.purchases()[-RECENT:])
        ]  # fmt: skip
        heads = ("UTC", "Status", "Charged", "Quantity", "Goods", "Our reference", "Order")
        return [
            Table("Balances", ("Currency", "Balance"), balances),
            Table("Latest purchases", heads, orders, "Nothing bought since the first day."),
        ]

    def acts(self) -> list[Act]:
        currencies, words = tuple(self.balances), (*sorted(FINAL), "pending", "processing")
        waiting = tuple(str(row.id) for row in self.deposits if row.status != "posted")
        return [
            Act("deposit", "Post a deposit", {"currency": currencies, "amount": "100.00"}),
            *([Act("post", "Let a deposit arrive", {"deposit_id": waiting})] if waiting else []),
            Act("set_balance", "Set a balance", {"currency": currencies, "amount": "0.00"}),
            Act("settle", "End an order", {"order_id": "", "status": words, "reason": ""}),
            Act("pace", "Let orders take time", {"seconds": "6", "reads": "0"}),
            Act("set_price", "Set a price", {"sku": "", "price": "1.00"}),
            Act("set_stock", "Set a stock", {"sku": "", "stock": "0"}),
            Act("set_max_per_order", "Set the most per order", {"sku": "", "most": "1"}),
            Act("rename", "Rename a product", {"product": "", "name": ""}),
            Act("retire", "Take a product away", {"product": ""}),
            Act("restore", "Bring a product back", {"product": ""}),
        ]
