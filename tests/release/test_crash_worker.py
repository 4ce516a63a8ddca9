"""The process that crash tests kill really works on the test's own database, and really dies."""

import pytest

from catalog.models import Supplier


@pytest.mark.django_db(transaction=True)
def test_worker_process_sees_the_tests_rows(start_worker):
    Supplier.objects.create(name="seen-by-both", api="none", base_url="https://supplier.example")

    worker = start_worker("shell", "-v0", "-c", "from catalog.models import Supplier; print(Supplier.objects.get().name)")
    worker.wait_for_end()

    assert "seen-by-both" in worker.log.read_text()


@pytest.mark.django_db(transaction=True)
def test_worker_process_dies_by_the_signal(start_worker, tmp_path):
    sign = tmp_path / "running"
    worker = start_worker("shell", "-v0", "-c", f"import time; open({str(sign)!r}, 'w').close(); time.sleep(60)")

    worker.kill_when(sign.exists)

    worker.wait_for_crash()
