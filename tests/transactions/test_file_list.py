"""The list of uploaded files: page by page, with what became of their lines."""

from datetime import timedelta

import pytest
from django.urls import reverse

from orders.models import TransactionFile, TransactionFileRow
from orders.views_transaction_files import SHOWN

pytestmark = pytest.mark.django_db
PAGE = reverse("orders:transaction_files")


@pytest.fixture
def client(page_client):
    return page_client("support")


@pytest.fixture
def make_file(wallet, now):
    def make(number):
        return TransactionFile.objects.create(
            supplier=wallet, name=f"shift-{number:03d}.csv", created_at=now + timedelta(minutes=number))

    return make


def names(response):
    return [file.name for file in response.context["files"]]


def test_older_files_stand_on_further_pages(client, make_file):
    expected = [make_file(number).name for number in range(SHOWN + 3)][::-1]

    first = client.get(PAGE)
    second = client.get(PAGE + first.context["older"])
    back = client.get(PAGE + second.context["newer"])

    assert names(first) + names(second) == expected
    assert (names(back), second.context["older"]) == (names(first), "")


def test_list_tells_how_many_lines_are_open_or_were_refused(client, make_file, enter):
    file = make_file(1)
    rows = [{"transaction": enter("settled")}, {"transaction": enter("pending")}, {"problem": "amount: odd"}]
    TransactionFileRow.objects.bulk_create(
        TransactionFileRow(file=file, line=line, **row) for line, row in enumerate(rows, 2))

    [shown] = client.get(PAGE).context["files"]

    assert (shown.lines, shown.open, shown.refused) == (3, 2, 1)


def test_odd_place_in_the_list_is_told(client, make_file):
    make_file(1)

    response = client.get(PAGE, {"after": "zzz"})

    assert response.status_code == 422
    assert "not understood" in response.content.decode()


def test_list_costs_the_same_however_many_files(client, make_file, django_assert_max_num_queries):
    for number in range(SHOWN):
        make_file(number)
    client.get(PAGE)

    with django_assert_max_num_queries(10):
        client.get(PAGE)
