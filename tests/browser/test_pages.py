"""Every page as staff see it: no accessibility fault in either theme, nothing the policy refuses, no sideways scroll."""

import pytest

from tests.browser.conftest import SIZES
from tests.browser.sweep import AREAS, filled_shop, pages

pytestmark = pytest.mark.django_db(transaction=True)
# The script has heard of the change, and two frames were painted since.
IS_DARK = """() => document.documentElement.dataset.bsTheme === 'dark' &&
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# A table that is cards on a phone must not need to be pushed aside either.
CUT = """[...document.querySelectorAll('main .table-responsive:has(> .table-stack)')].some(
    one => one.scrollWidth > one.clientWidth + 1)"""
PHONES = ("narrow", "phone")


@pytest.mark.parametrize("area", AREAS)
def test_pages_are_sound(area, shop, wallet, lab, enter, complaints, accessibility_faults, admin_user):
    page = enter("lead", user=admin_user)
    shop = filled_shop(shop, wallet, lab, admin_user)
    faults = [fault for address in pages(area, shop, admin_user)
              for fault in looked_over(page, address, accessibility_faults)]

    assert faults == [], "\n".join(faults)
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_strangers_are_sound(scheme, context, complaints, live_server, accessibility_faults):
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/login/")

    assert accessibility_faults(page) == []
    assert complaints == []


@pytest.mark.parametrize(("address", "status"), [
    ("/no-such-page/", 404), ("/orders/new/", 403), ("/orders/?status=nonsense", 422),
    ("/funding/deposits/?status=nonsense", 422)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_that_say_no_are_sound(address, status, scheme, enter, accessibility_faults):
    page = enter("auditor")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size("narrow"))

    assert page.visit(address).status == status
    assert accessibility_faults(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def looked_over(page, address, accessibility_faults):
    """What is wrong with the page at `address`, in both themes and on two phones."""
    page.set_viewport_size(size("wide"))
    page.emulate_media(color_scheme="light")
    if page.visit(address).status != 200:
        return [f"{address}: {page.title()}"]
    faults = [f"{address} light: {fault}" for fault in accessibility_faults(page)]
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(IS_DARK)
    faults += [f"{address} dark: {fault}" for fault in settled(page, accessibility_faults)]
    for name in PHONES:
        page.set_viewport_size(size(name))
        if is_too_wide(page):
            faults.append(f"{address} scrolls sideways at {SIZES[name][0]} px: {page.evaluate(WIDE_ELEMENTS)}")
    return faults


def is_too_wide(page):
    """Whether something does not fit, still after the layout has come to rest."""
    for _ in range(3):
        if not (page.evaluate(SCROLLS_SIDEWAYS) or page.evaluate(CUT)):
            return False
        page.wait_for_timeout(400)
    return True


def settled(page, accessibility_faults):
    """Faults of contrast that are still there after the change of theme has come to rest."""
    for _ in range(3):
        faults = accessibility_faults(page, only="color-contrast")
        if not faults:
            break
        page.wait_for_timeout(400)
    return faults


# The innermost ones: what is around them is only pushed.
WIDE_ELEMENTS = """(() => {
    const wide = [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    return wide.filter(one => !wide.some(other => other !== one && one.contains(other)))
        .slice(0, 4).map(one => one.outerHTML.slice(0, 120))
})()"""


def size(name):
    width, height = SIZES[name]
    return {"width": width, "height": height}
