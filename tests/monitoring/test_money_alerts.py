"""Finance knows before a balance runs dry: by its pace, at night, in a burst, and when it cannot be read."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funding.models import Account, Reservation, Threshold
from monitoring import mailing, money_causes
from monitoring.models import Alert, Heartbeat
from monitoring.watching import watch
from orders.models import Attempt

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def spend(account, now):
    """A factory: bought and paid at `at`; the reading shows it where `is_read`."""

    def make(amount, at, *, is_read=True):
        Reservation.objects.create(account=account, attempt_ref=uuid.uuid4().hex, amount=amount, state="settled",
                                   created_at=at, settled_at=at)
        if is_read:
            account.refresh_from_db()
            left = account.available - amount
            Account.objects.filter(pk=account.pk).update(available=left, balance=left, read_at=at + MINUTE)

    return make


def money_keys(now):
    """The keys of the open alerts about money, after a round at `now`."""
    for queue in ("orders", "catalog"):
        Heartbeat.objects.update_or_create(name=f"queue:{queue}", defaults={"at": now})
    watch(now=now)
    keys = Alert.objects.open().values_list("key", flat=True)
    return sorted(key.partition(":")[0] for key in keys if not key.startswith(("stale:", "unread:")))


def test_even_spending_is_told_a_day_before_it_ends_in_the_night(account, spend, now):
    told_at = emptied_at = None
    for hour in range(50):
        spend(10, now + hour * HOUR)
        if money_keys(now + hour * HOUR + MINUTE) and told_at is None:
            told_at = hour
        account.refresh_from_db()
        if account.available <= 0:
            emptied_at = hour
            break

    assert emptied_at - told_at == 24


def test_spending_in_one_burst_a_day_is_told_before_the_burst_that_empties_it(account, spend, now):
    for day in range(3):
        for minute in range(4):
            spend(Decimal(40), now + day * 24 * HOUR + minute * MINUTE)
        told = money_keys(now + day * 24 * HOUR + 2 * HOUR)

    account.refresh_from_db()
    assert (told, account.available) == (["runway"], 20)  # and the next burst costs 160


def test_sudden_burst_is_told_before_it_has_spent_everything(account, spend, now):
    for minute in range(4):
        spend(Decimal(50), now + minute * MINUTE)

    assert money_keys(now + 5 * MINUTE) == ["soon"]
    assert Alert.objects.open().get(key__startswith="soon").severity == "critical"


def test_account_that_cannot_be_read_is_told_by_what_is_bought_meanwhile(account, spend, now):
    for minute in range(12):
        spend(Decimal(40), now + (30 + minute) * MINUTE, is_read=False)

    assert "soon" in money_keys(now + 45 * MINUTE)
    assert "20.00 USD can be spent, by the reading of" in Alert.objects.get(key__startswith="soon").text


def test_money_that_is_all_set_aside_is_told(account, now):
    Reservation.objects.create(account=account, attempt_ref="lost", amount=500, created_at=now)

    assert money_keys(now) == ["soon"]
    assert Alert.objects.get(key__startswith="soon").title == "All of plexy USD is set aside for orders under way"


def test_pace_that_hovers_around_the_limit_is_one_alert(account, spend, now):
    spend(Decimal(250), now - HOUR, is_read=False)
    for minute, available in enumerate((240, 260, 245, 305, 250)):
        Account.objects.update(available=available, balance=available, read_at=now)
        assert money_keys(now + minute * MINUTE) == ["runway"], available

    Account.objects.update(available=320, balance=320)
    assert money_keys(now + 6 * MINUTE) == []
    assert Alert.objects.count() == 1


def test_merchant_says_how_long_before_people_are_told(account, spend, now, settings):
    settings.RUNWAY_HOURS = 60
    spend(Decimal(250), now - HOUR, is_read=False)

    assert money_keys(now) == ["runway"]
    assert Alert.objects.get(key__startswith="runway").title == "plexy USD lasts about 48 hours more"


def test_spent_account_stays_told_while_it_cannot_be_read(account, now):
    Account.objects.update(available=0, balance=0)
    assert money_keys(now) == ["exhausted"]

    assert money_keys(now + 20 * MINUTE) == ["exhausted"]


def test_threshold_is_raised_by_what_is_bought_while_the_balance_cannot_be_read(account, spend, now):
    Threshold.objects.create(account=account, trigger_amount=400, clear_amount=450)
    spend(Decimal(150), now + 15 * MINUTE, is_read=False)

    assert "threshold" in money_keys(now + 20 * MINUTE)
    assert Alert.objects.get(key__startswith="threshold").title == "plexy USD is down to 350.00 USD"


def test_finance_is_told_that_orders_wait_for_money(account, place, staff, now):
    staff("finance")
    for _ in range(2):
        order = place("parked")
        Attempt.objects.create(
            order=order, supplier=order.supplier, ref=uuid.uuid4().hex, quantity=1, agreed_total=400, currency="USD",
            state="parked", parked_reason="funds", parked_at=now, sealed_body="x", body_digest="0" * 64, queued_at=now,
            created_at=now, changed_at=now)

    assert money_keys(now) == ["parked", "short"]
    mailing.send_due(now=now)

    (message,) = mail.outbox
    assert message.subject == "[Purser] Warning: 2 orders wait for money at plexy USD"
    assert "800.00 USD needed, 500.00 USD can be spent. Deposit 300.00 USD or more." in message.body
    assert message.bcc == ["finance@shop.example"]


def test_alert_of_waiting_orders_ends_when_the_money_is_there(account, place, now):
    order = place("parked")
    Attempt.objects.create(
        order=order, supplier=order.supplier, ref="r", quantity=1, agreed_total=400, currency="USD", state="parked",
        parked_reason="funds", parked_at=now, sealed_body="x", body_digest="0" * 64, queued_at=now, created_at=now,
        changed_at=now)
    Account.objects.update(available=100, balance=100)
    assert money_keys(now) == ["parked", "short"]

    Account.objects.update(available=400, balance=400)
    assert money_keys(now) == ["parked"]


@pytest.mark.parametrize("find", [money_causes.lasting, money_causes.dwindling, money_causes.exhausted, money_causes.unread])
def test_more_accounts_cost_no_more_queries(account, now, find):
    few = _queries(find, now)
    for code in ("EUR", "GBP", "JPY"):
        Account.objects.create(supplier=account.supplier, currency=code, balance=500, available=500, read_at=now)

    assert _queries(find, now) == few


def _queries(find, now):
    for account in Account.objects.all():
        Reservation.objects.create(account=account, attempt_ref=uuid.uuid4().hex, amount=400, created_at=now)
    with CaptureQueriesContext(connection) as asked:
        list(find(now))
    return len(asked)
