"""What the admin shows of people and machinery: users, and read-only alerts, probes and schedules."""

from axes.models import AccessFailureLog
from django.contrib import admin
from django.contrib.auth.models import User
from django_q.models import Failure, OrmQ, Schedule, Success

from catalog.read_only import ReadOnlyAdmin

from .models import Alert, Heartbeat, ProbeResult
from .staff_admin import StaffAdmin


class ScheduleAdmin(ReadOnlyAdmin):
    """Declared in monitoring.schedules; a row written here by hand could name any function there is."""

    list_display = ("name", "func", "cluster", "minutes", "next_run")
    fields = list_display
    ordering = ("cluster", "name")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("title", "severity", "raised_at", "resolved_at", "acknowledged_by", "mailed_at")
    list_filter = ("severity",)
    ordering = ("-raised_at",)
    list_select_related = ("acknowledged_by",)


@admin.register(ProbeResult)
class ProbeResultAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "at", "healthy", "latency_ms", "detail")
    list_filter = ("supplier",)
    ordering = ("-at",)
    list_select_related = ("supplier",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at", "detail")
    ordering = ("name",)


# The queue's own admin lets a hand-written schedule run any function, and shows task payloads, which are pickles.
# The log of single failures is switched off, so its page would always be empty.
for model in (Success, Failure, OrmQ, Schedule, AccessFailureLog):
    admin.site.unregister(model)
admin.site.register(Schedule, ScheduleAdmin)

admin.site.unregister(User)
admin.site.register(User, StaffAdmin)
