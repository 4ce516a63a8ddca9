"""The product list and a product: what they show, in how many queries, and that supplier text stays text."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Product, Sku

from .shop import fragment, offer, product, text_of

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>\u202egnp.exe"


def test_product_list_shows_name_price_and_order_link(client, run_sync):
    run_sync()

    page = text_of(client.get("/catalog/"))

    assert "Card 001" in page
    assert "10.00" in page
    assert "25 products" in page


def test_empty_list_says_what_to_do(client, supplier):
    assert "No products yet" in text_of(client.get("/catalog/"))
    assert "No product matches" in text_of(client.get("/catalog/?q=nothing"))


def test_list_in_a_shop_without_suppliers_leads_to_connecting_one(client):
    assert "No supplier is connected" in text_of(client.get("/catalog/"))


def test_filter_narrows_and_stays_in_the_form(client, run_sync):
    run_sync()

    page = text_of(client.get("/catalog/?q=card+007"))

    assert "Card 007" in page
    assert "Card 008" not in page
    assert 'value="card 007"' in page


def test_under_htmx_only_the_rows_come(client, run_sync):
    run_sync()

    page = text_of(fragment(client, "/catalog/?q=card"))

    assert page.strip().startswith('<div id="product-rows">')
    assert "<html" not in page


def test_address_holds_only_the_filters_that_are_set(client, run_sync):
    run_sync()

    answer = fragment(client, "/catalog/?q=card&supplier=&kind=voucher&state=&after=3")

    assert answer.headers["HX-Push-Url"] == "/catalog/?q=card&kind=voucher&after=3"


def test_pages_by_key_hold_every_product_once(client, run_sync, shop):
    shop.listed = [product(number, name=f"Same name {number % 3}") for number in range(1, 121)]
    run_sync()
    seen, address = [], "/catalog/"

    while address:
        part = client.get(address).context["part"]
        seen += [row.pk for row in part.rows]
        address = part.after and f"/catalog/?after={part.after}"

    assert len(seen) == len(set(seen)) == 120


def test_pages_go_back_the_way_they_came(client, run_sync, shop):
    shop.listed = [product(number) for number in range(1, 121)]
    run_sync()
    first = client.get("/catalog/").context["part"]
    second = client.get(f"/catalog/?after={first.after}").context["part"]

    back = client.get(f"/catalog/?before={second.before}").context["part"]

    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]
    assert back.before is None


def test_page_stays_in_place_when_a_row_before_it_goes(client, run_sync, shop):
    shop.listed = [product(number) for number in range(1, 121)]
    run_sync()
    first = client.get("/catalog/").context["part"]
    second = [row.pk for row in client.get(f"/catalog/?after={first.after}").context["part"].rows]
    del shop.listed[3]
    run_sync()

    assert [row.pk for row in client.get(f"/catalog/?after={first.after}").context["part"].rows] == second


@pytest.mark.parametrize("odd", ["abc", "-1", "9" * 30, "9" * 18, "١٢", "1 OR 1=1"])
def test_odd_page_address_is_refused(client, run_sync, odd):
    run_sync()

    assert client.get("/catalog/", {"after": odd}).status_code == 422


def test_empty_page_address_is_the_first_page(client, run_sync):
    run_sync()

    assert client.get("/catalog/", {"after": ""}).context["part"].rows[0].name == "Card 001"


def test_list_needs_few_queries_however_long(client, run_sync, shop):
    shop.listed = [product(number) for number in range(1, 121)]
    run_sync()
    client.get("/catalog/")

    with CaptureQueriesContext(connection) as asked:
        client.get("/catalog/?q=card&kind=voucher")

    assert len(asked) <= 12


def test_product_page_shows_all_an_order_needs(client, run_sync, shop):
    run_sync()
    shop.reprice(1, "12.50")
    run_sync()

    page = text_of(client.get(f"/catalog/products/{Product.objects.get(supplier_ref='p-1').pk}/"))

    sku = Sku.objects.get(supplier_ref="s-1")
    assert "12.50" in page
    assert "<polyline" in page
    assert sku.supplier_ref in page


def test_product_page_needs_few_queries(client, run_sync, shop):
    shop.listed = [product(1, offers=tuple(offer(n, product_ref="p-1") for n in range(1, 31)))]
    run_sync()

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/catalog/products/{Product.objects.get().pk}/")

    assert len(asked) <= 10


def test_gone_product_cannot_be_ordered(client, run_sync, shop):
    run_sync()
    shop.listed = shop.listed[1:]
    run_sync()

    page = text_of(client.get(f"/catalog/products/{Product.objects.get(supplier_ref='p-1').pk}/"))

    assert "cannot be ordered" in page
    assert "?sku=" not in page


def test_supplier_text_stays_text_on_every_page(client, run_sync, shop):
    shop.listed = [product(
        1, name=HOSTILE, region="<b>EU</b>", description=f"<p>Line one</p><script>alert(1)</script>{HOSTILE}",
        image_url="javascript:alert(1)", offers=(offer(1, name=HOSTILE, raw={"x": HOSTILE}),), raw={"x": HOSTILE})]
    run = run_sync()

    pages = [text_of(client.get(address)) for address in (
        "/catalog/", f"/catalog/products/{Product.objects.get().pk}/", f"/catalog/syncs/{run.pk}/")]

    for page in pages:
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "<b>EU" not in page
    assert "Line one" in pages[1]
    assert Product.objects.get().image_url == ""


@pytest.mark.parametrize(("group", "address", "status"), [
    ("support", "/catalog/", 200), ("support", "/catalog/suppliers/", 403), ("support", "/catalog/syncs/", 403),
    ("auditor", "/catalog/suppliers/", 200), ("finance", "/catalog/syncs/", 200)])
def test_groups_see_their_pages(page_client, group, address, status):
    assert page_client(group).get(address).status_code == status


def test_open_price_is_shown_with_a_marked_estimate(client, giftapi, now):
    seen = {"supplier": giftapi, "first_seen_at": now, "changed_at": now}
    product = Product.objects.create(supplier_ref="p-open", name="Open card", kind="voucher", **seen)
    Sku.objects.create(
        supplier_ref="s-open", product=product, name="Open card", denomination="open", currency="USD", face_currency="AED",
        min_amount=10, max_amount=100, rate=Decimal("0.272"), markup_percent=-2, markup_fixed=0, **seen)

    text = text_of(client.get(f"/catalog/products/{product.pk}/"))

    # 10 × 0.272 × 0.98 = 2.6656, rounded up to the cent
    assert text.count("estimate: ") == 2
    assert '≈ <span class="money">2.67 <span class="money-code">USD</span>' in text
    assert '≈ <span class="money">26.66 <span class="money-code">USD</span>' in text


def test_attributes_of_the_category_stand_by_target(client, giftapi, now):
    seen = {"supplier": giftapi, "first_seen_at": now, "changed_at": now}
    category = Category.objects.create(supplier_ref="c", name="Cards", attributes=[
        {"code": "region", "name": "Region", "type": "text", "target": "product"},
        {"code": "denomination", "name": "Face value", "type": "text", "target": "sku"},
        {"code": "term", "name": "Term", "type": "text", "target": "sku"}], **seen)
    product = Product.objects.create(
        supplier_ref="p", name="Card", kind="voucher", category=category, raw={"attributes": {"region": "EU<b>"}}, **seen)
    for face in ("5", "10"):
        Sku.objects.create(supplier_ref=f"s-{face}", product=product, name=f"Card {face}", denomination="fixed", price=face,
                           currency="USD", raw={"sku": {"attributes": {"denomination": face}}, "price": {}}, **seen)

    answer = client.get(f"/catalog/products/{product.pk}/")

    assert [(one.name, one.target, sorted(one.values)) for one in answer.context["attributes"]] == [
        ("Region", "product", ["EU<b>"]), ("Face value", "sku", ["10", "5"]), ("Term", "sku", [])]
    assert "EU<b>" not in text_of(answer)
