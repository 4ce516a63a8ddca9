"""An eSIM is bought, watched, shown to its buyer once more, and topped up."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from playwright.sync_api import expect

from catalog import clock
from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID, SPENT_ICCID
from catalog.suppliers.types import ProductKind
from funding import refreshing
from orders import sweep
from orders.models import Esim, EsimEvent, Order
from tests.browser.test_pages import looked_over
from tests.orders.shop import mirror

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pack(lab, giftapi, now):
    lab.books["giftapi"].pace(seconds=0, reads=0)
    lab.books["giftapi"].deposit("USD", "1000.00")
    refreshing.read_balances(supplier=giftapi, now=now)
    return mirror(giftapi, lambda product, offer: product.kind == ProductKind.ESIM, now)


def work():
    """What workers would do now: what is queued, then what is due."""
    for queued in OrmQ.objects.order_by("pk"):
        task = queued.task
        queued.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])
    sweep.run_due(now=clock.now())


def pack_size(esim):
    return Decimal(esim.packages[0]["total"])


def confirm(page):
    page.get_by_role("button", name="Get price").click()
    expect(page.get_by_role("heading", name="Asking for the price")).to_be_visible()
    work()
    page.get_by_role("button", name=re.compile("^Place order for")).click()
    expect(page.locator("#order-badge")).to_be_visible()
    work()
    expect(page.locator("#order-badge")).to_have_text("Completed")


def test_esim_is_bought_watched_and_topped_up(pack, enter, complaints):
    page = enter("lead")
    page.visit(f"{reverse('orders:new')}?sku={pack.pk}")
    confirm(page)
    esim = Esim.objects.get()

    page.reload()
    page.get_by_role("link", name=esim.iccid).click()
    expect(page.locator("#esim-badge")).to_have_text("Installed")
    expect(page.locator("#esim-live")).to_contain_text("It can be topped up.")
    page.get_by_label("Why is the code needed?").fill("The buyer deleted the mail")
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("svg.qr")).to_be_visible()
    page.get_by_role("link", name="Hide").click()
    expect(page.locator("svg.qr")).to_have_count(0)
    page.get_by_role("link", name="Top up").click()
    page.get_by_role("link", name="Choose").first.click()
    confirm(page)
    page.visit(reverse("orders:esim", args=[esim.pk]))

    after = Esim.objects.get()
    assert (after.data_total, len(after.packages)) == (2 * pack_size(after), 2)
    assert [order.recipient for order in Order.objects.order_by("created_at")] == ["", esim.iccid]
    assert EsimEvent.objects.filter(kind="revealed").count() == 1
    expect(page.locator("#esim-live tbody tr")).to_have_count(2)
    assert complaints == []


def test_esim_is_looked_up_and_its_page_updates_itself(pack, enter, complaints):
    page = enter("support")
    page.visit(reverse("orders:esims"))

    page.get_by_label("ICCID", exact=True).fill(KNOWN_ICCID[:-1] + "9")
    page.get_by_role("button", name="Ask about this eSIM").click()
    expect(page.locator("#id_iccid_error")).to_be_visible()
    page.get_by_label("ICCID", exact=True).fill(SPENT_ICCID)
    page.get_by_role("button", name="Ask about this eSIM").click()
    expect(page.locator("#esim-live")).to_contain_text("giftapi is being asked.")
    work()

    expect(page.locator("#esim-badge")).to_have_text("Expired")
    expect(page.locator("#esim-live")).to_contain_text("cannot be topped up")
    expect(page.get_by_role("button", name="Reveal")).to_be_visible()
    assert [text for text in complaints if "422" not in text] == []


def test_pages_are_sound(pack, giftapi, enter, complaints, accessibility_faults, now):
    page = enter("lead")
    page.visit(reverse("orders:esims"))
    page.get_by_label("ICCID", exact=True).fill(KNOWN_ICCID)
    page.get_by_role("button", name="Ask about this eSIM").click()
    expect(page.locator("#esim-live")).to_be_visible()
    work()
    pk = Esim.objects.get().pk
    addresses = [reverse("orders:esims"), reverse("orders:esim", args=[pk]), reverse("orders:esim_packages", args=[pk]),
                 f"{reverse('orders:new')}?sku={pack.pk}&iccid={KNOWN_ICCID}"]

    assert [fault for address in addresses for fault in looked_over(page, address, accessibility_faults)] == []
    assert complaints == []
