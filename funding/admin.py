"""The admin of funding: thresholds are edited here; accounts, readings, entries and reservations are history."""

from django.contrib import admin
from django.utils import timezone

from catalog.read_only import ReadOnlyAdmin

from . import thresholds
from .models import Account, Books, Entry, Reading, Reservation, Threshold


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "currency", "state", "balance", "available", "overdraft_limit", "read_at")
    list_filter = ("state", "supplier")
    list_select_related = ("supplier",)
    ordering = ("supplier__name", "currency")


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    list_display = ("account", "fetch_started_at", "balance", "available", "supplier_reserved", "overdraft_limit")
    list_select_related = ("account__supplier",)
    ordering = ("-id",)  # as they were read: no index orders the times of all accounts


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "status", "amount", "currency", "balance_after", "occurred_at", "order_id")
    list_filter = ("kind", "status", "supplier")
    list_select_related = ("account__supplier",)
    search_fields = ("=order_id", "=external_ref", "=supplier_key")
    ordering = ("-occurred_at", "-id")


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("attempt_ref", "account", "amount", "state", "created_at", "settled_at", "released_at")
    list_filter = ("state",)
    list_select_related = ("account__supplier",)
    search_fields = ("=attempt_ref",)
    ordering = ("-id",)


@admin.register(Books)
class BooksAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "read_at", "complete_to", "tried_at", "failure", "balances_failure")
    list_select_related = ("supplier",)
    ordering = ("supplier__name",)


@admin.register(Threshold)
class ThresholdAdmin(admin.ModelAdmin):
    """Saving compares at once, as the page does."""

    list_display = ("account", "trigger_amount", "clear_amount", "note", "crossed_at")
    list_select_related = ("account__supplier",)
    readonly_fields = ("crossed_at", "checked_at")
    ordering = ("account__supplier__name", "account__currency", "-trigger_amount")

    def get_readonly_fields(self, request, obj=None):
        return (*self.readonly_fields, "account") if obj else self.readonly_fields

    def save_model(self, request, obj, form, change):
        thresholds.keep(threshold=obj, now=timezone.now())

    def delete_model(self, request, obj):
        thresholds.drop(threshold=obj, now=timezone.now())

    def delete_queryset(self, request, queryset):
        for threshold in queryset:
            thresholds.drop(threshold=threshold, now=timezone.now())
