"""Lists go wrong as told: empty, repeated, endless, broken off."""


def plexy_pages(ask, count, size=50):
    return [ask.get("/products", page=number, pageSize=size) for number in range(1, count + 1)]


def gift_pages(ask, count, size=50):
    """The first pages by cursor, fewer if the list ends before."""
    pages, query = [], {}
    while len(pages) < count:
        pages.append(ask.get("/catalog/products", per_page=size, **query))
        if pages[-1].status != 200 or not pages[-1].json["meta"]["next_cursor"]:
            break
        query = {"cursor": pages[-1].json["meta"]["next_cursor"]}
    return pages


def ids(told):
    return [row["id"] for row in (told.json.get("items") or told.json.get("data") or [])]


def test_empty_page_in_the_middle(ask_plexy, ask_giftapi):
    ask_plexy.lab.fail("plexy_gate", "listProducts", "page_empty")
    ask_plexy.lab.fail("giftapi", "listProducts", "page_empty", page=3)

    plexy, gift = plexy_pages(ask_plexy, 3), gift_pages(ask_giftapi, 4)

    assert [bool(ids(page)) for page in plexy] == [True, False, True]
    assert plexy[1].json["total"] == len(ask_plexy.books.listed())
    assert [bool(ids(page)) for page in gift] == [True, True, False, True]


def test_same_page_twice(ask_plexy, ask_giftapi):
    ask_plexy.lab.fail("plexy_gate", "listProducts", "page_repeat")
    ask_plexy.lab.fail("giftapi", "listProducts", "page_repeat")

    for pages in (plexy_pages(ask_plexy, 3), gift_pages(ask_giftapi, 3)):
        assert ids(pages[0]) == ids(pages[1])
        assert not set(ids(pages[1])) & set(ids(pages[2]))


def test_page_answers_an_error(ask_plexy, ask_giftapi):
    ask_plexy.lab.fail("plexy_gate", "listProducts", "page_error")
    ask_plexy.lab.fail("giftapi", "listProducts", "page_error", status=503)

    assert [page.status for page in plexy_pages(ask_plexy, 3)] == [200, 500, 200]
    assert [page.status for page in gift_pages(ask_giftapi, 3)] == [200, 503]


def test_endless_list(ask_plexy, ask_giftapi):
    ask_plexy.lab.fail("plexy_gate", "listProducts", "page_endless")
    ask_plexy.lab.fail("giftapi", "listProducts", "page_endless")

    plexy, gift = plexy_pages(ask_plexy, 12), gift_pages(ask_giftapi, 12)

    assert len(gift) == 12
    assert all(ids(page) for page in [*plexy, *gift])
    assert plexy[-1].json["total"] > 12 * 50


def test_other_lists_are_not_touched(ask_giftapi):
    ask_giftapi.lab.fail("giftapi", "listProducts", "page_error", page=1)

    assert ask_giftapi.get("/orders").status == 200
    assert ask_giftapi.get("/catalog/products").status == 500


def test_ledger_by_second_loses_rows_at_a_page_edge(ask_giftapi, time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    for number in range(3):
        ask_giftapi.order(f"REF-{number}")
    ask_giftapi.lab.fail("giftapi", "listBalanceTransactions", "second_cursor")

    first = ask_giftapi.get("/balance/history", per_page=2).json
    second = ask_giftapi.get("/balance/history", per_page=2, cursor=first["meta"]["next_cursor"]).json

    charged = {row["order_id"] for page in (first, second) for row in page["data"]}
    bought = [ask_giftapi.books.purchases(f"REF-{number}")[0].id for number in range(3)]
    assert [order in charged for order in bought] == [False, True, True]
