"""Addresses of the monitoring pages."""

app_name = "monitoring"
urlpatterns = []
