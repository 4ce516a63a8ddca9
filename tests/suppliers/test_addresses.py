"""Which addresses may be called."""

import ipaddress

import pytest

from catalog.suppliers import addresses
from catalog.suppliers.addresses import allowed_base, is_public, resolve
from catalog.suppliers.errors import Forbidden, NotSent

LISTED = "api.supplier.example"


def base_of(url, *, allow_local=False):
    return allowed_base(url, allowed_hosts=[LISTED], allow_local=allow_local)


def test_listed_host_over_https_may_be_called():
    base = base_of("https://API.Supplier.Example./v1/")

    assert base.url("/orders/{id}", {"id": "7"}, {}) == "https://api.supplier.example:443/v1/orders/7"


@pytest.mark.parametrize(("url", "sentence"), [
    ("https://other.example", "other.example is not on the list of supplier hosts"),
    ("https://evil-api.supplier.example", "not on the list"),
    ("https://api.supplier.example.evil.example", "not on the list"),
    ("https://api.supplier.example@evil.example", "holds a user name"),
    ("https://user:pass@api.supplier.example", "holds a user name"),
    ("http://api.supplier.example", "only be called over https on port 443"),
    ("ftp://api.supplier.example", "only be called over https"),
    ("https://api.supplier.example:8443", "on port 443"),
    ("https://api.supplier.example:99999", "not a complete address"),
    ("https://api.supplier.example?x=1", "not a complete address"),
    ("https://api.supplier.example#x", "not a complete address"),
    ("https://", "not a complete address"),
    ("https://[::1", "not a complete address"),
    ("api.supplier.example", "not a complete address"),
    ("https://api.supplier.example\\@evil.example", "characters that do not belong"),
    ("https://api.supplier.exаmple", "characters that do not belong"),
    ("https://api.supplier.example/\nX", "characters that do not belong"),
    ("", "characters that do not belong"),
])
def test_any_other_address_is_forbidden(url, sentence):
    with pytest.raises(Forbidden, match=sentence) as caught:
        base_of(url, allow_local=True)
    assert isinstance(caught.value, NotSent)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/plexy_gate", "http://localhost", "https://[::1]:9000",
    "http://127.8.8.8"])
def test_loopback_is_for_the_lab_only(url):
    assert base_of(url, allow_local=True).is_local
    with pytest.raises(Forbidden):
        base_of(url)


@pytest.mark.parametrize("host", [
    "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "10.0.0.1",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[fe80::1]", "[fd00::1]", "127.0.0.1.example"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_odd_and_private_spellings_are_forbidden(host, scheme):
    with pytest.raises(Forbidden):
        base_of(f"{scheme}://{host}", allow_local=True)


@pytest.mark.parametrize("address", [
    "10.0.0.1", "172.16.0.1", "192.168.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1", "fec0::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe"])
def test_address_outside_the_public_internet(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::1.1.1.1"])
def test_public_address(address):
    assert is_public(ipaddress.ip_address(address))


def answer_with(monkeypatch, *found):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *given, **options: [
        (0, 0, 0, "", (address, 443)) for address in found])


def test_all_answers_must_be_public(monkeypatch):
    answer_with(monkeypatch, "1.1.1.1", "10.0.0.1")

    with pytest.raises(Forbidden, match=r"leads to 10\.0\.0\.1"):
        resolve(base_of(f"https://{LISTED}"), timeout_s=1)


def test_public_answers_are_given_once_each(monkeypatch):
    answer_with(monkeypatch, "1.1.1.1", "1.1.1.1", "2606:4700::1111")

    assert resolve(base_of(f"https://{LISTED}"), timeout_s=1) == ["1.1.1.1", "2606:4700::1111"]


def test_local_name_may_only_mean_this_machine(monkeypatch):
    answer_with(monkeypatch, "1.1.1.1")

    with pytest.raises(Forbidden):
        resolve(base_of("http://localhost", allow_local=True), timeout_s=1)


def test_name_without_address_is_unresolved(monkeypatch):
    answer_with(monkeypatch)

    with pytest.raises(addresses.Unresolved):
        resolve(base_of(f"https://{LISTED}"), timeout_s=1)
