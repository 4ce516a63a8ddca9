"""What the admin shows of people and machinery, and what it must not."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_q.models import OrmQ, Schedule

from monitoring.alerting import raise_alert
from monitoring.installing import install
from monitoring.models import Alert, Heartbeat, ProbeResult
from monitoring.roles import GROUPS

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner_client(django_user_model):
    client = Client()
    owner = django_user_model.objects.create_superuser("owner", password="a long enough password")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("name", ["success", "failure", "ormq"])
def test_task_payloads_have_no_page(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:django_q_{name}_changelist")


def test_schedules_are_shown_and_cannot_be_written(owner_client, now):
    install(now=now)
    row = Schedule.objects.first()

    assert row.name in owner_client.get(reverse("admin:django_q_schedule_changelist")).content.decode()
    assert owner_client.get(reverse("admin:django_q_schedule_add")).status_code == 403
    for act in ("change", "delete"):
        address = reverse(f"admin:django_q_schedule_{act}", args=[row.pk])
        assert owner_client.post(address, {"func": "os.system", "post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", [Alert, ProbeResult, Heartbeat])
def test_machinery_is_read_only(owner_client, model, supplier, now):
    raise_alert(key="x:1", severity="warning", title="Low", text="", url="", now=now)
    ProbeResult.objects.create(supplier=supplier, at=now, healthy=True)
    Heartbeat.objects.create(name="queue:orders", at=now)
    site = admin.site.get_model_admin(model)
    address = f"admin:monitoring_{model._meta.model_name}"

    assert owner_client.get(reverse(f"{address}_changelist")).status_code == 200
    assert owner_client.get(reverse(f"{address}_change", args=[model.objects.first().pk])).status_code == 200
    assert owner_client.get(reverse(f"{address}_add")).status_code == 403
    assert not any(check(None) for check in (site.has_change_permission, site.has_delete_permission))


def edit(client, user, **columns):
    given = {"username": user.username, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", **columns}
    return client.post(reverse("admin:auth_user_change", args=[user.pk]), given)


def test_lead_edits_staff(page_client, staff):
    client, person = page_client("lead"), staff("support")

    assert edit(client, person, email="new@shop.example", is_active="on").status_code == 302
    assert User.objects.get(pk=person.pk).email == "new@shop.example"


def test_lead_cannot_make_a_superuser(page_client, staff):
    client, person = page_client("lead"), staff("support")

    edit(client, person, is_superuser="on", is_active="on")

    assert not User.objects.get(pk=person.pk).is_superuser


def test_lead_cannot_touch_a_superuser(page_client, django_user_model):
    owner = django_user_model.objects.create_superuser("owner", password="a long enough password")

    assert edit(page_client("lead"), owner, email="x@shop.example").status_code == 403
    password = page_client("lead").post(
        reverse("admin:auth_user_password_change", args=[owner.pk]), {"password1": "y" * 14, "password2": "y" * 14})
    assert password.status_code == 403


def test_nobody_deletes_people(owner_client, staff):
    person = staff("support")

    assert owner_client.post(reverse("admin:auth_user_delete", args=[person.pk]), {"post": "yes"}).status_code == 403


def test_admin_has_no_sign_in_of_its_own(client):
    assert client.get("/admin/login/").url.startswith(reverse("login"))
    assert OrmQ not in admin.site._registry


@pytest.mark.parametrize("group", ["lead", "auditor"])
def test_leads_and_auditors_can_read_everything_the_admin_shows(group):
    shown = {f"{model._meta.app_label}.view_{model._meta.model_name}" for model in admin.site._registry}
    leads_only = {"auth.view_user", "auth.view_group"}

    assert shown - set(GROUPS[group]) - (leads_only if group == "auditor" else set()) == set()
