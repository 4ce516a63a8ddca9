"""Addresses of the catalog pages."""

from django.urls import path

from . import views_products, views_secrets, views_suppliers, views_syncs

app_name = "catalog"
urlpatterns = [
    path("", views_products.products, name="products"),
    path("products/<int:pk>/", views_products.product, name="product"),
    path("syncs/", views_syncs.sync_runs, name="sync_runs"),
    path("syncs/<int:pk>/", views_syncs.sync_run, name="sync_run"),
    path("suppliers/", views_suppliers.suppliers, name="suppliers"),
    path("suppliers/<slug:name>/", views_suppliers.supplier, name="supplier"),
    path("suppliers/<slug:name>/syncs/", views_syncs.start_sync, name="start_sync"),
    path("suppliers/<slug:name>/tests/", views_suppliers.connection_test, name="connection_test"),
    path("suppliers/<slug:name>/pause/", views_suppliers.pause, name="pause"),
    path("suppliers/<slug:name>/resumption/", views_suppliers.resumption, name="resumption"),
    path("suppliers/<slug:name>/secret/", views_secrets.notice_secret, name="notice_secret"),
    path("suppliers/<slug:name>/secret/former/retirement/", views_secrets.former_secret_retirement,
         name="former_secret_retirement"),
]
