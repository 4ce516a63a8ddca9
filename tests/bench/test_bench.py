"""The bench itself runs to its end; what it measures on a machine under test says nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.pg
def test_every_figure_is_printed():
    command = [sys.executable, "-m", "tests.bench", "--rounds", "1", "--products", "300", "--orders", "300"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True, timeout=300,
        stdin=subprocess.DEVNULL)

    assert (done.returncode, done.stderr) == (0, "")
    for name in ("first sync", "sync without news", "orders, half way down", "order list as HTML", "webhook taken",
                 "manage.py check"):
        assert f"\n{name}" in done.stdout
