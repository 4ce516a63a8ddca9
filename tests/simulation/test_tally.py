import json
from collections import Counter
from types import SimpleNamespace

import pytest

from . import tally

EVERYTHING = Counter(tally.MUST)


def test_what_never_happened_on_enough_days_is_named():
    happened = EVERYTHING - Counter(["crash C8"])

    assert tally.lacking(happened, tally.ENOUGH) == ["crash C8"]


def test_few_days_need_not_meet_everything():
    assert tally.lacking(Counter(), tally.ENOUGH - 1) == []


@pytest.mark.parametrize(("happened", "status"), [(EVERYTHING, 0), (EVERYTHING - Counter(["deposit"]), 1)])
def test_run_fails_where_something_never_happened(happened, status):
    half = json.dumps([tally.ENOUGH // 2, happened])
    reports = [SimpleNamespace(user_properties=[(tally.HAPPENED, half)]) for _ in range(2)]
    reporter = SimpleNamespace(getreports=lambda word: reports)
    plugins = SimpleNamespace(get_plugin=lambda name: reporter)
    session = SimpleNamespace(exitstatus=0, config=SimpleNamespace(pluginmanager=plugins))

    tally.pytest_sessionfinish(session)

    assert session.exitstatus == status
