"""What `make test` runs: every test on SQLite and on PostgreSQL, and at the end what was left out."""

import os
import queue
import re
import subprocess
import sys
import threading
import time

from tests import postgres

# What touches no database, and the browser's journeys, come out the same on both: those run once.
RUNS = (("sqlite", {}), ("postgres", {"PURSER_TEST_ONLY": "database"}))
TOLD = ("left out", "mutant ", "storm: ", "hot account: ")
CLOSING = re.compile(rf"^({'|'.join(TOLD)})|^ERROR: |^(FAILED|ERROR) tests/|\d+ (passed|failed|error)|^no tests ran")


def main():
    """Run both engines, even if one fails; returns the exit status.

    They run at once, since tests that wait for a process, a browser or a lock leave the processor to others. What
    PostgreSQL's tests print is shown when SQLite's are done.
    """
    started, told, statuses = time.monotonic(), [], []
    missing = postgres.missing()
    runs = [(engine, _start({**choice, "PURSER_TEST_ENGINE": engine})) for engine, choice in RUNS
            if not (missing and engine == "postgres")]
    try:
        for engine, run in runs:
            print(f"== {engine} ==", flush=True)
            status, lines = _follow(run)
            statuses.append(status)
            told += [line if line.startswith(TOLD) else f"{engine}: {line}" for line in lines]
    finally:
        for _, (process, _) in runs:
            process.wait()  # after Ctrl-C too: it clears away what it started
    if missing:
        told.append(f"left out: every test on PostgreSQL. {missing}")
    print(f"\n== together: {time.monotonic() - started:.0f} s ==")
    print("\n".join(told))
    return max(statuses)


def _start(choice):
    """pytest as a process, and a queue of the lines it prints, which None ends."""
    jobs = str(min((os.cpu_count() or 2) // 2 + 1, 8))  # half of the machine, and one while another waits
    command = [sys.executable, "-m", "pytest", "-q", "-n", jobs, "--dist", "worksteal", *sys.argv[1:]]
    environment = {**os.environ, **choice}
    # Hundreds of processes start, and each would compile Purser and its tests anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    return process, lines


def _read(process, lines):
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def _follow(run):
    """The exit status of pytest and its closing lines; its output is passed on as it comes."""
    process, lines = run
    closing = []
    for line in iter(lines.get, None):
        print(line, end="", flush=True)
        if CLOSING.search(line):
            closing.append(line.strip())
    return process.wait(), closing


if __name__ == "__main__":
    sys.exit(main())
