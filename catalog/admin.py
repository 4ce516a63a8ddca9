"""The admin of the catalog: connections are edited here; the mirror, the calls and the runs are only read."""

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

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
        # Asked before the form is shown, so that nothing typed is lost; and again when it comes back too late.
        may = self.has_add_permission(request) if object_id is None else self.has_change_permission(request)
        if may and not confirming.is_fresh(request):
            return confirming.ask(request, reason="credentials", back=request.get_full_path())
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **options):
        return super().get_form(request, obj, change, form=supplier_form(obj), **options)

    def get_readonly_fields(self, request, obj=None):
        # The name is part of addresses, and the credentials are sealed for it; the API decides which they are.
        return ("name", "api") if obj else ()

    def get_fieldsets(self, request, obj=None):
        apis = [registry.APIS[obj.api]] if obj and obj.api in registry.APIS else list(registry.APIS.values())
        shown = [(None, {"fields": ["name", "api", "base_url", "environment", "is_active"]})]
        shown += [(_("Credentials of %s") % api.title, {
            "fields": credential_fields(api),
            "description": _("Blank keeps what is there.") if obj else _("Only those of the chosen API are used."),
        }) for api in apis]
        if obj and obj.api in registry.APIS:
            shown.append((_("Settings"), {"fields": setting_fields(apis[0]), "classes": ["collapse"]}))
        return shown

    def save_model(self, request, obj, form, change):
        obj.settings = form.given_settings()
        connecting.connect(supplier=obj, credentials=form.given_credentials(), by=request.user, now=timezone.now())
        if obj.is_active:
            connecting.ask_test(supplier=obj, by=request.user, now=timezone.now())

    def response_post_save_add(self, request, obj):
        return self._to_supplier(request, obj)

    def response_post_save_change(self, request, obj):
        return self._to_supplier(request, obj)

    def has_delete_permission(self, request, obj=None):
        # Orders and money point at it; a connection that is no longer wanted is switched off.
        return False

    def _to_supplier(self, request, obj):
        messages.info(request, _("The connection is being tested; the result appears below."))
        return redirect("catalog:supplier", name=obj.name)


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
