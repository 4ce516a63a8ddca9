"""`make bench`: on a PostgreSQL of its own, print how far each hot path is from what limits it."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import environment, postgres

BEGIN = "import django; django.setup(); from tests.bench.table import main; main()"


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="turns per figure; the median counts")
    parser.add_argument("--products", type=int, default=20_000, help="size of the mirrored catalog")
    parser.add_argument("--orders", type=int, default=100_000, help="size of the order list")
    asked = parser.parse_args()
    server = postgres.Server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="purser-bench-") as folder:
            sys.exit(measured(server, folder, asked))
    finally:
        server.stop()


def measured(server, folder, asked):
    """Measure in a process of its own, which finds its database when it starts; its exit code."""
    (Path(folder) / "static").mkdir()
    # Without SERVE_TLS=0 every page would be measured as its redirect to https.
    settings = {"DATABASE_URL": server.url, "VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "SERVE_TLS": "0"}
    sizes = map(str, (asked.rounds, asked.products, asked.orders))
    return subprocess.run(
        [sys.executable, "-c", BEGIN, *sizes], env=os.environ | environment.SETTINGS | settings, check=False,
        cwd=Path(__file__).parents[2]).returncode


if __name__ == "__main__":
    main()
