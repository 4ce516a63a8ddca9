"""The funding pages, as staff of different groups meet them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from funding import refreshing
from funding.models import Account, Books, Reading, Reservation, Threshold
from tests.funding.conftest import a_deposit, an_account, text

ACCOUNTS, DEPOSITS, TRANSACTIONS = (
    "/funding/", "/funding/deposits/", "/funding/transactions/")


@pytest.fixture
def overdrawn(shop):
    """Read just now: 58.18 in the red, 41.82 of the overdraft left."""
    return an_account(shop, balance=Decimal("-58.18"), overdraft_limit=100, allow_overdraft=True, read_at=timezone.now(),
                      available=Decimal("41.82"), is_overdrafted=True, state="overdrawn")


def test_balances_show_what_an_overdrawn_account_can_still_spend(finance, overdrawn):
    Reservation.objects.create(account=overdrawn, attempt_ref="a", amount=Decimal("29.09"), created_at=timezone.now())

    shown = text(finance.get(ACCOUNTS))

    for amount in ("−58.18", "41.82", "29.09", "12.73", "100.00"):
        assert amount in shown
    assert "Overdrawn" in shown


@pytest.mark.parametrize("page", ["list", "account"])
def test_what_was_charged_since_the_reading_is_shown_so_that_the_figures_add_up(finance, overdrawn, page):
    read_at = overdrawn.read_at
    Reservation.objects.create(account=overdrawn, attempt_ref="a", amount=Decimal("29.09"), created_at=read_at)
    Reservation.objects.create(account=overdrawn, attempt_ref="b", amount=Decimal("2.95"), created_at=read_at,
                               state=Reservation.State.SETTLED, settled_at=read_at + timedelta(seconds=1))

    shown = text(finance.get(ACCOUNTS if page == "list" else f"{ACCOUNTS}accounts/{overdrawn.pk}/"))

    for amount in ("41.82", "29.09", "2.95", "9.78"):
        assert amount in shown


@pytest.mark.parametrize(("spent", "told"), [
    (900, "lasts 1 hour"), (40, "lasts 25 hours"), (10, "lasts 4 days"), (1, "lasts 41 days")])
def test_pages_tell_how_long_the_money_lasts(finance, overdrawn, spent, told):
    at = overdrawn.read_at - timedelta(hours=5)
    Reservation.objects.create(account=overdrawn, attempt_ref="a", amount=spent, created_at=at,
                               state=Reservation.State.SETTLED, settled_at=at)

    for page in (ACCOUNTS, f"{ACCOUNTS}accounts/{overdrawn.pk}/"):
        assert told in text(finance.get(page))


def test_old_figure_is_shown_as_unknown_whatever_was_written(finance, account):
    assert "Unknown" in text(finance.get(ACCOUNTS))
    assert Account.objects.get().state == "ok"


def test_balances_without_suppliers_say_what_to_do(finance):
    assert "No supplier is connected" in text(finance.get(ACCOUNTS))


def test_balances_before_the_first_reading_say_so(finance, shop):
    assert "No balance has been read yet" in text(finance.get(ACCOUNTS))


def test_failed_refresh_is_told_with_its_reason(finance, account):
    Books.objects.create(supplier=account.supplier, failure="page 2 is missing", balances_failure="timed out")

    shown = text(finance.get(ACCOUNTS))

    assert "The balances of shop could not be read.</strong> timed out" in shown
    assert "The books of shop could not be read to the end.</strong> page 2 is missing" in shown


def test_account_list_asks_the_database_a_fixed_number_of_times(finance, shop, django_assert_max_num_queries):
    for code in ("USD", "EUR", "GBP", "JPY", "KWD"):
        Threshold.objects.create(account=an_account(shop, currency=code), trigger_amount=5, clear_amount=6)

    with django_assert_max_num_queries(11):
        finance.get(ACCOUNTS)


@pytest.mark.parametrize(("group", "address", "status"), [
    ("support", ACCOUNTS, 403), ("operations", ACCOUNTS, 200), ("auditor", ACCOUNTS, 200),
    ("operations", DEPOSITS, 403), ("operations", TRANSACTIONS, 403), ("auditor", DEPOSITS, 200),
    ("auditor", TRANSACTIONS, 200), ("operations", "/funding/deposits.csv", 403), ("finance", "/funding/deposits.csv", 200),
    ("operations", "/funding/transactions.csv", 403)])
def test_pages_open_to_those_who_may_see_money(page_client, shop, group, address, status):
    assert page_client(group).get(address).status_code == status


# Refreshing


def test_refresh_rings_the_queue_once_and_shows_that_it_waits(finance, account):
    for _ in range(2):
        response = finance.post(reverse("funding:refresh"), follow=True)

    assert OrmQ.objects.count() == 1
    assert "Asking shop" in text(response)
    assert 'hx-trigger="every 2s"' in text(response)


def test_polling_stops_when_the_refresh_has_ended(finance, account, books):
    refreshing.ask(suppliers=[account.supplier], now=timezone.now())
    assert finance.get(ACCOUNTS, headers={"HX-Request": "true"}).status_code == 200

    refreshing.refresh(supplier=account.supplier, now=timezone.now())
    response = finance.get(ACCOUNTS, headers={"HX-Request": "true"})

    assert response.status_code == 286
    assert text(response).startswith('<div id="accounts"> ')


def test_refresh_that_nobody_carries_out_is_not_awaited_for_ever(account, now):
    refreshing.ask(suppliers=[account.supplier], now=now)

    assert refreshing.awaited(now=now) == ["shop"]
    assert refreshing.awaited(now=now + refreshing.PATIENCE) == []


def test_refreshing_needs_its_permission_and_a_post(page_client, account):
    assert page_client("auditor").post(reverse("funding:refresh")).status_code == 403
    assert page_client("finance").get(reverse("funding:refresh")).status_code == 405


# One account


def test_account_page_shows_figures_chart_and_reservations(finance, overdrawn):
    for hours, amount in enumerate((70, 50, 41)):
        Reading.objects.create(account=overdrawn, fetch_started_at=timezone.now() - timedelta(hours=9 - hours),
                               balance=amount, available=amount)
    Reservation.objects.create(account=overdrawn, attempt_ref="purchase-1", amount=5, created_at=timezone.now())

    shown = text(finance.get(reverse("funding:account", args=[overdrawn.pk])))

    assert "<svg" in shown and "70.00" in shown
    assert "purchase-1" in shown
    assert "36.82" in shown


@pytest.mark.parametrize("days", ["", "1", "7", "30"])
def test_account_page_shows_each_span(finance, overdrawn, days):
    assert finance.get(reverse("funding:account", args=[overdrawn.pk]), {"days": days}).status_code == 200


def test_account_page_of_a_currency_never_read(finance, shop):
    unread = Account.objects.create(supplier=shop, currency="EUR")

    assert "never read" in text(finance.get(reverse("funding:account", args=[unread.pk])))


def test_account_that_does_not_exist_is_not_found(finance):
    assert finance.get(reverse("funding:account", args=[404])).status_code == 404


def test_operations_see_the_account_without_its_books(page_client, overdrawn, mirror):
    mirror(a_deposit(1, external_ref="WIRE-1"))

    shown = text(page_client("operations").get(reverse("funding:account", args=[overdrawn.pk])))

    assert "All deposits" not in shown and "Edit" not in shown


def test_account_page_budget(finance, overdrawn, mirror, django_assert_max_num_queries):
    mirror(*(a_deposit(number) for number in range(20)))

    with django_assert_max_num_queries(12):
        finance.get(reverse("funding:account", args=[overdrawn.pk]))


# Thresholds


def test_threshold_is_added_and_compared_at_once(finance, overdrawn):
    response = finance.post(reverse("funding:new_threshold", args=[overdrawn.pk]),
                            {"trigger_amount": "50", "clear_amount": "80", "note": "wire money"}, follow=True)

    threshold = Threshold.objects.get()
    assert threshold.crossed_at is not None
    assert "wire money" in text(response)


@pytest.mark.parametrize(("trigger", "clear", "words"), [
    ("50", "50", "Must be more than the amount that raises the alert."),
    ("50", "20", "Must be more than the amount that raises the alert."),
    ("", "20", "This field is required."),
    ("much", "20", "Enter a number."),
    ("10", "90", "already has an alert at this amount"),
])
def test_wrong_threshold_comes_back_with_what_was_typed(finance, overdrawn, trigger, clear, words):
    Threshold.objects.create(account=overdrawn, trigger_amount=10, clear_amount=20)

    response = finance.post(reverse("funding:new_threshold", args=[overdrawn.pk]),
                            {"trigger_amount": trigger, "clear_amount": clear, "note": "kept"})

    assert response.status_code == 422
    assert words in text(response) and "kept" in text(response)
    assert Threshold.objects.count() == 1


def test_threshold_is_edited_and_shown_in_its_currency(finance, shop):
    yen = an_account(shop, currency="JPY")
    threshold = Threshold.objects.create(account=yen, trigger_amount=500, clear_amount=800)
    address = reverse("funding:threshold", args=[threshold.pk])

    assert 'value="500"' in text(finance.get(address))
    finance.post(address, {"trigger_amount": "600", "clear_amount": "800", "note": ""})

    threshold.refresh_from_db()
    assert threshold.trigger_amount == 600


def test_threshold_is_deleted(finance, overdrawn):
    threshold = Threshold.objects.create(account=overdrawn, trigger_amount=10, clear_amount=20)

    finance.post(reverse("funding:threshold_deletion", args=[threshold.pk]))

    assert not Threshold.objects.exists()


def test_thresholds_need_their_permission(page_client, overdrawn):
    threshold = Threshold.objects.create(account=overdrawn, trigger_amount=10, clear_amount=20)
    operations = page_client("operations")

    for name, key in (("threshold", threshold.pk), ("new_threshold", overdrawn.pk), ("threshold_deletion", threshold.pk)):
        assert operations.post(reverse(f"funding:{name}", args=[key])).status_code == 403
    assert Threshold.objects.count() == 1
