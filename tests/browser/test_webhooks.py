"""Webhooks as staff meet them: one that overtakes the answer of its order, and the inbox."""

import pytest
from playwright.sync_api import expect

from catalog import clock
from orders import sweep
from orders.models import Notice, Order
from tests.browser.shop import confirmed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.fault("F46")
def test_webhook_before_the_answer_of_the_order(shop, enter, complaints, live_server):
    """The supplier tells of the end while the sender still waits; the page says Completed once, with one order bought."""
    shop.lab.webhooks.address("giftapi", f"{live_server.url}/webhooks/giftapi/")
    shop.lab.books["giftapi"].pace(seconds=0)
    shop.lab.fail("giftapi", "order.status_changed", "hook_early")
    order = confirmed(shop.voucher, "HOOK-1")
    page = enter("operations")
    page.visit(f"/orders/{order.pk}/")
    expect(page.locator("#order-badge")).to_have_text("Queued")

    sweep.run_order(order_id=order.pk, now=clock.now())
    expect(page.locator("#order-badge")).to_have_text("Completed")
    notice = Notice.objects.get(ref=order.attempts.get().ref)
    page.visit("/monitoring/webhooks/")
    expect(page.get_by_role("row", name="order.status_changed")).to_contain_text("Waiting")

    sweep.run_notice(notice_id=notice.pk, now=max(clock.now(), notice.due_at))
    page.visit("/monitoring/webhooks/")
    expect(page.get_by_role("row", name="order.status_changed")).to_contain_text("HOOK-1")
    expect(page.get_by_role("row", name="order.status_changed")).to_contain_text("Order read")
    assert Order.objects.get(pk=order.pk).status == "completed"
    assert len(shop.lab.books["giftapi"].purchases(order.attempts.get().ref)) == 1
    assert complaints == []
