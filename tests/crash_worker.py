"""manage.py in a process of its own that ends itself with SIGKILL at a named point; only tests start it.

`python -m tests.crash_worker POINT COMMAND...`; the points are those of POINTS, or `none`. The process cannot tidy up:
SIGKILL runs no handler, flushes nothing and commits nothing.
"""

import os
import signal
import sys

import django
from django.core.management import execute_from_command_line
from django.utils.module_loading import import_string


def main(point, *command):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if point != "none":
        _arm(*POINTS[point])
    execute_from_command_line(["manage.py", *command])


# Where a purchase can be cut, as (class, method, whether the method still runs). `is_read` of its argument is looked at,
# so reads of prices and balances pass.
POINTS = {
    "before_send": ("catalog.suppliers.http.Transport", "send", False),
    "before_record": ("catalog.calls.RowRecorder", "record", False),
    "before_apply": ("catalog.calls.RowRecorder", "record", True),
}


def _arm(path, method, runs):
    owner = import_string(path)
    original = getattr(owner, method)

    def cut(self, about):
        if about.is_read:
            return original(self, about)
        if runs:
            original(self, about)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, method, cut)


if __name__ == "__main__":
    main(*sys.argv[1:])
