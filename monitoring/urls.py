"""Addresses of the monitoring pages; home and the ones for machines stand in config.urls."""

from django.urls import path

from . import views, views_notices

app_name = "monitoring"
urlpatterns = [
    path("", views.health, name="health"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/acknowledgement/", views.acknowledgement, name="acknowledgement"),
    path("jobs/", views.jobs, name="jobs"),
    path("webhooks/", views_notices.notices, name="notices"),
    path("webhooks/<int:pk>/", views_notices.notice, name="notice"),
    path("webhooks/<int:pk>/replay/", views_notices.replay, name="replay"),
]
