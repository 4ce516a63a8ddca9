"""Addresses of the monitoring pages; home and the ones for machines stand in config.urls."""

from django.urls import path

from . import views

app_name = "monitoring"
urlpatterns = [
    path("", views.health, name="health"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/acknowledgement/", views.acknowledgement, name="acknowledgement"),
    path("jobs/", views.jobs, name="jobs"),
]
