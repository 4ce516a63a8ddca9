"""Files of many transactions: good lines are asked about, odd ones are named by line, limits are kept."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from orders import entering, filing
from orders.models import Transaction, TransactionFile, TransactionFileRow
from orders.telling import FIELDS

pytestmark = pytest.mark.django_db
HEAD = tuple(name for name in FIELDS if name != "provider_id")


def upload(*lines, head=HEAD, delimiter=",", name="bets.csv", encoding="utf-8"):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([head, *lines])
    return SimpleUploadedFile(name, text.getvalue().encode(encoding))


@pytest.fixture
def line(told):
    """`line(state, amount=…)`: the cells of one transaction."""
    return lambda state="settled", **changes: [told(state, **changes)[name] for name in HEAD]


@pytest.fixture
def take(wallet, staff, now):
    return lambda file: filing.take(supplier=wallet, upload=file, by=staff("support"), now=now)


@pytest.fixture
def work():
    """Do what waits in the queue, as the worker of the catalog cluster would."""

    def done():
        for queued in OrmQ.objects.order_by("pk"):
            task = queued.task
            queued.delete()
            import_string(task["func"])(*task["args"], **task["kwargs"])

    return done


def result(file):
    return list(csv.DictReader(io.StringIO("".join(filing.result_lines(file)))))


def test_every_line_is_asked_about(take, line, work, codes):
    file = take(upload(line("settled"), line("pending"), line("rejected"), line("broken")))

    work()

    assert [(row["line"], row["status"], row["code"]) for row in result(file)] == [
        ("2", "confirmed", "1"), ("3", "pending", "7"), ("4", "failed", "8"), ("5", "unknown", "2")]
    assert filing.progress(file) == {
        "total": 4, "taken": 4, "refused": 0, "answered": 4, "waiting": 0, "unknown": 1, "pending": 1, "failed": 1,
        "confirmed": 1}


def test_odd_lines_are_named_and_the_others_kept(take, line, work, codes):
    file = take(upload(line(), line(amount="1,50"), [], line()[:-1], line(player_id="-1", action="gift"), line("pending")))

    work()

    problems = {row["line"]: row["problem"] for row in result(file)}
    assert list(problems) == ["2", "3", "5", "6", "7"]
    assert problems["3"].startswith("amount: A plain number")
    assert problems["5"] == "line: It has 8 of 9 cells."
    assert "player_id" in problems["6"] and "action" in problems["6"]
    assert [problems["2"], problems["7"]] == ["", ""]
    assert Transaction.objects.count() == 2


def test_lines_of_another_provider_are_refused(take, line):
    file = take(upload([*line(), "1"], [*line("pending"), "7781"], head=(*HEAD, "provider_id")))

    assert [row["problem"] for row in result(file)] == [
        "provider_id: This transaction belongs to provider 1; the connection is provider 7781.", ""]


def test_same_line_twice_is_one_transaction(take, line):
    file = take(upload(line(), line()))

    assert Transaction.objects.count() == 1
    assert [row["line"] for row in result(file)] == ["2", "3"]


def test_same_file_twice_asks_again_and_enters_nothing(take, line, work, codes, lab):
    take(upload(line("pending")))
    work()
    take(upload(line("pending")))
    work()

    assert Transaction.objects.count() == 1
    assert TransactionFile.objects.count() == 2
    assert len(lab.calls("game_wallet")) == 2
    assert list(Transaction.objects.get().events.order_by("id").values_list("kind", flat=True)) == [
        "entered", "moved", "asked"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_spreadsheets_of_all_countries_are_read(take, line, delimiter, encoding):
    take(upload(line(), delimiter=delimiter, encoding=encoding))

    assert Transaction.objects.count() == 1


def test_columns_stand_in_any_order_and_others_are_ignored(take, told):
    head = (*reversed(HEAD), "Remark")

    take(upload([*(told()[name] for name in reversed(HEAD)), "=1+1"], head=[name.upper() for name in head]))

    assert Transaction.objects.get().amount == told()["amount"]


@pytest.mark.parametrize(("raw", "why"), [
    (b"", "Missing: token"), (b"\xff\xfe", "not UTF-8"), (",".join(HEAD).encode(), "no line below"),
    (b"player_id,amount\n1,2\n", "Missing: token"), ((",".join([*HEAD, "token"]) + "\nx").encode(), "twice: token"),
    ((",".join(HEAD) + '\n"open').encode(), "Line 2 is not CSV")])
def test_file_that_cannot_be_used_enters_nothing(take, raw, why):
    with pytest.raises(filing.Unreadable, match=why):
        take(SimpleUploadedFile("x.csv", raw))

    assert TransactionFile.objects.count() == 0


def test_limits_are_kept(take, line, monkeypatch):
    monkeypatch.setattr(filing, "MOST_ROWS", 1)
    with pytest.raises(filing.Unreadable, match="2 lines; at most 1"):
        take(upload(line(), line("pending")))

    monkeypatch.setattr(filing, "MOST_BYTES", 100)
    with pytest.raises(filing.Unreadable, match="larger than"):
        take(upload(line()))


def test_supplier_without_a_desk_is_refused(giftapi, line, now):
    with pytest.raises(entering.CannotAsk, match="cannot be asked"):
        filing.take(supplier=giftapi, upload=upload(line()), by=None, now=now)


def test_result_tells_no_session_and_no_formula(take, line, work, codes, told):
    file = take(upload(line(game_id="=HYPERLINK(1)"), line(token="CANARY-TOKEN", player_id="x")))
    work()

    text = "".join(filing.result_lines(file))
    assert told()["token"] not in text
    assert "CANARY" not in text
    assert ",'=HYPERLINK(1)," in text
    assert not TransactionFileRow.objects.filter(problem__contains="CANARY").exists()


def test_largest_numbers_survive_in_the_result(take, line, work, codes):
    largest = str(2**64 - 1)
    file = take(upload(line(player_id=largest, site_id=largest)))

    assert [(row["player_id"], row["site_id"]) for row in result(file)] == [(largest, largest)]


def test_many_lines_take_few_statements(take, line, django_assert_max_num_queries):
    lines = [line(transaction_id=f"t-{n}") for n in range(400)]

    with django_assert_max_num_queries(80):
        take(upload(*lines))

    assert Transaction.objects.count() == 400


# Pages


def test_upload_leads_to_its_page_and_its_result(wallet, page_client, line, work, codes):
    client = page_client("support")

    answer = client.post(reverse("orders:transaction_uploads"), {"supplier": "wallet", "file": upload(line(), ["x"])})
    file = TransactionFile.objects.get()
    waiting = client.get(answer.url)
    work()
    done = client.get(answer.url, headers={"HX-Request": "true"})

    assert answer.url == reverse("orders:transaction_file", args=[file.pk])
    assert "0 of 1 answered" in waiting.content.decode()
    assert "hx-trigger" in waiting.content.decode()
    assert (done.status_code, "1 of 1 answered" in done.content.decode()) == (286, True)
    assert "hx-trigger" not in done.content.decode()
    taken = client.get(reverse("orders:transaction_file_result", args=[file.pk]))
    assert b"confirmed" in b"".join(taken.streaming_content)
    assert "attachment" in taken["Content-Disposition"]


def test_file_that_cannot_be_used_is_said_in_place(wallet, page_client):
    answer = page_client("support").post(reverse("orders:transaction_uploads"), {
        "supplier": "wallet", "file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})

    assert answer.status_code == 422
    assert "Missing: token" in answer.content.decode()


def test_missing_file_is_said_in_place(wallet, page_client):
    answer = page_client("support").post(reverse("orders:transaction_uploads"), {"supplier": "wallet"})

    assert answer.status_code == 422


@pytest.mark.parametrize(("group", "status"), [("auditor", 403), ("finance", 403), ("support", 302), ("operations", 302)])
def test_who_may_upload(wallet, page_client, line, group, status):
    answer = page_client(group).post(reverse("orders:transaction_uploads"), {"supplier": "wallet", "file": upload(line())})

    assert answer.status_code == status
