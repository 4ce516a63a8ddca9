"""All addresses of Purser."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from config.confirmation import confirm
from config.sessions import SignIn
from monitoring import views, vitals
from orders.views_webhook import webhook

urlpatterns = [
    path("", views.home, name="home"),
    path("monitoring/", include("monitoring.urls")),
    path("catalog/", include("catalog.urls")),
    path("orders/", include("orders.urls")),
    path("funding/", include("funding.urls")),
    path("webhooks/<slug:name>/", webhook, name="webhook"),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/changed/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("confirm/", confirm, name="confirm"),
    path("admin/", admin.site.urls),
    path("livez", vitals.livez, name="livez"),
    path("readyz", vitals.readyz, name="readyz"),
    path("metrics", vitals.metrics, name="metrics"),
]

handler500 = "config.refusals.server_error"
