"""The two commands on a machine that is not quite right, and the secrets of the demo."""

import re
import shutil
import stat
import subprocess
import sys

import pytest

from tests.house.source import ROOT


@pytest.fixture
def clone(tmp_path):
    """A folder with the Makefile and the pins, and no environment yet."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder, *arguments):
    return subprocess.run(["make", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=60)


def test_old_python_is_named_before_anything_is_installed(clone):
    old = clone / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)

    made = make(clone, "demo", f"PYTHON={old}")

    assert made.returncode == 2
    assert "Python 3.11 or newer" in made.stderr
    assert "Python 3.9.2" in made.stderr
    assert not (clone / ".venv").exists()


def test_environment_left_without_pip_is_made_anew(clone):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(clone / ".venv")], check=True, timeout=60)
    python = clone / "python-told"
    python.write_text(f'#!/bin/sh\n[ "$1 $2" = "-m venv" ] && echo "asked: $*" && exit 1\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)

    made = make(clone, ".venv/base", f"PYTHON={python}")

    assert "asked: -m venv --clear .venv" in made.stdout


def test_folder_in_the_way_is_named(clone):
    shutil.rmtree(clone / "var", ignore_errors=True)
    (clone / "var").write_text("")

    made = make(clone, "var/demo.env")

    assert made.returncode == 2
    assert f"Cannot write to {clone}/var" in made.stderr


def test_demo_keeps_its_own_keys_to_itself(clone):
    make(clone, "var/demo.env")

    kept = clone / "var" / "demo.env"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert re.fullmatch(r"SECRET_KEY=\S{64}\nFIELD_KEYS=\S{44}\nSUPPLIER_ALLOW_LOCAL=1\n", kept.read_text())


def test_demo_keeps_its_keys_over_a_second_start(clone):
    make(clone, "var/demo.env")
    first = (clone / "var" / "demo.env").read_text()

    make(clone, "var/demo.env")

    assert (clone / "var" / "demo.env").read_text() == first


def test_packages_that_cannot_be_fetched_are_said_to_be_missing(clone):
    python = clone / "python-offline"
    python.write_text(f'#!/bin/sh\n[ "$1 $2" = "-m venv" ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python && exit 0\n'
                      f'[ "$2" = pip ] && echo "no network" >&2 && exit 1\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)

    made = make(clone, ".venv/base", f"PYTHON={python}")

    assert made.returncode == 2
    assert "no network\nThe packages of requirements/base.txt are not all here" in made.stderr
    assert not (clone / ".venv" / "base").exists()
