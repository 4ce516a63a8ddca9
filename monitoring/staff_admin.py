"""Users in the admin: leads look after staff, but only a superuser makes or touches a superuser."""

from django.contrib.auth.admin import UserAdmin

OWNERS_ONLY = ("is_superuser", "user_permissions")


class StaffAdmin(UserAdmin):
    """Django's user pages, without a way up for somebody who may edit users."""

    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "groups")

    def get_readonly_fields(self, request, obj=None):
        kept = super().get_readonly_fields(request, obj)
        return kept if request.user.is_superuser else (*kept, *OWNERS_ONLY)

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        """Orders and events name people, so people are switched off instead."""
        return False
