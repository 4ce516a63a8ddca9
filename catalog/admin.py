"""The admin of the catalog: connections are edited here; the mirror, the calls and the runs are only read."""

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from . import confirming, connecting
from .forms_admin import credential_fields, setting_fields, supplier_form
from .models import Call, Category, CircuitState, Export, Product, ProductType, Sku, Supplier, SupplierEvent, SyncRun
from .read_only import ReadOnlyAdmin
from .suppliers import registry


@admin.register(Supplier)
class SupplierAdmin(admin.ModelAdmin):
    """Credentials can be given here and never read: blank keeps what is there."""

    list_display = ("name", "api", "environment", "base_url", "is_active", "paused_at")
    list_filter = ("api", "environment", "is_active")
    search_fields = ("name", "base_url")
    ordering = ("name",)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        is_new = object_id is None
        may = self.has_add_permission(request) if is_new else self.has_change_permission(request)
        if may and request.method != "POST" and not confirming.is_fresh(request):
            # Asked before anything is typed. Where it comes back too late, the form says so and keeps what it may.
            return confirming.ask(request, reason="credentials", back=request.get_full_path())
        if may and is_new and _chosen(request) is None:
            return self._choose(request)
        shown = {"show_save_and_add_another": False, "show_save_and_continue": False, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, shown)

    def get_form(self, request, obj=None, change=False, **options):
        form = supplier_form(_api(request, obj), obj, is_confirmed=confirming.is_fresh(request))
        return super().get_form(request, obj, change, form=form, **options)

    def get_readonly_fields(self, request, obj=None):
        # The name is part of addresses, and the credentials are sealed for it; the API decides which they are.
        return ("name", "speaks") if obj else ("speaks",)

    def get_fieldsets(self, request, obj=None):
        api = _api(request, obj)
        first = (None, {"fields": ["speaks", "name", "base_url", "environment", "is_active"]})
        if api is None:
            return [first]
        return [first, (_("Credentials"), {
            "fields": credential_fields(api),
            "description": _("They are sealed when they are saved and never shown again.") + (
                " " + _("Blank keeps what is there.") if obj else ""),
        }), (_("Settings"), {
            "fields": setting_fields(api), "classes": ["collapse"],
            "description": _("What is left blank stays as it is by itself."),
        })]

    @admin.display(description=_lazy("API"))
    def speaks(self, supplier):
        """Which API the connection speaks; another one is another connection."""
        api = registry.APIS.get(supplier.api)
        if api is None:
            return _("%s, which this version of Purser does not speak") % supplier.api
        return api.title

    def save_model(self, request, obj, form, change):
        connecting.connect(supplier=obj, credentials=form.given("credentials"), by=request.user, now=timezone.now())
        if obj.is_active:
            connecting.ask_test(supplier=obj, by=request.user, now=timezone.now())

    def response_post_save_add(self, request, obj):
        return self._to_supplier(request, obj)

    def response_post_save_change(self, request, obj):
        return self._to_supplier(request, obj)

    def has_delete_permission(self, request, obj=None):
        # Orders and money point at it; a connection that is no longer wanted is switched off.
        return False

    def _choose(self, request):
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Which API does it speak?"),
                   "apis": registry.APIS.values(), "is_unknown": "api" in request.GET}
        return TemplateResponse(request, "admin/catalog/supplier/choose_api.html", context)

    def _to_supplier(self, request, obj):
        told = _("Saved. The connection is being tested; the result appears below.")
        messages.info(request, told if obj.is_active else _("Saved. It is switched off, so it was not tested."))
        return redirect("catalog:supplier", name=obj.name)


def _api(request, supplier):
    return registry.APIS.get(supplier.api) if supplier else _chosen(request)


def _chosen(request):
    return registry.APIS.get(request.GET.get("api"))


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ("name", "supplier", "kind", "region", "gone_at")
    list_filter = ("supplier", "kind")
    list_select_related = ("supplier",)
    search_fields = ("supplier_ref__startswith", "name__startswith")


@admin.register(Sku)
class SkuAdmin(ReadOnlyAdmin):
    list_display = ("name", "supplier", "supplier_ref", "price", "currency", "stock", "gone_at")
    list_filter = ("supplier", "denomination")
    list_select_related = ("supplier",)
    search_fields = ("supplier_ref__startswith",)


@admin.register(ProductType, Category)
class NameAdmin(ReadOnlyAdmin):
    list_display = ("name", "supplier", "supplier_ref", "gone_at")
    list_filter = ("supplier",)
    list_select_related = ("supplier",)


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "supplier", "operation", "status", "outcome", "duration_ms", "ref")
    list_filter = ("supplier",)
    list_select_related = ("supplier",)
    search_fields = ("ref__exact",)
    exclude = ("sealed_request", "sealed_response")
    ordering = ("-id",)


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "supplier", "status", "created", "changed", "retired", "error")
    list_filter = ("supplier", "status")
    list_select_related = ("supplier",)
    ordering = ("-id",)


@admin.register(CircuitState)
class CircuitStateAdmin(ReadOnlyAdmin):
    list_display = ("supplier", "state", "changed_at", "retry_at")
    list_select_related = ("supplier",)


@admin.register(SupplierEvent)
class SupplierEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "supplier", "kind", "text", "by")
    list_select_related = ("supplier", "by")
    ordering = ("-id",)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "what", "filter", "rows", "is_cut")
    list_filter = ("what",)
    list_select_related = ("by",)
    ordering = ("-id",)
