"""The demo's accounts have a past, so their charts have a line."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.models import Supplier
from funding.models import Account
from monitoring.demo import readings

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(now):
    supplier = Supplier.objects.create(name="quiet", api="giftapi", base_url="https://quiet.invalid")
    return Account.objects.create(
        supplier=supplier, currency="USD", balance=Decimal(-100), available=Decimal(900), overdraft_limit=Decimal(1000),
        read_at=now)


def test_readings_reach_two_weeks_back(account, now):
    readings.remember(now=now)

    assert account.readings.earliest("fetch_started_at").fetch_started_at == now - timedelta(days=14)


def test_readings_add_up(account, now):
    readings.remember(now=now)

    assert all(one.available == one.balance + 1000 for one in account.readings.all())


def test_second_start_adds_no_readings(account, now):
    readings.remember(now=now)
    count = account.readings.count()
    readings.remember(now=now)

    assert account.readings.count() == count


def test_account_never_read_has_no_past(account, now):
    Account.objects.update(read_at=None, balance=None, available=None)
    readings.remember(now=now)

    assert not account.readings.exists()
