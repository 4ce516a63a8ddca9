"""Orders in the admin: everything can be looked at, nothing can be changed. Sealed texts are never shown."""

from django.contrib import admin
from django.urls import reverse

from .models import Attempt, Event, Observation, Order, Quote, Unit


class ReadOnly(admin.ModelAdmin):
    """History is not edited; orders are acted on in their own pages."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Order)
class OrderAdmin(ReadOnly):
    list_display = ("reference", "status", "supplier", "agreed_total", "currency", "is_test", "created_at")
    list_filter = ("status", "needs_review", "is_test", "supplier")
    list_select_related = ("supplier",)
    search_fields = ("=reference", "=supplier_order_id")
    ordering = ("-created_at", "-id")

    def view_on_site(self, order):
        return reverse("orders:order", args=[order.pk])


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("ref", "order", "supplier", "state", "outcome", "send_count", "created_at")
    list_filter = ("state", "supplier")
    list_select_related = ("order", "supplier")
    search_fields = ("=ref", "=supplier_order_id", "=order__reference")
    exclude = ("sealed_body",)
    ordering = ("-pk",)


@admin.register(Unit)
class UnitAdmin(ReadOnly):
    list_display = ("attempt", "ordinal", "hint", "expires_on", "created_at")
    list_select_related = ("attempt",)
    search_fields = ("=attempt__ref", "=attempt__order__reference")
    exclude = ("sealed", "fingerprint")
    ordering = ("-pk",)


@admin.register(Observation)
class ObservationAdmin(ReadOnly):
    list_display = ("attempt", "at", "source", "outcome", "word", "applied", "conflict")
    list_filter = ("source", "applied")
    list_select_related = ("attempt",)
    search_fields = ("=attempt__ref", "=attempt__order__reference")
    ordering = ("-pk",)


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("order", "at", "kind", "text", "by")
    list_filter = ("kind",)
    list_select_related = ("order", "by")
    search_fields = ("=order__reference",)
    ordering = ("-pk",)


@admin.register(Quote)
class QuoteAdmin(ReadOnly):
    list_display = ("id", "sku", "state", "total", "currency", "asked_by", "asked_at")
    list_filter = ("state",)
    list_select_related = ("sku", "asked_by")
    search_fields = ("=id",)
    ordering = ("-asked_at",)
