"""Addresses of the orders pages."""

app_name = "orders"
urlpatterns = []
