"""Reading a transaction from what a person typed or pasted: every odd field is named, and no digit is lost."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import telling
from orders.telling import FIELDS, Wrong

LARGEST = 2**64 - 1
FIT = {"token": "session", "player_id": "42", "site_id": "7", "game_id": "neon-reef", "currency": "USD", "amount": "50.50",
       "round_id": "r-1", "transaction_id": "t-1", "action": "debit"}


def test_what_fits_is_read():
    query = telling.read({**FIT, "player_id": f" {LARGEST} "})

    assert (query.player_id, query.amount, query.provider_id) == (LARGEST, Decimal("50.50"), None)
    assert str(query.amount) == "50.50"


@pytest.mark.parametrize(("field", "value"), [
    ("player_id", str(LARGEST + 1)), ("player_id", "-1"), ("player_id", "1.0"), ("player_id", "1e3"), ("player_id", "٣"),
    ("site_id", ""), ("provider_id", "x"), ("amount", "12,50"), ("amount", "-1"), ("amount", "1e3"), ("amount", "1.1234567"),
    ("amount", "007"), ("amount", "NaN"), ("amount", "1 000"), ("action", "gift"), ("action", "DEBIT"), ("token", ""),
    ("round_id", "r" * 37), ("transaction_id", "é"), ("game_id", "a\nb"), ("currency", "x" * 11)])
def test_odd_field_is_named(field, value):
    with pytest.raises(Wrong) as wrong:
        telling.read({**FIT, field: value})

    assert list(wrong.value.errors) == [field]


def test_every_odd_field_is_named_at_once():
    with pytest.raises(Wrong) as wrong:
        telling.read({})

    assert set(wrong.value.errors) == set(FIELDS) - {"provider_id"}


def test_field_that_does_not_exist_is_refused():
    with pytest.raises(Wrong, match="There is no such field"):
        telling.read({**FIT, "colour": "red"})


def test_session_is_in_no_message():
    with pytest.raises(Wrong) as wrong:
        telling.read({**FIT, "token": "SECRET\u200bSECRET", "player_id": "x"})

    assert "SECRET" not in str(wrong.value)


def test_pasted_json_keeps_every_digit():
    text = f'{{"player_id": {LARGEST}, "amount": 50.50, "site_id": "7", "new": [1], "action": null, "token": true}}'

    assert telling.pasted(text) == {"player_id": str(LARGEST), "amount": "50.50", "site_id": "7"}


def test_pasted_launch_address_is_read():
    address = "https://games.example/launch?token=abc&player_id=42&lang=en"

    assert telling.pasted(address) == {"token": "abc", "player_id": "42"}


def test_pasted_pairs_are_read():
    assert telling.pasted("token=abc\nplayer_id=42") == {"token": "abc", "player_id": "42"}


@pytest.mark.parametrize("text", [
    "hello", "{", '{"a": 1}', "[1]", '{"amount": NaN}', '{"token": "a", "token": "b"}', "null", "http://[bad"])
def test_paste_that_cannot_be_read_is_said(text):
    with pytest.raises(Wrong) as wrong:
        telling.pasted(text)

    assert list(wrong.value.errors) == ["paste"]


VALUES = st.text() | st.integers() | st.none() | st.floats()


@given(st.text(max_size=200) | st.dictionaries(st.sampled_from(FIELDS), VALUES).map(json.dumps))
@settings(max_examples=150, deadline=None)
def test_any_paste_is_met_calmly(text):
    with contextlib.suppress(Wrong):
        telling.read(telling.pasted(text))


def test_same_transaction_has_the_same_digest_in_any_session():
    first, second = telling.read(FIT), telling.read({**FIT, "token": "another"})

    assert telling.digest(first) == telling.digest(second)


@pytest.mark.parametrize(("field", "value"), [
    ("player_id", "43"), ("amount", "50.5"), ("action", "credit"), ("provider_id", "1"), ("round_id", "r-2")])
def test_another_transaction_has_another_digest(field, value):
    assert telling.digest(telling.read(FIT)) != telling.digest(telling.read({**FIT, field: value}))
