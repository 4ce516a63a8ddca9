"""The funding part of the admin."""

import pytest
from django.urls import reverse

from funding.models import Account, Books, Entry, Reading, Reservation, Threshold
from tests.funding.conftest import NOON
from tests.funding.test_append_only import an_entry

HISTORY = (Account, Books, Entry, Reading, Reservation)


@pytest.fixture
def owner(admin_client, account):
    """A superuser, with one row of everything."""
    Books.objects.create(supplier=account.supplier)
    Reading.objects.create(account=account, fetch_started_at=NOON, balance=1, available=1)
    Reservation.objects.create(account=account, attempt_ref="a", amount=5, created_at=NOON)
    an_entry(account)
    return admin_client


def address(model, act, *args):
    return reverse(f"admin:funding_{model._meta.model_name}_{act}", args=args)


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_only_read(owner, model):
    row = model.objects.get()

    assert owner.get(address(model, "changelist")).status_code == 200
    assert owner.get(address(model, "change", row.pk)).status_code == 200
    assert owner.post(address(model, "change", row.pk), {}).status_code == 403
    assert owner.get(address(model, "add")).status_code == 403
    assert owner.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_threshold_saved_in_the_admin_is_compared_at_once(owner, account):
    account.__class__.objects.update(read_at="2100-01-01T00:00Z")

    owner.post(address(Threshold, "add"), {"account": account.pk, "trigger_amount": "200", "clear_amount": "300"})

    assert Threshold.objects.get().crossed_at is not None


@pytest.mark.parametrize(("clear", "words"), [
    ("50", "The clear amount must be more than the trigger amount."),
    ("90", "This account already has a threshold at this amount.")])
def test_wrong_threshold_is_refused_in_plain_words(owner, account, clear, words):
    Threshold.objects.create(account=account, trigger_amount=50, clear_amount=60)

    response = owner.post(address(Threshold, "add"), {
        "account": account.pk, "trigger_amount": "50", "clear_amount": clear})

    assert words in response.content.decode()
    assert Threshold.objects.count() == 1


def test_thresholds_deleted_in_the_admin_leave_no_low_behind(owner, account):
    threshold = Threshold.objects.create(account=account, trigger_amount=50, clear_amount=60)

    owner.post(address(Threshold, "changelist"), {
        "action": "delete_selected", "_selected_action": [threshold.pk], "post": "yes"})

    assert not Threshold.objects.exists()
