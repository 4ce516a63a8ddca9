"""How soon and how often a read may be tried again."""

import random
import re
import threading
import time

TRIES = 3
FIRST_PAUSE_S = 0.2
LONGEST_RETRY_AFTER_S = 900
SHARE = 0.1  # of all calls may be retries, over the life of a transport
SPARE = 5  # retries that a fresh transport may make at once


class RetryBudget:
    """Keeps retries a small part of all calls, so that a struggling supplier is not struck harder."""

    def __init__(self):
        self._left = float(SPARE)
        self._lock = threading.Lock()

    def earn(self):
        with self._lock:
            self._left = min(self._left + SHARE, SPARE)

    def spend(self):
        """Take one retry from the budget; false if there is none."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Pace:
    """Keeps a long row of reads below `per_minute` (0: no limit). The first half minute's worth of them need not wait."""

    def __init__(self, per_minute, *, clock=time.monotonic, sleep=time.sleep):
        self._per_s, self._most = per_minute / 60, per_minute / 2
        self._left, self._clock, self._sleep = self._most, clock, sleep
        self._at = clock()

    def wait(self):
        """Return when one more read may be made."""
        if not self._per_s:
            return
        now = self._clock()
        self._left = min(self._left + (now - self._at) * self._per_s, self._most) - 1
        self._at = now
        if self._left < 0:
            self._sleep(-self._left / self._per_s)


def pause_before(tries, at_least_s=None):
    """Seconds to wait after `tries` tries, with full jitter; None when it has been tried often enough."""
    if tries >= TRIES:
        return None
    return max(random.uniform(0, FIRST_PAUSE_S * 4 ** (tries - 1)), at_least_s or 0)


def retry_after_s(headers):
    """What Retry-After asks for, in seconds and at most 15 minutes; None where it is missing, a date or garbage."""
    text = headers.get("retry-after", "").strip()
    return min(int(text), LONGEST_RETRY_AFTER_S) if re.fullmatch(r"[0-9]{1,9}", text) else None
