"""An address that a list does not understand: refused alike everywhere, with the filter's name and a way on."""

import pytest

from catalog.models import Export, SyncRun

ODD_PLACE = ["after=nonsense", "before=" + "9" * 30]
ODD_PLACE_IN_BOOKS = ["older=nonsense", "newer=" + "9" * 40]
LISTS = {
    "/orders/": ["status=nonsense", "since=yesterday", "until=2026-99-99", "product=" + "9" * 40, *ODD_PLACE],
    "/orders/transactions/": ["status=nonsense", *ODD_PLACE],
    "/catalog/": ["supplier=nobody", "kind=nonsense", "state=nonsense", "currency=EURO", *ODD_PLACE],
    "/catalog/syncs/": ["status=nonsense", "supplier=nobody", *ODD_PLACE],
    "/catalog/syncs/{run}/": ["kind=nonsense", *ODD_PLACE],
    "/funding/deposits/": ["status=nonsense", "supplier=nobody", "currency=x", "since=yesterday", *ODD_PLACE_IN_BOOKS],
    "/funding/transactions/": ["supplier=nobody", "since=2026-03-02&until=2026-03-01", *ODD_PLACE_IN_BOOKS],
    "/funding/accounts/{account}/": ["days=nonsense", "days=2", "days=-1"],
    "/orders/parked/demand/": ["account=x", "account=-1", "account=" + "9" * 40, "account=²"],
    "/monitoring/alerts/": ["state=nonsense", "state=resolved&before=nonsense"],
}
FRAGMENTS = ("/orders/", "/orders/transactions/", "/catalog/", "/funding/deposits/", "/funding/transactions/")
CASES = [(path, query) for path, queries in LISTS.items() for query in queries]


@pytest.fixture
def lead(page_client, voucher, account, now):
    client = page_client("lead")
    client.run = SyncRun.objects.create(supplier=voucher.supplier, started_at=now, heartbeat_at=now, status="complete")
    client.account = account
    return client


@pytest.mark.parametrize(("path", "query", "headers"), [
    *((*case, {}) for case in CASES), *((*case, {"HX-Request": "true"}) for case in CASES if case[0] in FRAGMENTS)])
def test_odd_filter_is_refused_with_a_way_on(lead, path, query, headers):
    path = path.format(run=lead.run.pk, account=lead.account.pk)

    answer = lead.get(f"{path}?{query}", headers=headers)

    assert (answer.status_code, "This filter is not understood:" in answer.content.decode()) == (422, True)
    assert lead.get(answer.context["without"]).status_code == 200


def test_other_filters_stay_in_the_way_on(lead):
    answer = lead.get("/orders/?status=nonsense&mine=on&after=1")

    assert (answer.context["wrong"], answer.context["without"]) == (["Status"], "/orders/?mine=on")


@pytest.mark.parametrize("address", [
    "/orders/export.csv?status=nonsense", "/funding/deposits.csv?status=nonsense",
    "/funding/transactions.csv?since=yesterday"])
def test_export_is_refused_the_same_way(lead, address):
    answer = lead.get(address)

    assert (answer.status_code, "This filter is not understood:" in answer.content.decode()) == (422, True)
    assert lead.get(answer.context["without"]).status_code == 200
    assert not Export.objects.exists()
