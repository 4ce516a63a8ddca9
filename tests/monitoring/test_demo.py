"""`manage.py demo`, started for real: it comes up, its pages answer, it stops and leaves no process, it keeps its data."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from monitoring.demo import people, surroundings
from orders.models.order import Status

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only for this test"
PAGES = ("/", "/catalog/", "/orders/", "/orders/unknown/", "/orders/parked/", "/orders/new/", "/orders/transactions/",
         "/funding/", "/monitoring/", "/monitoring/alerts/", "/monitoring/jobs/", "/admin/", "/metrics")


class Demo:
    """A started demo and a browser in which its owner is signed in."""

    def __init__(self, environment):
        self.url = f"http://127.0.0.1:{environment['PORT']}"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.told = ""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    @property
    def seconds(self):
        """How long it took to be ready, as it says itself."""
        return int(re.search(r"after (\d+) s", self.told)[1])

    def wait_until_ready(self):
        for line in self.process.stdout:
            self.told += line
            if "Stop with Ctrl-C" in line:
                return
        pytest.fail(f"The demo did not come up:\n{self.told}")

    def sign_in(self):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.read("/login/"))[1]
        form = {"username": "owner", "password": PASSWORD, "csrfmiddlewaretoken": token}
        self.browser.open(f"{self.url}/login/", urllib.parse.urlencode(form).encode(), timeout=60).close()

    def read(self, path):
        with self.browser.open(self.url + path, timeout=60) as response:
            return response.read().decode()

    def press_ctrl_c(self):
        """What the terminal does: the signal goes to the foreground group. Gives the status and the seconds it took."""
        begun = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.told += self.process.stdout.read()
        return self.process.wait(60), time.monotonic() - begun

    def descendants(self):
        """Everything the demo started, directly or not, as (pid, time it began)."""
        rows = list(_process_table())
        family = {self.process.pid}
        for _ in range(5):  # demo, main processes, sentinels, workers: never deeper
            family |= {pid for pid, parent, _began in rows if parent in family}
        return {(pid, began) for pid, _parent, began in rows if pid in family}

    def clear_away(self):
        if self.process.poll() is None:
            for pid, _began in self.descendants():
                os.kill(pid, signal.SIGKILL)
        self.process.stdout.close()
        self.process.wait()


def _process_table():
    """(pid, parent, time it began) of every living process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            yield int(folder.name), int(fields[1]), fields[19]


def still_there(processes):
    return processes & {(pid, began) for pid, _parent, began in _process_table()}


@pytest.fixture
def environment(tmp_path, empty_database):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.environ["PATH"], "SECRET_KEY": "k" * 60, "FIELD_KEYS": "dGVzdCBrZXksIGZvciB0ZXN0cyBvbmx5LCAwMDAwMDA=",
        "SUPPLIER_ALLOW_LOCAL": "1", "DEMO_PASSWORD": PASSWORD, "VAR_DIR": str(tmp_path), "PORT": str(port),
        "DATABASE_URL": empty_database,
    }


@pytest.fixture
def migrated(environment, migrated_database):
    """The surroundings of a demo that finds its tables made."""
    return {**environment, "DATABASE_URL": migrated_database}


@pytest.fixture
def start(environment):
    """A factory: a demo that is ready and signed in; whatever is left of it is cleared away."""
    demos = []

    def make():
        demos.append(Demo(environment))
        demos[-1].wait_until_ready()
        demos[-1].sign_in()
        return demos[-1]

    yield make
    for demo in demos:
        demo.clear_away()


