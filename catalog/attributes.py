"""What a supplier says of the products and SKUs of a category, by the attributes that it declares for the category."""

from dataclasses import dataclass

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target` is whom the supplier declares it for, product or sku; `values` are the different ones, as text."""

    name: str
    target: str
    values: tuple[str, ...]


def of(product, skus):
    """The Attributes of the category of `product`, with their values there and in its `skus`; none without a category."""
    declared = product.category.attributes if product.category else []
    return [_attribute(one, product, skus) for one in declared if isinstance(one, dict) and one.get("code")]


def _attribute(declared, product, skus):
    target, code = str(declared.get("target", "")), str(declared["code"])
    raws = [product.raw] if target == "product" else [_of_sku(sku.raw) for sku in skus]
    told = [raw["attributes"].get(code) for raw in raws if isinstance(raw.get("attributes"), dict)]
    values = dict.fromkeys(str(value) for value in told if value not in (None, "", [], {}))
    return Attribute(str(declared.get("name") or code), target, tuple(values)[:SHOWN])


def _of_sku(raw):
    """The SKU as its product's list told it; beside it may stand its row of a price list."""
    told = raw.get("sku", raw)
    return told if isinstance(told, dict) else {}
