"""One deadline for a whole call, kept by the wall and not by the read, so that dripping bytes cannot stretch it."""

import threading
import time

_current = threading.local()


class Deadline:
    """Runs from when it is made. Within `with deadline:` the sockets of this thread keep to it."""

    def __init__(self, seconds):
        self._end = time.monotonic() + seconds

    def left(self):
        """Seconds left; 0 when it has passed."""
        return max(self._end - time.monotonic(), 0.0)

    def __enter__(self):
        _current.deadline = self
        return self

    def __exit__(self, *error):
        _current.deadline = None


def left_here(otherwise):
    """Seconds left for the call that this thread makes now, or `otherwise` where it makes none."""
    deadline = getattr(_current, "deadline", None)
    return otherwise if deadline is None else deadline.left()
