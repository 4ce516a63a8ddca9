"""What `make test` runs: every test on SQLite, then on PostgreSQL, and at the end what was left out."""

import os
import re
import subprocess
import sys
import time

# Pages look the same on both databases, so the browser visits them once.
RUNS = (("sqlite", []), ("postgres", ["-m", "not browser"]))
CLOSING = re.compile(r"^(left out|FAILED|ERROR)|\d+ (passed|failed|error)|^no tests ran")


def main():
    """Run both engines, even if the first one fails; returns the exit status."""
    started, told, statuses = time.monotonic(), [], []
    for engine, options in RUNS:
        print(f"== {engine} ==", flush=True)
        status, lines = _run(engine, options + sys.argv[1:])
        statuses.append(status)
        told += [line if line.startswith("left out") else f"{engine}: {line}" for line in lines]
    print(f"\n== together: {time.monotonic() - started:.0f} s ==")
    print("\n".join(told))
    print("left out on postgres: the browser tests, which ran on sqlite")
    return max(statuses)


def _run(engine, options):
    """The exit status of pytest and its closing lines; its output is passed on as it comes."""
    jobs = str(min(max(os.cpu_count() or 2, 2), 8))
    command = [sys.executable, "-m", "pytest", "-q", "-n", jobs, "--dist", "worksteal", *options]
    environment = {**os.environ, "PURSER_TEST_ENGINE": engine}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        lines = []
        for line in run.stdout:
            print(line, end="", flush=True)
            if CLOSING.search(line):
                lines.append(line.strip())
    return run.returncode, lines


if __name__ == "__main__":
    sys.exit(main())
