"""The admin site: one sign-in for the whole house, so its own login form is closed."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied


class PurserAdminSite(admin.AdminSite):
    """Edits what staff configure; money history is read-only here."""

    site_header = site_title = "Purser"
    index_title = "Configuration"
    site_url = "/"

    def login(self, request, extra_context=None):
        """Send everybody to the one sign-in page; that page is the throttled one. Who is signed in already and may not
        come here is told so: the sign-in page would send them straight back.
        """
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.get_full_path()), settings.LOGIN_URL)
