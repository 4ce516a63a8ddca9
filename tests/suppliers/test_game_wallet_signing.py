"""The aggregator's two proofs, by the published vector and by those of its contract; bodies are signed as bytes."""

import pytest

from catalog.suppliers.game_wallet.signing import basic, signature

KEY = "7b1d0c52-6f0e-4a83-9c55-2f8e4ad0b911"
COMPACT = (
    b'{"token":"5f1e2d3c-0b4a-4c6d-8e7f-102938475665","player_id":42,"site_id":7,"provider_id":7781,"game_id":"neon-reef",'
    b'"currency":"USD","amount":12.75,"round_id":"r-20260114-000183",'
    b'"transaction_id":"0d5f6c1a-93b2-4e0f-8f34-6b1b7d2a9c10","action":"debit"}')
SPACED = COMPACT.replace(b'":', b'": ').replace(b',"', b', "')
TWO_PASSES = "fb52c0677f5f9069076c73587a31d51afb60973c66371dd015f95f462c828403"


@pytest.mark.parametrize(("body", "size", "expected"), [
    (COMPACT, 252, "3b70fea63090c07780007c6f10cf4978198172cc0f4ff67379e465473893918d"),
    (SPACED, 271, "6431b1790313ae1df8dc1f2c3be02f59e1d54142c0cadb9da17aef8c7ed012c0"),
    ('{"note":"Zoë"}'.encode(), 15, "c08d83ef1ba058a4229c333522689930e780e85c3865811b3d3db9776a2bc39f"),
    (b'{"note":"Zo\\u00eb"}', 19, "3d46eef2d35212ed1b9bf4520db9931772eb7eab937de64e2bda9be5479004d7"),
    (b"", 0, "7881c6098d9c548338ff30912d4df6ac399a380fa29ccb7cbbdea30f319b2537"),
    (b'{"amount":50.50}', 16, "faedb85a65f00f329d09b614a33d9f9aa2ee5e2565e0207787893f1979b1c471"),
    (b'{"amount":50.5}', 15, "e5ccd105d5beb163a673e48e7f8d7718f8f75f77c966f369f5c2660aaae388c6"),
], ids=["A compact", "B spaced", "C UTF-8", "D escaped", "E empty", "F two places", "G one place"])
def test_vector(body, size, expected):
    assert len(body) == size
    assert signature(KEY, body) == expected


def test_published_vector():
    assert signature("e56eb966-a55f-4087-bc7d-e66df1f377a1", b'{"message":"Hello, world!"}') == (
        "3798e973f62692d1c5ab8175aafbd6d9743ef56f0a989bd1d025e646e64c1036")


def test_it_is_one_pass():
    assert signature(KEY, COMPACT) != TWO_PASSES


def test_who_we_are():
    assert basic("7781", "k9-Access") == "Basic Nzc4MTprOS1BY2Nlc3M="
