"""Addresses of the orders pages. A POST goes to a noun; GET changes nothing."""

from django.urls import path

from . import views_list, views_new, views_order, views_waiting

app_name = "orders"
urlpatterns = [
    path("", views_list.order_list, name="list"),
    path("export.csv", views_list.export, name="export"),
    path("new/", views_new.new, name="new"),
    path("new/quotes/", views_new.quotes, name="quotes"),
    path("new/quotes/<uuid:pk>/", views_new.quote, name="quote"),
    path("new/quotes/<uuid:pk>/expiry/", views_new.quote_expiry, name="quote_expiry"),
    path("new/quotes/<uuid:pk>/fresh-quote/", views_new.fresh_quote, name="fresh_quote"),
    path("new/quotes/<uuid:pk>/confirmation/", views_new.confirmation, name="confirmation"),
    path("unknown/", views_waiting.unknown, name="unknown"),
    path("parked/", views_waiting.parked, name="parked"),
    path("parked/demand/", views_waiting.parked_demand, name="parked_demand"),
    path("<uuid:pk>/", views_order.order, name="order"),
    path("<uuid:pk>/reveal/", views_order.reveal, name="reveal"),
    path("<uuid:pk>/withdrawal/", views_order.withdrawal, name="withdrawal"),
    path("<uuid:pk>/release/", views_order.release, name="release"),
    path("<uuid:pk>/question/", views_order.question, name="question"),
    path("<uuid:pk>/review/", views_order.review, name="review"),
    path("<uuid:pk>/notes/", views_order.notes, name="notes"),
]
