"""What the registry tells about an API, and how settings are read."""

from decimal import Decimal

import pytest

from catalog.suppliers import ports, registry
from catalog.suppliers.declaring import complete, decimal_between, one_of, path, whole_between
from catalog.suppliers.errors import Misread
from catalog.suppliers.paging import MOST_PAGES, page_number, walk
from catalog.suppliers.plexy_gate.accounts import input_fields, parse_account_fields
from catalog.suppliers.types import Page

PORTS = [ports.CatalogSource, ports.Quoter, ports.OrderDesk, ports.Till, ports.Statement, ports.Probe]


SHOPS = [name for name in registry.APIS if registry.supports(name, ports.OrderDesk)]


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.parametrize("port", PORTS)
def test_shops_have_every_port_of_the_main_job(name, port):
    assert registry.supports(name, port)


def test_what_a_client_lacks_is_not_supported():
    class Fortune:
        def tell(self): ...

    assert not registry.supports("giftapi", Fortune)


@pytest.mark.parametrize("name", registry.APIS)
def test_defaults_need_no_parsing(name):
    for setting in registry.APIS[name].settings.values():
        assert setting.parse(setting.default) == setting.default
        assert setting.help.endswith(".")


def test_wallet_answers_about_transactions_and_sells_nothing():
    assert [port for port in (*PORTS, ports.TransactionDesk) if registry.supports("game_wallet", port)] == [
        ports.Probe, ports.TransactionDesk]


@pytest.mark.parametrize("name", SHOPS)
def test_traits_make_the_strict_choice_where_nothing_is_promised(name):
    traits = registry.APIS[name].client.traits

    assert traits.fence_s is not None or traits.replay_window_s is not None or traits.refuses_repeats
    assert traits.lookup_lag_s >= 60


def test_settings_are_completed_and_strangers_left_out():
    declared = registry.APIS["plexy_gate"].settings

    assert complete(declared, {"page_size": 10, "colour": "blue"}) == {
        "charge_ratio": Decimal("1.25"), "page_size": 10, "account_fields": {}}


@pytest.mark.parametrize(("parse", "given", "value"), [
    (decimal_between("1", "10"), "1.25", Decimal("1.25")), (decimal_between("1", "10"), 1.5, Decimal("1.5")),
    (whole_between(1, 200), "200", 200), (whole_between(1, 200), 5, 5), (one_of("", "en"), "en", "en"),
    (path(), " /v2/me ", "/v2/me"), (path("uuid"), "/orders/{uuid}", "/orders/{uuid}"),
    (parse_account_fields, "456=steam_login,email; 902=orbit_login", {"456": ("steam_login", "email"),
    "902": ("orbit_login",)}),
    (parse_account_fields, {"456": ["steam_login"]}, {"456": ("steam_login",)}), (parse_account_fields, "", {})])
def test_setting_is_read(parse, given, value):
    assert parse(given) == value


@pytest.mark.parametrize(("parse", "given"), [
    (decimal_between("1", "10"), "0.9"), (decimal_between("1", "10"), "NaN"), (decimal_between("1", "10"), None),
    (whole_between(1, 200), "0"), (whole_between(1, 200), "201"), (whole_between(1, 200), "²"), (whole_between(1, 200), ""),
    (one_of("", "en"), "de"), (path(), "me"), (path(), "/a/../b"), (path(), "/a?b=1"), (path(), "/a/{uuid}"),
    (path(), "//x y"),
    (path("uuid"), "/orders"), (path("uuid"), "/orders/{id}"), (path("uuid"), "/orders/{uuid"), (path(),
    "https://x.example/a"),
    (parse_account_fields, "456"), (parse_account_fields, "456=a b"), (parse_account_fields, 7),
    (parse_account_fields, {"1": 5})])
def test_odd_setting_is_refused_in_a_sentence(parse, given):
    with pytest.raises(ValueError, match=r"give|must hold|a field is"):
        parse(given)


@pytest.mark.parametrize(("slug", "names"), [
    ("steam-top-up", ["steam_login", "email"]), ("mobile-legends-86", ["player_id", "zone_id"]), ("pubg-mobile",
    ["player_id"]),
    ("airtime-kenya", ["phone"]), ("", ["account"])])
def test_starting_fields_follow_the_slug(slug, names):
    assert [field.name for field in input_fields("1", slug, {})] == names


def test_walk_gives_every_page_once():
    pages = {None: Page((1,), "a"), "a": Page((), "b"), "b": Page((2,))}

    assert [page.items for page in walk(pages.get)] == [(1,), (), (2,)]


@pytest.mark.parametrize(("read", "why"), [
    (lambda cursor: Page((), "a"), "comes back to a page"),
    (lambda cursor: Page((1,), str(cursor) + "x"), "same page twice"),
    (lambda cursor: Page((), str(cursor) + "x"), "does not end within 2000 pages"),
    ({None: Page((1,), "a"), "a": Page((2,), "b"), "b": Page((3,), "a")}.get, "comes back to a page"),
], ids=["same cursor", "same page", "endless", "circle"])
def test_walk_without_end_is_misread(read, why):
    with pytest.raises(Misread, match=why):
        list(walk(read))


def test_list_that_breaks_off_before_its_total_is_misread():
    """An empty page in the middle must not pass for the end: absence is proven by such a list."""
    pages = {None: Page((1, 2), "2", total=5), "2": Page((), None, total=5)}

    with pytest.raises(Misread, match="2 of 5 rows"):
        list(walk(pages.get))


def test_page_numbers_have_an_end():
    assert (page_number(None), page_number("7")) == (1, 7)
    with pytest.raises(Misread):
        page_number(str(MOST_PAGES + 1))
