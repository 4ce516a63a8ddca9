"""The one token row of a connection: sealed, bound to its key, and renewed by one process at a time."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from catalog import clock, gateway, tokens
from catalog.models import Supplier, SupplierToken
from catalog.suppliers.errors import NotSent, Unauthorised
from catalog.tokens import RowTokens
from tests.suppliers.wire import token


@pytest.fixture
def supplier(db):
    supplier = Supplier.objects.create(name="octopus", api="octopus_cards", base_url="https://api.octopus.test")
    gateway.keep_credentials(supplier, {"api_key": "k", "api_secret": "s", "webhook_secret": "w"})
    return supplier


def refuse(kept):
    raise Unauthorised("The key is refused.")


def unexpected(kept):
    raise AssertionError("nothing was to be exchanged")


def test_nothing_is_kept_at_first(supplier):
    assert RowTokens(supplier).read() is None


def test_kept_token_is_read_again(supplier):
    RowTokens(supplier).renew(None, lambda kept: token())

    kept = RowTokens(supplier).read()

    assert (kept.access, kept.refresh) == ("t-1", "t-1-refresh")


def test_row_shows_no_token(supplier):
    RowTokens(supplier).renew(None, lambda kept: token("a-very-secret-token"))

    assert "a-very-secret-token" not in str(SupplierToken.objects.values_list().get())


def test_exchange_is_given_what_is_kept(supplier):
    first = RowTokens(supplier).renew(None, lambda kept: token())
    given = []

    RowTokens(supplier).renew(first, lambda kept: given.append(kept) or token("t-2"))

    assert given == [first]
    assert RowTokens(supplier).read().access == "t-2"


def test_token_that_somebody_renewed_is_taken_over(supplier):
    stale = RowTokens(supplier).renew(None, lambda kept: token())
    RowTokens(supplier).renew(stale, lambda kept: token("t-2"))

    assert RowTokens(supplier).renew(stale, unexpected).access == "t-2"


def test_refused_exchange_keeps_what_was_there_and_frees_the_lease(supplier):
    first = RowTokens(supplier).renew(None, lambda kept: token())

    with pytest.raises(Unauthorised):
        RowTokens(supplier).renew(first, refuse)

    assert RowTokens(supplier).read() == first
    assert RowTokens(supplier).renew(first, lambda kept: token("t-2")).access == "t-2"


def test_new_credentials_begin_with_no_token(supplier):
    RowTokens(supplier).renew(None, lambda kept: token())

    gateway.keep_credentials(supplier, {"api_key": "k2", "api_secret": "s2", "webhook_secret": "w"})

    assert RowTokens(supplier).read() is None


def test_token_whose_key_is_gone_is_got_anew(supplier, settings):
    RowTokens(supplier).renew(None, lambda kept: token())

    settings.FIELD_KEYS = ["b" * 43 + "="]

    assert RowTokens(supplier).read() is None


def test_held_lease_makes_others_wait_and_then_give_up(supplier, monkeypatch):
    monkeypatch.setattr(tokens, "PATIENCE_S", 0.1)
    SupplierToken.objects.create(supplier=supplier, lease="0" * 32, lease_until=clock.now() + timedelta(seconds=40))

    with pytest.raises(NotSent, match="Another process is renewing"):
        RowTokens(supplier).renew(None, unexpected)


def test_lease_of_a_dead_process_runs_out(supplier):
    SupplierToken.objects.create(supplier=supplier, lease="0" * 32, lease_until=clock.now() - timedelta(seconds=1))

    assert RowTokens(supplier).renew(None, lambda kept: token()).access == "t-1"


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_exchange(supplier):
    stale = RowTokens(supplier).renew(None, lambda kept: token("t-0"))
    exchanged, got, together = [], [], threading.Barrier(6)

    def exchange(kept):
        exchanged.append(kept)
        threading.Event().wait(0.3)  # the others arrive meanwhile
        return token(f"t-{len(exchanged)}")

    def renew():
        together.wait(timeout=30)
        try:
            got.append(RowTokens(supplier).renew(stale, exchange).access)
        finally:
            connection.close()

    threads = [threading.Thread(target=renew) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (len(exchanged), got) == (1, ["t-1"] * 6)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_clients_that_find_the_token_stale_together_refresh_it_once(octopus, lab):
    lab.fail("octopus_cards", "login", "short_tokens", seconds=60)
    gateway.connect(octopus).probe()
    together, seen = threading.Barrier(6), []

    def ask():
        together.wait(timeout=30)
        try:
            seen.append(len(gateway.connect(octopus).balances()))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(seen) == 6
    assert [len(lab.calls("octopus_cards", name)) for name in ("login", "refreshToken", "logout")] == [1, 1, 0]
