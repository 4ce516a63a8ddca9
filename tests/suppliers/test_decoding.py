"""Strict JSON with exact decimals, and readers that do not crash."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalog.suppliers import decoding
from catalog.suppliers.decoding import decode
from catalog.suppliers.errors import Misread


def test_numbers_keep_every_digit():
    assert str(decode(b'{"amount":50.50,"big":123456789012345678901.10}')) == str(
        {"amount": Decimal("50.50"), "big": Decimal("123456789012345678901.10")})
    assert decode(b"[8944422711108338982, 7]") == [Decimal("8944422711108338982"), 7]


@pytest.mark.parametrize("body", [
    b"", b" ", b"<html>", b"{", b'{"a":1', b"\xff\xfe", b"'a'", b"{}{}",
    b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":1e999}', b'{"a":1e-999}', b'{"a":1e99999999999999999999}',
    b'{"a":1,"a":2}', b'[{"b":{"a":1,"a":1}}]',
    b'{"a":' + b"9" * 5000 + b"}", b'{"a":0.' + b"9" * 5000 + b"}",
    b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65,
])
@pytest.mark.fault("F14")
def test_what_is_not_plain_json_is_misread(body):
    with pytest.raises(Misread) as caught:
        decode(body)
    assert len(str(caught.value)) < 100


def test_reasonable_depth_is_read():
    assert decode(b"[" * 60 + b"]" * 60)


def test_byte_order_mark_is_tolerated():
    assert decode(b"\xef\xbb\xbf{}") == {}


def test_characters_that_no_database_takes_are_replaced():
    assert decode(rb'{"a\u0000":["\ud800x","\ud83d\ude00"]}') == {"a\N{REPLACEMENT CHARACTER}": [
        "\N{REPLACEMENT CHARACTER}x", "\N{GRINNING FACE}"]}


@pytest.mark.parametrize(("given", "read"), [
    (10, "10"), ("12.50", "12.50"), (Decimal("-29.09"), "-29.09"), ("0", "0"), (Decimal("29.090000000000003"), "29.090000"),
    (Decimal("1e2"), "1E+2"), ("99999999999999", "99999999999999")])
def test_money(given, read):
    assert str(decoding.money({"a": given}, "a")) == read


@pytest.mark.parametrize("given", [
    None, "", "abc", "1,5", "1e5", "NaN", "+1", " 1", True, [], {}, 10**14, "100000000000000"])
def test_no_money(given):
    assert decoding.money({"a": given}, "a") is None


@pytest.mark.parametrize(("given", "read"), [
    (0, 0), ("7", 7), (Decimal("3.0"), 3), (2**31 - 1, 2**31 - 1), (2**31, None), (-1, None),
    (Decimal("1.5"), None), (True, None)])
def test_whole(given, read):
    assert decoding.whole({"a": given}, "a") == read


@pytest.mark.parametrize("given", [
    "2026-01-15T11:54:29Z", "2026-01-15T11:54:29+00:00", "2026-01-15T14:54:29+03:00", "2026-01-15T11:54:29",
    "2026-01-15 11:54:29"])
def test_moment(given):
    assert decoding.moment({"a": given}, "a") == datetime(2026, 1, 15, 11, 54, 29, tzinfo=UTC)


@pytest.mark.parametrize("given", [None, "", "soon", 5, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", []])
def test_no_moment(given):
    assert decoding.moment({"a": given}, "a") is None


@pytest.mark.parametrize(("given", "read"), [
    ("2027-01-15", date(2027, 1, 15)), ("2027-01-15T00:00:00Z", date(2027, 1, 15)), ("01/2027", None),
    (None, None), (5, None)])
def test_day(given, read):
    assert decoding.day(given) == read


def test_ids_are_text_and_never_cut():
    node = {"number": 456, "text": "019bc0dd", "long": "x" * 101, "flag": True, "none": None}

    assert [decoding.ident(node, name) for name in node] == ["456", "019bc0dd", "", "", ""]


@pytest.mark.parametrize(("given", "read"), [("USD", "USD"), ("USDT", ""), ("usd", ""), (None, ""), (1, "")])
def test_currency(given, read):
    assert decoding.currency({"a": given}, "a") == read


def test_missing_field_is_named_without_its_value():
    with pytest.raises(Misread, match="lacks a usable order id") as caught:
        decoding.need("", "order id")
    assert caught.value.code == "missing_field"


@pytest.mark.parametrize("amount", ["10", "10.0", "10.00", "10.000000", "1E+1"])
def test_amount_has_one_text(amount):
    assert decoding.plain_amount(Decimal(amount)) == "10.00"


@pytest.mark.parametrize(("amount", "text"), [("0.125", "0.125"), ("-5", "-5.00"), ("1000", "1000.00")])
def test_amount_keeps_its_digits(amount, text):
    assert decoding.plain_amount(Decimal(amount)) == text


def test_error_does_not_hold_on_to_the_text():
    with pytest.raises(Misread) as caught:
        decode(b'{"pin":"canary"')
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
