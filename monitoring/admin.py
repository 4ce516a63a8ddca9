"""What the admin shows of people and machinery: users, and read-only alerts, probes and schedules."""

from axes.models import AccessFailureLog
from django.contrib import admin
from django.contrib.auth.models import User
from django_q.models import Failure, OrmQ, Schedule, Success

from .models import Alert, Heartbeat, ProbeResult
from .staff_admin import StaffAdmin


class ReadOnly(admin.ModelAdmin):
    """Rows that only the machinery writes."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ScheduleAdmin(ReadOnly):
    """Declared in monitoring.schedules; a row written here by hand could name any function there is."""

    list_display = ("name", "func", "cluster", "minutes", "next_run")
    fields = list_display
    ordering = ("cluster", "name")


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = ("title", "severity", "raised_at", "resolved_at", "acknowledged_by", "mailed_at")
    list_filter = ("severity",)
    ordering = ("-raised_at",)
    list_select_related = ("acknowledged_by",)
    show_full_result_count = False


@admin.register(ProbeResult)
class ProbeResultAdmin(ReadOnly):
    list_display = ("supplier", "at", "healthy", "latency_ms", "detail")
    list_filter = ("supplier",)
    ordering = ("-at",)
    list_select_related = ("supplier",)
    show_full_result_count = False


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ("name", "at", "detail")
    ordering = ("name",)


# The queue's own admin lets a hand-written schedule run any function, and shows task payloads, which are pickles.
# The log of single failures is switched off, so its page would always be empty.
for model in (Success, Failure, OrmQ, Schedule, AccessFailureLog):
    admin.site.unregister(model)
admin.site.register(Schedule, ScheduleAdmin)

admin.site.unregister(User)
admin.site.register(User, StaffAdmin)
