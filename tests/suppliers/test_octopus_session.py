"""Being signed in: renewed ahead of time, a refresh token used once, and never signed out."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from catalog.suppliers.errors import NotSent, Unauthorised
from catalog.suppliers.pacing import Pace
from tests.suppliers.octopus import CREDENTIALS, asked, calls, client, refusal
from tests.suppliers.wire import answer, signed_in, token

CURRENCIES = answer([{"id": 1, "currency": "USD"}])
LOGIN, REFRESH, READ = ("POST", "/auth/login"), ("POST", "/auth/refresh"), ("GET", "/api/v1/currencies")


def pair(name="t-2", **changes):
    now = datetime.now(UTC)
    return answer({"success": True, "data": {
        "access_token": name, "refresh_token": f"{name}-refresh", "client_id": 77,
        "access_expires_at": (now + timedelta(hours=1)).isoformat(),
        "refresh_expires_at": (now + timedelta(days=7)).isoformat(), **changes}})


def stale(**options):
    return signed_in(token(**{"ends_in": timedelta(minutes=4), **options}))


def probe(*answers, tokens):
    made = client(*answers, tokens=tokens)
    made.probe()
    return made


def test_good_token_is_used_as_it_is():
    assert asked(probe(CURRENCIES, tokens=signed_in())) == [READ]


def test_first_call_signs_in_by_key_and_secret():
    tokens = signed_in(token(ends_in=timedelta(0), refresh_ends_in=timedelta(0)))

    made = probe(pair(), CURRENCIES, tokens=tokens)

    assert asked(made) == [LOGIN, READ]
    assert json.loads(calls(made)[0].content) == {
        "username": CREDENTIALS["api_key"], "password": CREDENTIALS["api_secret"]}


def test_token_is_renewed_ahead_of_its_end():
    made = probe(pair(), CURRENCIES, tokens=stale())

    assert asked(made) == [REFRESH, READ]
    assert json.loads(calls(made)[0].content) == {"refresh_token": "t-1-refresh"}
    assert calls(made)[1].headers["authorization"] == "Bearer t-2"


def test_used_up_refresh_token_leads_to_a_login():
    made = probe(refusal("UNAUTHORIZED", "Token revoked", status=401), pair(), CURRENCIES, tokens=stale())

    assert asked(made) == [REFRESH, LOGIN, READ]


def test_token_that_could_not_be_renewed_ahead_is_used_to_its_end():
    made = probe(answer(b"", status=503, content_type=""), CURRENCIES, tokens=stale())

    assert calls(made)[1].headers["authorization"] == "Bearer t-1"


def test_ended_token_that_cannot_be_renewed_sends_nothing():
    made = client(answer(b"", status=503, content_type=""), tokens=stale(ends_in=timedelta(0)))

    with pytest.raises(NotSent, match="No token could be had"):
        made.probe()
    assert READ not in asked(made)


def test_refused_key_is_told():
    made = client(refusal("UNAUTHORIZED", "Invalid credentials", status=401), tokens=stale(ends_in=timedelta(0)))

    with pytest.raises(Unauthorised, match="API key"):
        made.probe()


def test_address_that_is_not_allowed_is_told():
    made = client(refusal("FORBIDDEN", "IP address not authorized", status=403), tokens=stale(ends_in=timedelta(0)))

    with pytest.raises(Unauthorised, match="IP address not authorized"):
        made.probe()


def test_key_that_is_refused_with_a_fresh_token_is_refused_for_good():
    made = client(refusal("UNAUTHORIZED", "no", status=401), pair(), refusal("UNAUTHORIZED", "no", status=401),
                  tokens=signed_in())

    with pytest.raises(Unauthorised):
        made.probe()
    assert asked(made) == [READ, REFRESH, READ]


def test_expiry_is_judged_by_the_suppliers_clock():
    made = client(pair(), CURRENCIES, tokens=signed_in())
    made._transport.skew_s = 3500

    made.probe()

    assert asked(made) == [REFRESH, READ]


def test_no_repr_shows_a_token():
    assert "t-1" not in repr(token())


def test_pace_spreads_what_goes_beyond_the_first_half_minute():
    slept, now = [], [0.0]
    pace = Pace(4, clock=lambda: now[0], sleep=slept.append)

    for _ in range(3):
        pace.wait()
    now[0] = 60.0
    pace.wait()

    assert slept == [15.0]
