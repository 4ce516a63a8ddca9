"""Reading the environment: typed values, and one line that names what is missing or odd and says what to do."""

import base64
import binascii
import re
import warnings
import zoneinfo

import environ
from django.core.exceptions import ImproperlyConfigured

ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
SHORTEST_SECRET = 50
KEY_BYTES = 32
YES, NO = ("1", "yes", "true", "on", "y", "t"), ("", "0", "no", "false", "off", "n", "f")
SIGNING_RECIPE = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
KEY_RECIPE = "python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
DATABASES = ("postgres://purser:PASSWORD@db.internal:5432/purser or sqlite:////var/lib/purser/purser.sqlite3; "
             "without it Purser uses a file in var/")
env = environ.Env()


def text(name, default=""):
    return env.str(name, default=default).strip()


def names(name, default=""):
    """The items of a list separated by commas."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def flag(name, default=False):
    given = text(name).lower()
    if given not in YES + NO:
        raise ImproperlyConfigured(f"{name} is odd: write 1 for yes or 0 for no.")
    return given in YES if given else default


def number(name, default, *, least=1, most=None):
    given = text(name, str(default))
    end = f" and {most}" if most else ""
    if not re.fullmatch(r"[0-9]{1,9}", given) or not least <= int(given) <= (most or int(given)):
        raise ImproperlyConfigured(
            f"{name} is odd: it must be a whole number, {'between' if end else 'at least'} {least}{end}.")
    return int(given)


def secret_key(*, may_be_short):
    """SECRET_KEY; a short one only where `may_be_short`."""
    key = text("SECRET_KEY")
    if not key:
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set. It signs sessions and queued tasks. Make one with: {SIGNING_RECIPE}")
    if len(key) < SHORTEST_SECRET and not may_be_short:
        raise ImproperlyConfigured(
            f"SECRET_KEY is odd: it has {len(key)} characters and needs {SHORTEST_SECRET}. Make one with: {SIGNING_RECIPE}")
    return key


def field_keys():
    """FIELD_KEYS, newest first."""
    given = text("FIELD_KEYS")
    if not given:
        raise ImproperlyConfigured(
            f"FIELD_KEYS is not set. It encrypts codes and credentials. Make one, and keep it, with: {KEY_RECIPE}")
    keys = [key.strip() for key in given.split(",")]
    odd = [str(at) for at, key in enumerate(keys, start=1) if not _is_key(key)]
    if odd:
        raise ImproperlyConfigured(
            f"FIELD_KEYS is odd: key {', '.join(odd)} of {len(keys)} is not {KEY_BYTES} bytes in base64 (44 characters, "
            f"commas between keys). Make one with: {KEY_RECIPE}")
    return keys


def database(default):
    """What DATABASE_URL names, as Django's settings want it. Its value is never repeated: it holds a password."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = env.db("DATABASE_URL", default=default)
    except (ImproperlyConfigured, ValueError, UserWarning):
        found = {}
    if found.get("ENGINE") not in ENGINES or not found.get("NAME"):
        raise ImproperlyConfigured(f"DATABASE_URL is odd. Write it like {DATABASES}.")
    return found


def mail(default):
    """What EMAIL_URL names, as Django's settings want it. Its value is never repeated: it holds a password."""
    try:
        return env.email_url("EMAIL_URL", default=default)
    except (ImproperlyConfigured, ValueError, KeyError):
        raise ImproperlyConfigured(
            "EMAIL_URL is odd. Write it like smtp+tls://USER:PASSWORD@mail.shop.example:587.") from None


def time_zone(default):
    """TIME_ZONE, a name that this machine knows."""
    given = text("TIME_ZONE", default)
    try:
        zoneinfo.ZoneInfo(given)
    except (ValueError, LookupError, OSError):
        raise ImproperlyConfigured("TIME_ZONE is odd: write a name such as Europe/Berlin.") from None
    return given


def tls_header(default):
    """TLS_HEADER as Django wants it, `X-Name` or `X-Name=value`; None where it is set to nothing."""
    given = text("TLS_HEADER", default)
    if given and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(=[!-~]+)?", given):
        raise ImproperlyConfigured(
            "TLS_HEADER is odd: name the header in which your proxy says https, for example X-Forwarded-Proto or "
            "X-Forwarded-Ssl=on; leave it empty to trust none.")
    name, _, value = given.partition("=")
    return (f"HTTP_{name.upper().replace('-', '_')}", value or "https") if given else None


def _is_key(key):
    padded = key.replace("-", "+").replace("_", "/") + "=" * (-len(key) % 4)
    try:
        return len(base64.b64decode(padded, validate=True)) == KEY_BYTES
    except (ValueError, binascii.Error):
        return False