def test_demo_shows_the_shop_and_leaves_no_trace_however_it_ends(start, environment):
    subprocess.run([sys.executable, "manage.py", "migrate", "orders", "0002", "-v0"], cwd=ROOT, env=environment, check=True,
                   timeout=300)  # what an older release left
    demo = start()

    assert [path for path in PAGES if not demo.read(path)] == []
    orders = demo.read("/metrics")
    # A partly delivered order is open until the supplier's books show the rest of its money, which may be at once.
    ended = ("completed", "failed", "cancelled", "partially_completed")
    open_statuses = [status for status in Status.values if status not in ended]
    assert [status for status in open_statuses if f'purser_orders{{status="{status}"}}' not in orders] == []
    home = demo.read("/")
    assert all(word in home for word in ("Overdrawn", "Low", "OK", "plexy-demo", "giftapi-demo"))
    started = demo.descendants()
    assert len(started) > 10

    status, seconds = demo.press_ctrl_c()

    assert (status, still_there(started)) == (0, set())
    assert seconds < 12
    assert "Stopped." in demo.told

    again = start()
    assert again.seconds < demo.seconds
    assert again.read("/metrics").count("purser_orders{") == orders.count("purser_orders{")

    started = again.descendants()
    twice = run_refused(environment, PORT="1")
    os.kill(again.process.pid, signal.SIGKILL)
    after_the_kill = start()

    assert (twice.returncode, twice.stdout) == (2, "")
    assert f"A demo is running on {environment['VAR_DIR']} already" in twice.stderr
    assert "plexy-demo" in after_the_kill.read("/")
    deadline = time.monotonic() + 30
    while still_there(started):
        assert time.monotonic() < deadline, still_there(started)
        time.sleep(0.2)


def run_refused(environment, **changes):
    return subprocess.run([sys.executable, "manage.py", "demo"], cwd=ROOT, env={**environment, **changes}, text=True,
                          capture_output=True, timeout=300)


def test_taken_port_is_named(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()

        refused = run_refused(environment)

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"Refused: Port {environment['PORT']} is taken. Choose another one: make demo PORT=")
    assert refused.stderr.count("\n") == 1


def test_ctrl_c_while_the_shop_is_filled_is_a_plain_end(migrated):
    with subprocess.Popen([sys.executable, "manage.py", "demo"], cwd=ROOT, env=migrated, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as demo:
        told = ""
        while "Opening the shop" not in told:
            told += demo.stdout.readline()
        time.sleep(0.5)  # wherever it is then
        os.killpg(demo.pid, signal.SIGINT)
        told += demo.communicate(timeout=120)[0]

        assert (demo.returncode, told.splitlines()[-1], "Traceback" in told) == (0, "Stopped.", False), told


def test_demo_goes_with_the_make_that_was_killed(migrated):
    """Also where that was started in the background, and SIGINT is ignored there."""
    make = subprocess.Popen(["sh", "-c", f"trap '' INT; {sys.executable} manage.py demo; true"], cwd=ROOT, text=True,
                            env={**migrated, "MAKELEVEL": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told = ""
    while "Opening the shop" not in told:
        told += make.stdout.readline()

    make.kill()

    with make:
        assert make.stdout.read().splitlines()[-1] == "Stopped."


def test_folder_that_cannot_be_written_to_is_named(environment, tmp_path):
    (tmp_path / "file").write_text("in the way")

    refused = run_refused(environment, VAR_DIR=str(tmp_path / "file" / "var"))

    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert str(tmp_path / "file") in refused.stderr


@pytest.mark.django_db
def test_database_of_a_later_release_is_left_alone():
    MigrationRecorder(connection).record_applied("orders", "0999_of_the_future")

    with pytest.raises(surroundings.Odd, match=r"orders\.0999_of_the_future.*Delete the folder"):
        surroundings.prepare_tables()


def test_password_file_left_empty_gets_a_password(tmp_path):
    path = tmp_path / "demo-password"
    path.touch()

    assert people.password(path, "") == path.read_text() != ""


def test_shop_with_real_suppliers_is_left_alone(migrated):
    subprocess.run([sys.executable, "manage.py", "shell", "-c",
                    "from catalog.models import Supplier; Supplier.objects.create(name='plexy-main', api='plexy_gate', base_url='https://api.example')"],
                   cwd=ROOT, env=migrated, check=True, capture_output=True, timeout=300)

    refused = run_refused(migrated)

    assert refused.returncode == 2
    assert "plexy-main" in refused.stderr


def test_demo_needs_leave_to_call_loopback(environment):
    refused = run_refused(environment, SUPPLIER_ALLOW_LOCAL="0")

    assert refused.returncode == 2
    assert "SUPPLIER_ALLOW_LOCAL=1" in refused.stderr
