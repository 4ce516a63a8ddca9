"""The form in which a connection to one API is edited: it asks for what the API declares, and never shows what is kept."""

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from . import confirming, connecting
from .models import Supplier
from .suppliers.declaring import text_of

TOO_LATE = _(
    "Nothing was saved: your password was last confirmed too long ago. {} in another tab, come back here, enter new "
    "credentials again and save. Everything else that you typed is still below.")
ADDRESS_HELP = _("For example https://api.example.com/v1. Its host must be one of SUPPLIER_HOSTS, which has: %s.")


class SupplierForm(forms.ModelForm):
    """Base of what `supplier_form` makes. The rules are those of `connecting`, so that the command has the same."""

    api = None
    is_confirmed = True
    base_url = forms.CharField(
        label=_("Base address"), max_length=connecting.ADDRESS_LENGTH,
        widget=forms.TextInput(attrs={"size": 60, "inputmode": "url"}))

    class Meta:
        model = Supplier
        fields = ("name", "base_url", "environment", "is_active")
        labels = {"is_active": _("Active")}

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        hosts = ADDRESS_HELP % (", ".join(settings.SUPPLIER_HOSTS) or _("none yet"))
        self.fields["base_url"].help_text = f"{self.api.address_help if self.api else ''} {hosts}".strip()
        if self.api:
            self.instance.api = self.api.name

    def clean_base_url(self):
        return self.cleaned_data["base_url"].rstrip("/")

    def clean(self):
        if not self.is_confirmed:
            link = format_html(
                '<a href="{}" target="_blank">{}</a>', confirming.address(reason="credentials", back=""),
                _("Confirm it"))
            raise forms.ValidationError(format_html(TOO_LATE, link))
        return super().clean()

    def given(self, part):
        """What was typed for `part` ("credentials" or "settings"), by name. What was left blank is not there."""
        return {name.removeprefix(f"{part}."): value for name, value in self.cleaned_data.items()
                if name.startswith(f"{part}.") and value}

    def _post_clean(self):
        super()._post_clean()
        if not self.is_confirmed:
            return
        self.instance.settings = self.given("settings")
        for field, sentence in connecting.wrong_with(self.instance, self.given("credentials")).items():
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, sentence)


def supplier_form(api, supplier, *, is_confirmed):
    """A form class for a connection to `api`, new where `supplier` is None. Without a fresh password it saves nothing.

    An `api` of None is one that Purser does not speak: nothing can be asked for it.
    """
    fields = {"api": api, "is_confirmed": is_confirmed}
    if api:
        fields |= _credentials(api, is_new=supplier is None) | _settings(api, supplier.settings if supplier else {})
    return type("SupplierForm", (SupplierForm,), fields)


def credential_fields(api):
    """Names of the form fields for the credentials of `api`."""
    return [f"credentials.{name}" for name in api.credentials]


def setting_fields(api):
    """Names of the form fields for the settings of `api`."""
    return [f"settings.{name}" for name in api.settings]


def _credentials(api, *, is_new):
    hidden = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "size": 60})
    return {f"credentials.{name}": forms.CharField(label=one.label, help_text=one.help, required=is_new, widget=hidden)
            for name, one in api.credentials.items()}


def _settings(api, given):
    return {f"settings.{name}": forms.CharField(
        label=one.label, help_text=_left_blank(one), required=False, initial=text_of(given.get(name, "")),
        widget=forms.TextInput(attrs={"size": 40})) for name, one in api.settings.items()}


def _left_blank(setting):
    default = text_of(setting.default)
    return f"{setting.help} " + (str(_("Blank: %s.") % default) if default else str(_("Blank: none.")))
