"""The pages of the transaction desk: enter, paste, look, ask again, find; and who may."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_q.models import OrmQ

from orders import paging
from orders.models import Transaction

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CANARY = "CANARY-SESSION-77"


@pytest.fixture
def client(page_client):
    return page_client("support")


@pytest.fixture
def entry(client, wallet, told):
    """Posts the form with the fields of a settled transaction, and `changes`."""

    def post(**changes):
        return client.post(reverse("orders:transaction_entries"), {"supplier": "wallet", **told(**changes)})

    return post


def shown(client, query=""):
    return [row.transaction_id for row in client.get(reverse("orders:transactions") + query).context["rows"]]


def test_entered_transaction_is_kept_and_asked_about(entry, client, codes, told):
    answer = entry()
    row = Transaction.objects.get()

    assert answer.url == reverse("orders:transaction", args=[row.pk])
    assert (row.entered_by, row.status) == (client.user, "waiting")
    assert OrmQ.objects.get().task["func"] == "orders.tasks.check_transaction"
    assert told()["token"] not in str(OrmQ.objects.get().task)


def test_page_watches_until_it_is_known(entry, client, ask, codes):
    url = entry().url
    row = Transaction.objects.get()

    before = client.get(url, headers=HTMX)
    ask(row)
    after = client.get(url, headers=HTMX)

    assert (before.status_code, after.status_code) == (200, 286)
    assert "The supplier is being asked" in before.content.decode()
    assert "The supplier confirms this transaction" in after.content.decode()
    assert "hx-trigger" not in after.content.decode()
    assert 'id="transaction-badge" hx-swap-oob="true"' in after.content.decode()


def test_same_transaction_again_leads_to_the_same_page(entry):
    assert entry().url == entry(token="a new session").url
    assert Transaction.objects.count() == 1


def test_pasted_request_is_entered(client, wallet, told):
    told = {**told(), "player_id": 2**64 - 1}
    text = json.dumps(told)

    answer = client.post(reverse("orders:transaction_entries"), {"supplier": "wallet", "paste": text})

    assert answer.status_code == 302
    assert Transaction.objects.get().player_id == str(2**64 - 1)


def test_what_a_paste_lacks_is_typed(client, wallet, told):
    text = json.dumps({name: value for name, value in told().items() if name != "action"})

    refused = client.post(reverse("orders:transaction_entries"), {"supplier": "wallet", "paste": text})
    answer = client.post(
        reverse("orders:transaction_entries"), {"supplier": "wallet", "paste": text, "action": told()["action"]})

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["action"]
    assert refused.context["form"]["round_id"].value() == told()["round_id"]
    assert answer.status_code == 302


@pytest.mark.parametrize(("changes", "field"), [
    ({"amount": "1,5"}, "amount"), ({"player_id": "x"}, "player_id"), ({"provider_id": "1"}, "provider_id"),
    ({"paste": "no"}, "paste"), ({"supplier": "nobody"}, "supplier"), ({"token": ""}, "token")])
def test_odd_entry_is_refused_at_its_field(client, wallet, told, changes, field):
    answer = client.post(reverse("orders:transaction_entries"), {"supplier": "wallet", **told(), **changes})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Transaction.objects.exists()


def test_largest_number_stands_on_the_page_with_every_digit(entry, client):
    url = entry(player_id=str(2**64 - 1)).url

    assert str(2**64 - 1) in client.get(url).content.decode()
    assert str(2**64 - 1) in client.get(reverse("orders:transactions")).content.decode()


def test_session_is_shown_nowhere(entry, client, ask, codes, page_client, admin_client):
    url = entry(token=CANARY).url
    row = ask(Transaction.objects.get())

    pages = [client.get(url), client.get(reverse("orders:transactions")),
             admin_client.get(reverse("admin:orders_transaction_change", args=[row.pk])),
             admin_client.get(reverse("admin:orders_transactioncheck_changelist"))]
    assert [page.status_code for page in pages] == [200] * 4
    assert not any(CANARY in page.content.decode() for page in pages)


def test_foreign_words_stay_text(enter, client, ask, codes):
    row = ask(enter("rejected"))
    Transaction.objects.filter(pk=row.pk).update(message="<script>alert(1)</script>\u202e")

    page = client.get(reverse("orders:transaction", args=[row.pk])).content.decode()

    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_person_asks_again(enter, client, ask, codes):
    row = ask(enter("broken"))

    client.post(reverse("orders:transaction_question", args=[row.pk]))

    row.refresh_from_db()
    assert row.asked_by == client.user
    assert row.events.filter(kind="asked", by=client.user).exists()


def test_tabs_and_filters(enter, ask, client, codes, now):
    rows = {state: ask(enter(state)) for state in ("settled", "pending", "rejected", "broken")}
    Transaction.objects.filter(pk=rows["broken"].pk).update(due_at=None)
    ids = {state: row.transaction_id for state, row in rows.items()}

    assert shown(client, "?status=confirmed") == [ids["settled"]]
    assert shown(client, "?status=given_up") == [ids["broken"]]
    assert set(shown(client, "?status=open")) == {ids["pending"], ids["broken"]}
    assert shown(client, f"?q={ids['pending']}") == [ids["pending"]]
    assert shown(client, f"?q={rows['rejected'].player_id}") == [ids["rejected"]]
    assert shown(client, f"?q={rows['settled'].request_id}") == [ids["settled"]]
    assert len(shown(client, "?q=r-20260114")) == 4
    assert {tab["count"] for tab in client.get(reverse("orders:transactions")).context["tabs"] if tab["count"]} == {1, 2}


def test_pages_go_by_key(enter, client, now, monkeypatch):
    monkeypatch.setattr(paging.page, "__kwdefaults__", {**paging.page.__kwdefaults__, "size": 2})
    entered = [enter(transaction_id=f"t-{n}", at=now + timedelta(seconds=n)).transaction_id for n in range(5)]

    first = client.get(reverse("orders:transactions"))
    second = client.get(reverse("orders:transactions") + first.context["older"])

    assert [row.transaction_id for page in (first, second) for row in page.context["rows"]] == entered[:0:-1]


@pytest.mark.parametrize("query", ["?status=nonsense", "?supplier=nobody", "?action=gift", "?q=a%00b", "?after=x"])
def test_odd_filter_is_refused_in_place(client, wallet, query):
    assert client.get(reverse("orders:transactions") + query).status_code == 422


def test_list_asks_few_questions(enter, client, django_assert_max_num_queries):
    for n in range(10):
        enter(transaction_id=f"t-{n}")
    client.get(reverse("orders:transactions"))

    with django_assert_max_num_queries(10):
        client.get(reverse("orders:transactions"))


@pytest.mark.parametrize(("group", "reads", "asks"), [
    ("support", 200, 302), ("operations", 200, 302), ("lead", 200, 302), ("auditor", 200, 403), ("finance", 403, 403)])
def test_who_may_read_and_ask(page_client, enter, ask, codes, group, reads, asks):
    row, client = ask(enter("broken")), page_client(group)

    assert client.get(reverse("orders:transaction", args=[row.pk])).status_code == reads
    assert client.get(reverse("orders:transactions")).status_code == reads
    assert client.post(reverse("orders:transaction_question", args=[row.pk])).status_code == asks


def test_shop_without_a_wallet_is_told_so(client, giftapi):
    page = client.get(reverse("orders:transactions")).content.decode()

    assert "No connected supplier keeps players" in page
    assert reverse("orders:transaction_new") not in page


def test_meaning_of_a_code_is_changed_in_the_admin(enter, ask, codes, admin_client, now):
    admin_client.post(reverse("admin:orders_resultcode_add"), {
        "api": "game_wallet", "code": "5", "word": "Not there", "meaning": "", "outcome": "failed"})

    assert ask(enter(transaction_id="nobody-knows-it")).status == "failed"


@pytest.mark.parametrize("changes", [
    {"code": "5", "outcome": "confirmed"}, {"code": "01"}, {"code": "-1"}, {"code": "7"}, {"api": "giftapi"}])
def test_odd_meaning_is_refused_in_the_admin(codes, admin_client, changes):
    answer = admin_client.post(reverse("admin:orders_resultcode_add"), {
        "api": "game_wallet", "code": "6", "word": "x", "meaning": "", "outcome": "failed", **changes})

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors


# The command


def run(capsys, name, fields, *options):
    call_command("check_transaction", name, *[f"--field={key}={value}" for key, value in fields.items()], *options)
    return capsys.readouterr().out


def test_command_tells_the_answer_as_json(wallet, told, codes, capsys):
    found = json.loads(run(capsys, "wallet", told(), "--json"))

    row = Transaction.objects.get()
    assert found == {"outcome": "confirmed", "code": 1, "message": row.detail, "request_id": row.request_id,
                     "balance": found["balance"], "http_version": "HTTP/2"}
    assert found["balance"].count(".") == 1


@pytest.mark.parametrize(("state", "outcome", "code"), [
    ("pending", "pending", 7), ("rejected", "failed", 8), ("broken", "unknown", 2)])
def test_command_tells_each_outcome(wallet, told, codes, capsys, state, outcome, code):
    found = json.loads(run(capsys, "wallet", told(state), "--json"))

    assert (found["outcome"], found["code"], found["balance"]) == (outcome, code, None)


def test_command_says_it_in_words_too(wallet, told, codes, capsys):
    assert "confirmed (code 1)" in run(capsys, "wallet", told())


def test_command_leaves_what_is_lost_unknown(wallet, told, codes, lab, capsys):
    lab.fail("game_wallet", "walletStatus", "close", times=3)

    found = json.loads(run(capsys, "wallet", told(), "--json"))

    assert (found["outcome"], found["code"], found["http_version"]) == ("unknown", None, None)
    assert Transaction.objects.get().due_at


@pytest.mark.parametrize(("name", "changes", "why"), [
    ("nobody", {}, "There is no supplier called nobody"), ("wallet", {"amount": "x"}, "amount: "),
    ("wallet", {"colour": "red"}, "no such field"), ("wallet", {"provider_id": "2"}, "belongs to provider 2")])
def test_command_refuses_with_nothing_changed(wallet, told, capsys, name, changes, why):
    with pytest.raises(CommandError, match=why) as refused:
        run(capsys, name, {**told(), **changes})

    assert refused.value.returncode == 2
    assert not Transaction.objects.exists()


def test_command_refuses_a_supplier_that_keeps_no_wallets(giftapi, told, capsys):
    with pytest.raises(CommandError, match="cannot be asked about transactions") as refused:
        run(capsys, "giftapi", told())

    assert refused.value.returncode == 2
