"""Every row of the list of faults has a test that names it, or says why it has none."""

import re
from pathlib import Path

from tests.faults import ROWS, WITHOUT_A_TEST

TESTS = Path(__file__).parents[1]
MARK = re.compile(r"mark\.fault\(([^)]*)\)")


def named():
    return {row for path in TESTS.rglob("test_*.py") for told in MARK.findall(path.read_text())
            for row in re.findall(r'"(F\d\d)"', told)}


def test_every_fault_has_a_test_or_a_reason():
    assert set(ROWS) - named() - set(WITHOUT_A_TEST) == set()


def test_tests_name_faults_of_the_list():
    assert named() - set(ROWS) == set()


def test_what_has_a_test_needs_no_reason():
    assert named() & set(WITHOUT_A_TEST) == set()
