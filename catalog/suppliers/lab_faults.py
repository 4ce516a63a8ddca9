"""The board on which faults are switched, and how a fault that strikes gets into an answer."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from .lab_http import Reply, Request, json_reply
from .lab_kinds import KINDS


@dataclass(slots=True)
class Fault:
    """A switched-on fault. `times` counts down; None means until cleared."""

    id: int
    supplier: str
    operation: str
    name: str
    times: int | None
    options: dict
    struck: int = 0

    def as_dict(self) -> dict:
        return {
            "id": self.id,
            "supplier": self.supplier,
            "operation": self.operation,
            "fault": self.name,
            "times": self.times,
            "struck": self.struck,
            "options": self.options,
        }


class Board:
    """The switched-on faults of all suppliers. Thread-safe."""

    def __init__(self):
        self._faults: list[Fault] = []
        self._guard = threading.Lock()
        self._ids = count(1)

    def add(self, supplier: str, operation: str, name: str, times: int | None, options: dict) -> Fault:
        """Raises ValueError for a fault or option that does not exist."""
        kind = KINDS.get(name)
        if kind is None:
            raise ValueError(f"no fault {name!r}; there are: {', '.join(KINDS)}")
        if unknown := set(options) - set(kind.options):
            raise ValueError(f"{name} has no option {', '.join(sorted(unknown))}; it has: {', '.join(kind.options)}")
        json.dumps(options)  # they are shown and set over HTTP too
        fault = Fault(
            next(self._ids), supplier, operation, name, times, {**kind.options, **options}
        )
        with self._guard:
            self._faults.append(fault)
        return fault

    def standing(self) -> list[Fault]:
        with self._guard:
            return list(self._faults)

    def clear(self, supplier: str | None = None, fault_id: int | None = None) -> None:
        with self._guard:
            self._faults = [
                fault
                for fault in self._faults
                if (supplier and fault.supplier != supplier) or (fault_id and fault.id != fault_id)
            ]

    def take(self, supplier: str, operation: str, fits: Callable[[Fault], bool]) -> Fault | None:
        """Uses up the oldest fault of this operation that fits."""
        if not self._faults:
            return None
        with self._guard:
            for fault in self._faults:
                if fault.supplier == supplier and names(fault.operation, operation) and fits(fault):
                    self._use(fault)
                    return fault
        return None

    def _use(self, fault: Fault) -> None:
        fault.struck += 1
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)


def names(wanted: str, operation: str) -> bool:
    """Whether a fault for `wanted` strikes this operation: a star at the end stands for anything."""
    return operation == wanted or (wanted.endswith("*") and operation.startswith(wanted[:-1]))


def asked(board: Board, supplier: str, operation: str) -> Callable[..., dict | None]:
    """What a stand-in asks with `request.fault(name, page=2)`: the options of that fault, if it strikes here.

    A fault that names a page or product strikes only there.
    """

    def ask(name: str, **here) -> dict | None:
        def fits(one: Fault) -> bool:
            return one.name == name and all(one.options.get(key) in (None, value) for key, value in here.items())

        fault = board.take(supplier, operation, fits)
        return None if fault is None else {"fault": name, **fault.options}

    return ask


def is_answer(fault: Fault) -> bool:
    return KINDS[fault.name].sort == "answer"


def is_clock(fault: Fault) -> bool:
    return KINDS[fault.name].sort == "clock"


def spoiled(
    fault: Fault, request: Request, act: Callable[[Request], Reply], later: Callable, failure: Callable[[int], dict]
) -> Reply:
    """The answer with the fault in it.

    `act` is what the stand-in does, `later(seconds, request)` does it afterwards, `failure(status)` words an error.
    """
    when = fault.options["when"]
    if when == "later":
        later(fault.options["seconds"], request)
    reply = act(request) if when == "after" else json_reply({})
    return KINDS[fault.name].spoil(reply, {**fault.options, "failure": failure})
