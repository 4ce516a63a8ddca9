"""The test run itself: which database it uses, and that it cannot reach the outside."""

import socket
import urllib.request

import pytest
from django.conf import settings
from django.db import connection

from tests.environment import ENGINE
from tests.network import OutsideCall


@pytest.mark.django_db
def test_engine_asked_for_is_used():
    vendor = {"sqlite": "sqlite", "postgres": "postgresql"}[ENGINE]

    assert connection.vendor == vendor


@pytest.mark.pg
@pytest.mark.django_db
def test_server_waits_shortly_for_locks():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)


def test_outside_address_is_refused():
    with socket.socket() as sock, pytest.raises(OutsideCall):
        sock.connect(("192.0.2.1", 443))


def test_outside_name_is_refused():
    with pytest.raises(OutsideCall):
        urllib.request.urlopen("https://supplier.example/")


def test_var_folder_is_the_tests_own(tmp_path):
    assert settings.VAR_DIR.parent == tmp_path

