"""Every page as staff see it: no accessibility fault in either theme, nothing the policy refuses, no sideways scroll."""

import pytest
from django.urls import reverse

from funding.models import Account
from tests.browser.conftest import SIZES

pytestmark = pytest.mark.django_db(transaction=True)
# The script has heard of the change, and two frames were painted since.
IS_DARK = """() => document.documentElement.dataset.bsTheme === 'dark' &&
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Django's admin is laid out by Django; on a phone it may scroll.
LAID_OUT_ELSEWHERE = "/admin/"


def catalog(shop):
    run = shop.plexy.sync_runs.latest("started_at")
    products = reverse("catalog:products")
    return [
        products + "?q=steam", products + "?q=no+such+thing",
        reverse("catalog:product", args=[shop.voucher.product_id]), reverse("catalog:suppliers"),
        reverse("catalog:supplier", args=[shop.plexy.name]), reverse("catalog:sync_runs"),
        reverse("catalog:sync_run", args=[run.pk])]


def orders(shop):
    orders, parked = reverse("orders:list"), reverse("orders:parked")
    euros = Account.objects.get(supplier=shop.plexy, currency="EUR")
    return [orders, orders + "?q=nothing", reverse("orders:new"), reverse("orders:unknown"),
            parked, reverse("orders:unmatched"), reverse("orders:approvals"), f"{parked}?account={euros.pk}&deposit=25",
            reverse("orders:approval", args=[shop.orders["approval"].pk])]


def one_order(shop):
    return [*(reverse("orders:order", args=[order.pk]) for order in shop.orders.values()),
            reverse("orders:evidence", args=[shop.orders["unknown"].pk])]


def money_and_health(shop):
    account = Account.objects.get(supplier=shop.giftapi)
    return [
        reverse("home"), reverse("funding:accounts"), reverse("funding:account", args=[account.pk]),
        reverse("funding:deposits"), reverse("funding:transactions"), reverse("monitoring:health"),
        reverse("monitoring:alerts"), reverse("monitoring:jobs"), "/password/", "/confirm/?for=codes"]


def admin(shop):
    return [
        "/admin/", "/admin/catalog/supplier/", "/admin/catalog/supplier/add/",
        f"/admin/catalog/supplier/{shop.plexy.pk}/change/", "/admin/auth/group/",
        "/admin/orders/spendlimit/add/"]


@pytest.mark.parametrize("area", [catalog, orders, one_order, money_and_health, admin], ids=lambda area: area.__name__)
def test_pages_are_sound(area, shop, enter, complaints, accessibility_faults, admin_user):
    page = enter("lead", user=admin_user)
    faults = [fault for address in area(shop) for fault in looked_over(page, address, accessibility_faults)]

    assert faults == []
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_strangers_are_sound(scheme, context, complaints, live_server, accessibility_faults):
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/login/")

    assert accessibility_faults(page) == []
    assert complaints == []


@pytest.mark.parametrize(("address", "status"), [("/no-such-page/", 404), ("/orders/new/", 403)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_that_say_no_are_sound(address, status, scheme, enter, accessibility_faults):
    page = enter("auditor")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size("narrow"))

    assert page.visit(address).status == status
    assert accessibility_faults(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def looked_over(page, address, accessibility_faults):
    """What is wrong with the page at `address`, in both themes and at 320 px."""
    page.set_viewport_size(size("wide"))
    page.emulate_media(color_scheme="light")
    if page.visit(address).status != 200:
        return [f"{address}: {page.title()}"]
    faults = [f"{address} light: {fault}" for fault in accessibility_faults(page)]
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(IS_DARK)
    faults += [f"{address} dark: {fault}" for fault in settled(page, accessibility_faults)]
    page.set_viewport_size(size("narrow"))
    if not address.startswith(LAID_OUT_ELSEWHERE) and page.evaluate(SCROLLS_SIDEWAYS):
        faults.append(f"{address} scrolls sideways at 320 px: {page.evaluate(WIDE_ELEMENTS)}")
    return faults


def settled(page, accessibility_faults):
    """Faults of contrast that are still there after the change of theme has come to rest."""
    for _ in range(3):
        faults = accessibility_faults(page, only="color-contrast")
        if not faults:
            break
        page.wait_for_timeout(400)
    return faults


WIDE_ELEMENTS = """[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 4).map(one => one.tagName + '.' + one.className)"""


def size(name):
    width, height = SIZES[name]
    return {"width": width, "height": height}
