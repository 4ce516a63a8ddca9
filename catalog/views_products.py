"""Pages of the goods: the product list and a product."""

import msgspec
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from . import attributes, prices, refusing
from .access import page
from .models import Product, Sku, Supplier
from .paging import OddPlace, Slice, count_up_to, link, links, slice_of
from .searching import ProductFilter, find

_RAW = msgspec.json.Encoder(decimal_format="number")
COLUMNS = ("name", "region", "kind", "is_active", "gone_at", "supplier__name", "category__name")
SKU_COLUMNS = ("product_id", "price", "currency", "denomination", "min_amount", "max_amount", "face_currency", "stock")


@page("catalog.view_product")
@require_GET
def products(request):
    """The product list; under htmx only its results."""
    filters = ProductFilter(request.GET)
    chosen = filters.chosen()
    found, wrong = find(chosen), refusing.wrong_in(filters)
    try:
        part = Slice([], None, None) if wrong else _part(request, found)
    except OddPlace:
        part, wrong = Slice([], None, None), refusing.wrong_place(request.GET)
    number, is_more = count_up_to(found) if not wrong else (0, False)
    context = {
        "filters": filters, "chosen": chosen, "part": part, "number": number, "is_more": is_more,
        "has_suppliers": bool(part.rows) or Supplier.objects.exists(), **links(request.GET, part)}
    if wrong:
        context |= refusing.refusal(request.GET, wrong, path=request.path)
    status = refusing.STATUS if wrong else 200
    if not _is_fragment(request):
        return render(request, "catalog/products.html", context, status=status)
    page_of = {name: request.GET[name] for name in ("after", "before") if name in request.GET}
    return push_url(render(request, "catalog/_product_rows.html", context, status=status),
                    request.path + link(request.GET, **page_of))


@page("catalog.view_product")
@require_GET
def product(request, pk):
    """One product with everything an order needs."""
    shown = get_object_or_404(Product.objects.select_related("supplier", "category", "type"), pk=pk)
    skus = list(shown.skus.order_by("gone_at", "price", "id"))
    history = prices.history(shown)
    for sku in skus:
        sku.points = [change for change in history if change.sku_id == sku.pk]
        sku.estimated = prices.estimated(sku)
        sku.line = "" if sku.is_open else prices.line([change.new_price for change in reversed(sku.points)])
    raw = {"product": shown.raw, "skus": {sku.supplier_ref: sku.raw for sku in skus}}
    context = {
        "product": shown, "skus": skus, "history": history[:50], "has_moves": any(sku.line for sku in skus),
        "attributes": attributes.of(shown, skus),
        "raw": msgspec.json.format(_RAW.encode(raw), indent=2).decode()}
    return render(request, "catalog/product.html", context)


def _part(request, found):
    """The page of the products `found` that the address asks for, each with what it is offered for. Raises OddPlace."""
    skus = Sku.objects.filter(gone_at=None).order_by("price", "id").only(*SKU_COLUMNS)
    part = slice_of(
        found.select_related("supplier", "category").only(*COLUMNS)
        .prefetch_related(Prefetch("skus", skus, to_attr="on_sale")),
        keys=["name", "id"], params=request.GET)
    for product in part.rows:
        product.offered = prices.offered(product.on_sale)
    return part


def _is_fragment(request):
    return request.htmx and not request.htmx.history_restore_request
