"""How a command or the web server starts: what is missing or odd in its surroundings is one line, not a traceback."""

import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection

REFUSED = 2
INTERRUPTED = 130
NO_WORKER = 3  # by this status gunicorn knows that the next worker would not start either, and stops
# Commands that need no database, so that they run before there is one.
WITHOUT_DATABASE = {"", "help", "version", "check", "collectstatic", "findstatic", "lab", "makemessages", "compilemessages",
                    "diffsettings", "startapp", "startproject"}


def run(arguments):
    """Run the command that `arguments` (as sys.argv) name; exits with status 2 where it cannot even begin."""
    command = arguments[1] if len(arguments) > 1 else ""
    try:
        _read_settings()
        if command not in WITHOUT_DATABASE and not command.startswith("-") and not {"-h", "--help"} & set(arguments):
            _reach_database()
    except ImproperlyConfigured as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(REFUSED)
    try:
        execute_from_command_line(arguments)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def web():
    """The WSGI application; ends the process where it cannot be made."""
    try:
        return get_wsgi_application()
    except ImproperlyConfigured as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(NO_WORKER)


def _read_settings():
    settings.INSTALLED_APPS  # noqa: B018 - reads them


def _reach_database():
    """Raises ImproperlyConfigured where the database cannot be opened. The connection is not kept: commands may fork."""
    try:
        connection.ensure_connection()
    except DatabaseError as trouble:
        where = settings.DATABASE["NAME"] if connection.vendor == "sqlite" else settings.DATABASE.get("HOST") or "local"
        reason = " ".join(str(trouble).split())
        raise ImproperlyConfigured(
            f"The database that DATABASE_URL names cannot be opened ({where}): {reason[:300]}") from trouble
    finally:
        connection.close()
