"""What `make test` runs: every test on SQLite, then on PostgreSQL, and at the end what was left out."""

import os
import re
import subprocess
import sys
import time

from tests import postgres

# What touches no database, and the browser's journeys, come out the same on both: those run once.
RUNS = (("sqlite", {}), ("postgres", {"PURSER_TEST_ONLY": "database"}))
CLOSING = re.compile(r"^left out|^mutant |^storm: |^ERROR: |^(FAILED|ERROR) tests/|\d+ (passed|failed|error)|^no tests ran")


def main():
    """Run both engines, even if the first one fails; returns the exit status."""
    started, told, statuses = time.monotonic(), [], []
    for engine, choice in RUNS:
        missing = engine == "postgres" and postgres.missing()
        if missing:
            told.append(f"left out: every test on PostgreSQL. {missing}")
            continue
        print(f"== {engine} ==", flush=True)
        status, lines = _run({**choice, "PURSER_TEST_ENGINE": engine})
        statuses.append(status)
        told += [line if line.startswith(("left out", "mutant ", "storm: ")) else f"{engine}: {line}" for line in lines]
    print(f"\n== together: {time.monotonic() - started:.0f} s ==")
    print("\n".join(told))
    return max(statuses)


def _run(choice):
    """The exit status of pytest and its closing lines; its output is passed on as it comes."""
    jobs = str(min(max(os.cpu_count() or 2, 2), 8))
    command = [sys.executable, "-m", "pytest", "-q", "-n", jobs, "--dist", "worksteal", *sys.argv[1:]]
    environment = {**os.environ, **choice}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        lines = []
        for line in run.stdout:
            print(line, end="", flush=True)
            if CLOSING.search(line):
                lines.append(line.strip())
    return run.returncode, lines


if __name__ == "__main__":
    sys.exit(main())
