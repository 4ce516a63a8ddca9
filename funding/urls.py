"""Addresses of the funding pages."""

from django.urls import path

from . import views_accounts, views_books, views_thresholds

app_name = "funding"
urlpatterns = [
    path("", views_accounts.accounts, name="accounts"),
    path("refresh/", views_accounts.refresh, name="refresh"),
    path("accounts/<int:pk>/", views_accounts.account, name="account"),
    path("accounts/<int:account_id>/thresholds/new/", views_thresholds.new, name="new_threshold"),
    path("thresholds/<int:pk>/", views_thresholds.threshold, name="threshold"),
    path("thresholds/<int:pk>/deletion/", views_thresholds.deletion, name="threshold_deletion"),
    path("deposits/", views_books.deposits, name="deposits"),
    path("deposits.csv", views_books.deposits_csv, name="deposits_csv"),
    path("transactions/", views_books.transactions, name="transactions"),
    path("transactions.csv", views_books.transactions_csv, name="transactions_csv"),
]
