"""A signed-in browser is signed out when it rests too long, and after a working day."""

import time

import pytest
import time_machine
from django.contrib.auth.models import User
from django.urls import reverse

from config.sessions import IDLE_S, WHOLE_S

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


@pytest.fixture
def clock():
    with time_machine.travel(time.time(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def signed_in(client, staff, clock):
    user = staff("operations", username="olga", password=PASSWORD)
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    return client


def is_in(client, **options):
    response = client.get(reverse("monitoring:jobs"), **options)
    return response.status_code == 200 and "HX-Redirect" not in response.headers


def test_active_browser_stays_signed_in(signed_in, clock):
    for _ in range(3):
        clock.shift(IDLE_S - 1)
        assert is_in(signed_in)


def test_idle_browser_is_signed_out(signed_in, clock):
    clock.shift(IDLE_S + 1)

    assert not is_in(signed_in)


def test_page_that_renews_itself_is_idle(signed_in, clock):
    for _ in range(2):
        clock.shift(IDLE_S // 2 + 1)
        answer = is_in(signed_in, headers={"HX-Request": "true"})

    assert not answer


def test_whole_day_ends_however_busy(signed_in, clock):
    for _ in range(WHOLE_S // IDLE_S + 1):
        clock.shift(IDLE_S - 1)
        is_in(signed_in)
    clock.shift(IDLE_S - 1)

    assert not is_in(signed_in)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
@pytest.mark.fault("F72")
def test_session_ends_when_the_person_is_changed(signed_in, change):
    User.objects.filter(username="olga").update(**change)

    assert not is_in(signed_in)


def test_signing_out_ends_the_session_everywhere(signed_in):
    other = type(signed_in)()
    other.cookies = signed_in.cookies.copy()
    signed_in.post(reverse("logout"))

    assert not is_in(other)


def test_sign_in_locks_after_ten_tries_even_for_the_right_password(client, staff):
    staff("operations", username="olga", password=PASSWORD)
    for _ in range(10):
        client.post(reverse("login"), {"username": "olga", "password": "wrong"})

    response = client.post(reverse("login"), {"username": "olga", "password": PASSWORD})

    assert response.status_code == 429
