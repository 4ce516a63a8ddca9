"""Addresses of the orders pages. A POST goes to a noun; GET changes nothing."""

from django.urls import path

from . import (
    views_approvals,
    views_list,
    views_new,
    views_order,
    views_transaction_files,
    views_transactions,
    views_unmatched,
    views_waiting,
)

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
    path("approvals/", views_approvals.approvals, name="approvals"),
    path("parked/demand/", views_waiting.parked_demand, name="parked_demand"),
    path("unmatched/", views_unmatched.unmatched, name="unmatched"),
    path("unmatched/<int:pk>/adoption/", views_unmatched.adoption, name="unmatched_adoption"),
    path("unmatched/<int:pk>/explanation/", views_unmatched.explanation, name="unmatched_explanation"),
    path("transactions/", views_transactions.transactions, name="transactions"),
    path("transactions/new/", views_transactions.new, name="transaction_new"),
    path("transactions/entries/", views_transactions.entries, name="transaction_entries"),
    path("transactions/files/", views_transaction_files.files, name="transaction_files"),
    path("transactions/files/uploads/", views_transaction_files.uploads, name="transaction_uploads"),
    path("transactions/files/<uuid:pk>/", views_transaction_files.file, name="transaction_file"),
    path("transactions/files/<uuid:pk>/result.csv", views_transaction_files.result, name="transaction_file_result"),
    path("transactions/<uuid:pk>/", views_transactions.transaction, name="transaction"),
    path("transactions/<uuid:pk>/question/", views_transactions.question, name="transaction_question"),
    path("<uuid:pk>/", views_order.order, name="order"),
    path("<uuid:pk>/approval/", views_approvals.approval, name="approval"),
    path("<uuid:pk>/approval/price/", views_approvals.approval_price, name="approval_price"),
    path("<uuid:pk>/approval/grant/", views_approvals.approval_grant, name="approval_grant"),
    path("<uuid:pk>/approval/refusal/", views_approvals.approval_refusal, name="approval_refusal"),
    path("<uuid:pk>/reveal/", views_order.reveal, name="reveal"),
    path("<uuid:pk>/withdrawal/", views_order.withdrawal, name="withdrawal"),
    path("<uuid:pk>/release/", views_order.release, name="release"),
    path("<uuid:pk>/question/", views_order.question, name="question"),
    path("<uuid:pk>/review/", views_order.review, name="review"),
    path("<uuid:pk>/notes/", views_order.notes, name="notes"),
]
