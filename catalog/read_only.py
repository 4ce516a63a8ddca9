"""The admin of rows that only Purser writes."""

from django.contrib import admin


class ReadOnlyAdmin(admin.ModelAdmin):
    """Everything can be looked at, nothing can be added, changed or deleted. Counts are not taken over whole tables."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
