"""The admin site in Purser's own dress."""

from django.contrib.admin.apps import AdminConfig


class PurserAdminConfig(AdminConfig):
    """Django's admin, with Purser's site class."""

    default_site = "config.admin.PurserAdminSite"
