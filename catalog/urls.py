"""Addresses of the catalog pages."""

app_name = "catalog"
urlpatterns = []
