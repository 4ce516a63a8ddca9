"""manage.py, or the web application, in a process of its own that ends itself with SIGKILL at a named point; only tests
start it.

`python -m tests.crash_worker POINT COMMAND...`; the points are those of POINTS, or `none`, and the command is one of
manage.py's or `serve PORT`. The process cannot tidy up: SIGKILL runs no handler, flushes nothing and commits nothing.
"""

import os
import signal
import sys
from pkgutil import resolve_name
from wsgiref.simple_server import make_server

import django
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application


def main(point, *command):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if point != "none":
        _arm(*POINTS[point])
    if command[0] == "serve":
        make_server("127.0.0.1", int(command[1]), get_wsgi_application()).serve_forever()
    execute_from_command_line(["manage.py", *command])


# Where an order can be cut, as (owner, function, whether it still runs), in the order in which a purchase meets them.
# Where the last argument tells whether it is about a read, reads pass: those of prices and balances.
POINTS = {
    "in_confirming": ("orders.placing", "async_task", False),  # C1: everything written, nothing committed
    "after_confirming": ("orders.placing", "_place", True),  # C2: committed, and nobody was told
    "before_claim": ("orders.sending", "_claim", False),  # C3
    "in_claim": ("orders.sending", "_take_lease", True),  # C4: written, not committed
    "before_send": ("catalog.suppliers.http:Transport", "send", False),  # C5
    "before_record": ("catalog.calls:RowRecorder", "record", False),  # C7
    "before_apply": ("catalog.calls:RowRecorder", "record", True),  # between C7 and C8
    "in_apply": ("orders.observing", "_advance", True),  # C8: codes written, not committed
    "after_read": ("orders.tracking", "_schedule", False),  # C9
    "in_notice": ("orders.inbox", "async_task", False),  # C10: written, not committed
}


def _arm(owner, name, runs):
    owner = resolve_name(owner)
    original = getattr(owner, name)

    def cut(*args, **kwargs):
        if getattr(args[-1], "is_read", False):
            return original(*args, **kwargs)
        if runs:
            original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, cut)


if __name__ == "__main__":
    main(*sys.argv[1:])
