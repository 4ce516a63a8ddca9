"""Where a supplier may live: which addresses may be called at all, and how a path is put together.

The rule is checked twice: on the name before anything is sent, and on the numbers the name resolves to, at the moment of
connecting, so that a name cannot change its mind in between.
"""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from .errors import Forbidden

MAX_ADDRESSES = 4  # how many of a name's addresses are tried
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unresolved(OSError):
    """The name has no address, or the name servers did not answer in time."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base address that may be called. `path` has no trailing slash; a local one may only resolve to this machine."""

    scheme: str
    host: str
    port: int
    path: str
    is_local: bool

    def url(self, route, params, query):
        """The whole address; every parameter becomes one quoted segment. Raises Forbidden for one that cannot be."""
        where = f"[{self.host}]" if ":" in self.host else self.host
        filled = re.sub(r"\{(\w+)\}", lambda name: _segment(name[1], params.get(name[1], "")), route)
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.scheme}://{where}:{self.port}{self.path}{filled}{asked}"


def allowed_base(base_url, *, allowed_hosts, allow_local):
    """`base_url` taken apart, if it may be called. Raises Forbidden with a sentence that says what to change."""
    if not re.fullmatch(r"[!-~]+", base_url) or "\\" in base_url:
        raise Forbidden("The base address holds characters that do not belong in an address. Enter it again.")
    try:
        parts = urlsplit(base_url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Forbidden("The base address is not a complete address such as https://api.example.com/v1.") from None
    if not host or parts.query or parts.fragment:
        raise Forbidden("The base address is not a complete address such as https://api.example.com/v1.")
    if parts.username is not None or parts.password is not None:
        raise Forbidden(f"The address of {host} holds a user name. Remove it; keys belong in the credentials.")
    path = parts.path.rstrip("/")
    if allow_local and parts.scheme in ("http", "https") and is_loopback_name(host):
        return Base(parts.scheme, host, port or (80 if parts.scheme == "http" else 443), path, is_local=True)
    if parts.scheme != "https" or port not in (None, 443):
        raise Forbidden(f"{host} may only be called over https on port 443. Correct the base address.")
    if host not in {allowed.lower().rstrip(".") for allowed in allowed_hosts}:
        raise Forbidden(f"{host} is not on the list of supplier hosts. Add it to SUPPLIER_HOSTS if you trust it.")
    return Base("https", host, 443, path, is_local=False)


def is_loopback_name(host):
    """Whether `host` plainly names this machine; odd spellings such as 127.1 or 0x7f.1 do not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def resolve(base, *, timeout_s):
    """The addresses of `base.host`, all of them fit to be called. Raises Forbidden if one is not, or Unresolved."""
    found = _look_up(base.host, base.port, timeout_s)
    if not found:
        raise Unresolved(f"{base.host} has no address")
    for address in found:
        if not (_embedded(address).is_loopback if base.is_local else is_public(address)):
            raise Forbidden(
                f"{base.host} leads to {address}, an address that is not on the public internet. Ask the supplier for the "
                "right host, or look at your name server.")
    return [str(address) for address in found[:MAX_ADDRESSES]]


def is_public(address):
    """Whether an address, and the IPv4 address that may hide inside it, is one of the public internet."""
    checked = {_embedded(address)} if address in NAT64 else {address, _embedded(address)}
    return all(one.is_global and not (one.is_multicast or one.is_reserved or getattr(one, "is_site_local", False))
               for one in checked)


def _embedded(address):
    """The IPv4 address that an IPv6 address carries, or the address itself."""
    if address.version == 4:
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


def _look_up(host, port, timeout_s):
    """Ask the system's resolver in a thread of its own, because it knows no deadline."""
    told = []

    def ask():
        try:
            told.append([row[4][0] for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except Exception as error:
            told.append(error)

    asking = threading.Thread(target=ask, daemon=True, name="resolve")
    asking.start()
    asking.join(timeout_s)
    if not told:
        raise Unresolved(f"the name servers did not answer for {host} in time")
    if isinstance(told[0], OSError):
        raise Unresolved(f"{host} could not be looked up")
    if isinstance(told[0], Exception):
        raise told[0]
    return [ipaddress.ip_address(text.partition("%")[0]) for text in dict.fromkeys(told[0])]


def _segment(name, value):
    """`value` as one segment of a path; ids of suppliers never need more than this."""
    text = str(value)
    if not text or len(text) > 200 or text == "." or ".." in text or re.search(r"[/\\?#%\x00-\x1f\x7f]", text):
        raise Forbidden(f"The {name} cannot be part of an address, so nothing was sent. Check the supplier's id.")
    return quote(text, safe="")
