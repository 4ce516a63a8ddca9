"""Groups and schedules: laid down once, however often and by however many."""

import json
import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django_q.models import Schedule

from monitoring.installing import install
from monitoring.machinery import QUEUES
from monitoring.roles import GROUPS, UnknownPermission
from monitoring.schedules import SCHEDULES

pytestmark = pytest.mark.django_db


def schedules():
    return set(Schedule.objects.values_list("name", "func", "minutes", "cluster"))


def permissions(name):
    return {f"{p.content_type.app_label}.{p.codename}"
            for p in Group.objects.get(name=name).permissions.select_related("content_type")}


def test_install_lays_down_what_is_declared(now):
    installed = install(now=now)

    assert schedules() == {(one.name, one.func, one.minutes, one.queue) for one in SCHEDULES}
    assert installed.schedules.added == len(SCHEDULES)
    assert {name: permissions(name) for name in GROUPS} == {name: set(words) for name, words in GROUPS.items()}


def test_second_install_changes_nothing(now):
    install(now=now)
    before = list(Schedule.objects.order_by("id").values())

    installed = install(now=now + timedelta(seconds=20))

    assert installed.groups == []
    assert (installed.schedules.added, installed.schedules.changed, installed.schedules.removed) == (0, 0, 0)
    assert list(Schedule.objects.order_by("id").values()) == before


def test_stale_and_doubled_schedules_are_removed(now):
    install(now=now)
    Schedule.objects.create(name="Old work", func="os.system")
    Schedule.objects.create(name=SCHEDULES[0].name, func=SCHEDULES[0].func)

    assert install(now=now).schedules.removed == 2
    assert Schedule.objects.count() == len(SCHEDULES)


def test_bent_schedule_is_set_right(now):
    install(now=now)
    Schedule.objects.filter(name=SCHEDULES[0].name).update(func="os.system", args="'true'", minutes=999)

    assert install(now=now).schedules.changed == 1
    assert Schedule.objects.get(name=SCHEDULES[0].name).args is None


def test_widened_group_is_set_back(now):
    install(now=now)
    Group.objects.get(name="support").permissions.add(*Group.objects.get(name="lead").permissions.all())

    assert install(now=now).groups == ["support"]
    assert permissions("support") == set(GROUPS["support"])


def test_unknown_permission_is_named(now, monkeypatch):
    monkeypatch.setitem(GROUPS, "support", ("orders.fly",))

    with pytest.raises(UnknownPermission, match=r"support: no such permission: orders\.fly"):
        install(now=now)


def test_auditors_can_change_nothing():
    assert [word for word in GROUPS["auditor"] if not word.split(".")[1].startswith("view_")] == []


def test_only_support_and_leads_reveal_codes():
    assert sorted(name for name, words in GROUPS.items() if "orders.reveal_code" in words) == ["lead", "support"]


@pytest.mark.parametrize("declared", SCHEDULES, ids=lambda declared: declared.name)
def test_schedules_ring_for_functions_that_exist(declared):
    module, _, name = declared.func.rpartition(".")

    assert callable(getattr(import_module(module), name))
    assert declared.queue in QUEUES


def test_command_tells_what_it_did(capsys):
    call_command("install", json=True)

    told = json.loads(capsys.readouterr().out)
    assert told["schedules"] == {"added": len(SCHEDULES), "changed": 0, "removed": 0}
    assert sorted(told["groups"]) == sorted(GROUPS)


@pytest.mark.django_db(transaction=True)
def test_two_deploys_at_once_double_nothing(now):
    start = threading.Barrier(2)

    def deploy():
        start.wait()
        install(now=now)
        connection.close()

    deploys = [threading.Thread(target=deploy) for _ in range(2)]
    for one in deploys:
        one.start()
    for one in deploys:
        one.join()

    assert Schedule.objects.count() == len(SCHEDULES)
    assert Group.objects.count() == len(GROUPS)
