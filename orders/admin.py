"""Orders in the admin: everything can be looked at, nothing can be changed. Sealed texts are never shown."""

from django.contrib import admin
from django.urls import reverse

from catalog.read_only import ReadOnlyAdmin

from .models import Attempt, Event, Observation, Order, Quote, Unit


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("reference", "status", "supplier", "agreed_total", "currency", "is_test", "created_at")
    list_filter = ("status", "needs_review", "is_test", "supplier")
    list_select_related = ("supplier",)
    search_fields = ("=reference", "=supplier_order_id")
    ordering = ("-created_at", "-id")

    def view_on_site(self, order):
        return reverse("orders:order", args=[order.pk])


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("ref", "order", "supplier", "state", "outcome", "send_count", "created_at")
    list_filter = ("state", "supplier")
    list_select_related = ("order", "supplier")
    search_fields = ("=ref", "=supplier_order_id", "=order__reference")
    exclude = ("sealed_body",)
    ordering = ("-pk",)


@admin.register(Unit)
class UnitAdmin(ReadOnlyAdmin):
    list_display = ("attempt", "ordinal", "hint", "expires_on", "created_at")
    list_select_related = ("attempt",)
    search_fields = ("=attempt__ref", "=attempt__order__reference")
    exclude = ("sealed", "fingerprint")
    ordering = ("-pk",)


@admin.register(Observation)
class ObservationAdmin(ReadOnlyAdmin):
    list_display = ("attempt", "at", "source", "outcome", "word", "applied", "conflict")
    list_filter = ("source", "applied")
    list_select_related = ("attempt",)
    search_fields = ("=attempt__ref", "=attempt__order__reference")
    ordering = ("-pk",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("order", "at", "kind", "text", "by")
    list_filter = ("kind",)
    list_select_related = ("order", "by")
    search_fields = ("=order__reference",)
    ordering = ("-pk",)


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    list_display = ("id", "sku", "state", "total", "currency", "asked_by", "asked_at")
    list_filter = ("state",)
    list_select_related = ("sku", "asked_by")
    search_fields = ("=id",)
    ordering = ("-asked_at",)
