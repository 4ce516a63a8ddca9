"""Orders in the admin: everything can be looked at, and nothing but the meaning of result codes can be changed. Sealed
texts are never shown.
"""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.read_only import ReadOnlyAdmin
from catalog.suppliers import ports, registry

from .models import (
    Attempt,
    Esim,
    EsimEvent,
    Event,
    Notice,
    NoticeRefusal,
    Observation,
    Order,
    Quote,
    Refund,
    ResultCode,
    Shortfall,
    SpendLimit,
    Transaction,
    TransactionCheck,
    TransactionEvent,
    TransactionFile,
    Unit,
)


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


@admin.register(Shortfall)
class ShortfallAdmin(ReadOnlyAdmin):
    list_display = ("attempt", "owed", "returned", "state", "since", "ended_at", "by")
    list_filter = ("state",)
    list_select_related = ("attempt", "by")
    search_fields = ("=attempt__ref", "=attempt__order__reference")
    ordering = ("-pk",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("entry", "shortfall", "is_named", "bound_at")
    list_filter = ("is_named",)
    list_select_related = ("entry", "shortfall__attempt")
    search_fields = ("=shortfall__attempt__ref", "=shortfall__attempt__order__reference")
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


@admin.register(ResultCode)
class ResultCodeAdmin(admin.ModelAdmin):
    """What the suppliers' result codes mean; takes effect at the next question."""

    list_display = ("code", "word", "outcome", "meaning", "api")
    list_filter = ("api", "outcome")
    search_fields = ("=code", "word")
    ordering = ("api", "code")

    def formfield_for_dbfield(self, db_field, request, **options):
        if db_field.name == "api":
            speaking = [api for api in registry.APIS.values() if registry.supports(api.name, ports.TransactionDesk)]
            return forms.ChoiceField(label=db_field.verbose_name, choices=[(api.name, api.title) for api in speaking])
        return super().formfield_for_dbfield(db_field, request, **options)


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = ("transaction_id", "action", "status", "code", "amount", "currency", "supplier", "created_at")
    list_filter = ("status", "action", "supplier")
    list_select_related = ("supplier",)
    search_fields = ("=transaction_id", "=round_id", "=player_id", "=request_id")
    exclude = ("sealed_token", "digest")
    ordering = ("-created_at", "-id")

    def view_on_site(self, row):
        return reverse("orders:transaction", args=[row.pk])


@admin.register(TransactionCheck)
class TransactionCheckAdmin(ReadOnlyAdmin):
    list_display = ("transaction", "at", "outcome", "code", "message", "http_version", "by")
    list_filter = ("outcome",)
    list_select_related = ("transaction", "by")
    search_fields = ("=transaction__transaction_id", "=request_id")
    ordering = ("-pk",)


@admin.register(TransactionEvent)
class TransactionEventAdmin(ReadOnlyAdmin):
    list_display = ("transaction", "at", "kind", "text", "by")
    list_filter = ("kind",)
    list_select_related = ("transaction", "by")
    search_fields = ("=transaction__transaction_id",)
    ordering = ("-pk",)


@admin.register(Esim)
class EsimAdmin(ReadOnlyAdmin):
    list_display = ("iccid", "word", "can_renew", "supplier", "read_at", "created_at")
    list_filter = ("supplier",)
    list_select_related = ("supplier",)
    search_fields = ("=iccid",)
    exclude = ("sealed_activation",)
    ordering = ("-created_at", "-id")

    def view_on_site(self, row):
        return reverse("orders:esim", args=[row.pk])


@admin.register(EsimEvent)
class EsimEventAdmin(ReadOnlyAdmin):
    list_display = ("esim", "at", "kind", "text", "by")
    list_filter = ("kind",)
    list_select_related = ("esim", "by")
    search_fields = ("=esim__iccid",)
    ordering = ("-pk",)


@admin.register(TransactionFile)
class TransactionFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "supplier", "created_at", "by")
    list_select_related = ("supplier", "by")
    ordering = ("-created_at", "-id")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "supplier", "event", "result", "copies", "order")
    list_filter = ("supplier", "kind", "result")
    list_select_related = ("supplier", "order")
    search_fields = ("=event_key", "=ref", "=supplier_order_id")
    exclude = ("sealed_body",)
    ordering = ("-received_at", "-id")


@admin.register(NoticeRefusal)
class NoticeRefusalAdmin(ReadOnlyAdmin):
    list_display = ("since", "supplier", "reason", "count", "last_at")
    list_filter = ("supplier", "reason")
    list_select_related = ("supplier",)
    ordering = ("-since", "-id")


class SpendLimitForm(forms.ModelForm):
    """`by` is who fills it in."""

    by = None

    def clean_currency(self):
        return self.cleaned_data["currency"].upper()

    def clean_user(self):
        user = self.cleaned_data["user"]
        if user is not None and user == self.by:
            raise forms.ValidationError(_("Nobody sets their own limit. Somebody else who may has to do it."))
        return user


@admin.register(SpendLimit)
class SpendLimitAdmin(admin.ModelAdmin):
    """Nobody sets or moves the limit that holds for themselves; the admin's history says who moved whose."""

    form = SpendLimitForm
    list_display = ("__str__", "user", "currency")
    list_filter = ("currency",)
    list_select_related = ("user",)
    ordering = ("currency", "user__username")

    def get_form(self, request, obj=None, change=False, **options):
        form = super().get_form(request, obj, change, **options)
        return type(form.__name__, (form,), {"by": request.user})

    def get_readonly_fields(self, request, obj=None):
        return ("user", "currency") if obj else ()

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and _is_own(obj, request.user))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and _is_own(obj, request.user))

    def get_actions(self, request):
        """Rows are deleted one by one, because each is asked whose it is."""
        return {}


def _is_own(limit, user):
    """Whether it holds for `user`: theirs, or everybody's where they have none in this currency."""
    if limit.user_id is not None:
        return limit.user_id == user.pk
    return not SpendLimit.objects.filter(user=user, currency=limit.currency).exists()
