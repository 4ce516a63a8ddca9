"""Fixtures every area uses, and what a run tells about itself in its last lines."""

import gc
import os
import re
import shutil
from collections import Counter

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.utils import timezone

from tests import network
from tests.environment import ENGINE

pytest_plugins = ["tests.template", "tests.people", "tests.lab_fixtures", "tests.flushing", "tests.crash", "tests.faults",
                  "tests.simulation.tally"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# What takes long begins first, so that at the end no worker waits for another's long test.
SLOW = ("tests/simulation/", "tests/monitoring/test_demo.py", "tests/release/test_deployment.py",
        "tests/browser/test_pages.py", "tests/orders/test_field_machines.py", "tests/orders/test_workers.py")
LEFT_OUT = pytest.StashKey[Counter]()


def pytest_configure(config):
    config.stash[LEFT_OUT] = Counter()
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.WHITENOISE_AUTOREFRESH = True  # tests need no `collectstatic`


def pytest_collection_modifyitems(config, items):
    """Leave out what cannot run here; `pytest_terminal_summary` says so."""
    kept, left = [], []
    for item in items:
        why = _why_left_out(item)
        if why:
            config.stash[LEFT_OUT][why] += 1
        (left if why else kept).append(item)
    items[:] = sorted(kept, key=lambda item: not item.nodeid.startswith(SLOW))
    if left:
        config.hook.pytest_deselected(items=left)
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = dict(config.stash[LEFT_OUT])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """What stands now stays to the end: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _why_left_out(item):
    if item.get_closest_marker("pg") and ENGINE != "postgres":
        return "need PostgreSQL (PURSER_TEST_ENGINE=postgres)"
    if item.get_closest_marker("browser") and not CHROMIUM:
        return "need a Chromium (install the package `chromium`)"
    if os.environ.get("PURSER_TEST_ONLY") == "database" and not _touches_database(item):
        return "touch no database and ran on sqlite"
    return ""


def _touches_database(item):
    wanted = {"db", "transactional_db", "live_server"}.intersection(item.fixturenames)
    return bool(wanted or item.get_closest_marker("django_db")) and not item.get_closest_marker("browser")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Every worker process collects everything, so the first one's count is the run's count."""
    told = getattr(node, "workeroutput", {}).get("left_out", {})
    node.config.stash[LEFT_OUT] |= Counter(told)


def pytest_terminal_summary(terminalreporter, config):
    _tell_mutants(terminalreporter)
    for why, count in sorted(config.stash[LEFT_OUT].items()):
        terminalreporter.write_line(f"left out on {ENGINE}: {count} tests that {why}")


def _tell_mutants(terminalreporter):
    """Which rule was broken on purpose, and which invariant noticed."""
    lines = []
    for word in ("passed", "failed"):
        for report in terminalreporter.getreports(word):
            found = re.search(r"test_mutant_is_killed_by_its_invariant\[(\w+)-(\w+)-(I-\d+)-?(\w*)\]", report.nodeid)
            if found:
                mutant, script, invariant, api = found.groups()
                place = f" at {api.replace('_', ' ')}" if api else ""
                fate = f"killed by {invariant}" if word == "passed" else f"LIVES, {invariant} saw nothing"
                lines.append(f"mutant {mutant.replace('_', ' '):52} {fate} on the day of {script}{place}")
    for line in sorted(lines):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def closed_doors(monkeypatch):
    network.close(monkeypatch)


@pytest.fixture(autouse=True)
def own_var_folder(settings, tmp_path):
    """Each test has its own VAR_DIR, so a spooled file of one is never replayed by another."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()


@pytest.fixture(autouse=True)
def fresh_cache():
    """What one test kept for a minute is not what the next one sees."""
    cache.clear()


@pytest.fixture
def now():
    """The moment the test began; aware, UTC."""
    return timezone.now()
