"""Taking turns: ours and the reference, round after round, and the median of each."""

import gc
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One row of the table. `ratio` is ours in units of the reference; `at_most` tells which side of `goal` is good."""

    name: str
    reference: str
    ratio: float
    goal: float
    at_most: bool
    scale: str

    @property
    def is_met(self):
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def seconds(act, *, before=lambda: None):
    """What one call takes; `before` restores what it needs, unmeasured."""
    before()
    gc.collect()
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def in_turns(rounds, *contenders):
    """The median seconds of each of `contenders` (functions that give their own seconds); every other round backwards."""
    taken = [[] for _ in contenders]
    for number in range(rounds):
        order = list(enumerate(contenders))
        for place, contender in order if number % 2 == 0 else reversed(order):
            taken[place].append(contender())
    return [statistics.median(one) for one in taken]


def repeated(act, times):
    """A contender that does `act` so many times and gives the seconds of one."""
    return lambda: seconds(lambda: [act() for _ in range(times)]) / times


def told(seconds_taken):
    """Seconds for a person."""
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if seconds_taken >= size:
            return f"{seconds_taken / size:.3g} {unit}"
    return f"{seconds_taken * 1e6:.3g} µs"
