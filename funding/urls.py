"""Addresses of the funding pages."""

app_name = "funding"
urlpatterns = []
