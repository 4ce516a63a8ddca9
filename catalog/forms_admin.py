"""The form in which a connection is edited: its credential inputs are shaped by the API and never show what is kept."""

from django import forms
from django.utils.translation import gettext_lazy as _

from . import connecting
from .models import Supplier
from .suppliers import registry

CREDENTIAL, SETTING = "credential", "setting"


class SupplierForm(forms.ModelForm):
    """Base of what `supplier_form` makes. The rules are those of `connecting`, so that the command has the same."""

    base_url = forms.CharField(
        label=_("Base address"), max_length=300, widget=forms.TextInput(attrs={"size": 60, "inputmode": "url"}),
        help_text=_("As the supplier gives it, for example https://api.example.com/v1. Its host must be in SUPPLIER_HOSTS."))

    class Meta:
        model = Supplier
        fields = ("name", "api", "base_url", "environment", "is_active")

    def clean_base_url(self):
        return self.cleaned_data["base_url"].rstrip("/")

    def given_credentials(self):
        """The credentials typed for the chosen API, by name."""
        return self._given(CREDENTIAL)

    def given_settings(self):
        """The settings that differ from the API's own defaults."""
        return self._given(SETTING) if self.instance.pk else {}

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        self.instance.settings = self.given_settings()
        for field, sentence in connecting.wrong_with(self.instance, self.given_credentials()).items():
            self.add_error(field if field in self.fields else None, sentence)

    def _given(self, sort):
        start = f"{sort}__{self.instance.api}__"
        return {name.removeprefix(start): value for name, value in self.cleaned_data.items()
                if name.startswith(start) and value}


def supplier_form(supplier):
    """A form class for `supplier`, or for a new one with the credentials of every API."""
    apis = [api for api in registry.APIS.values() if supplier is None or api.name == supplier.api]
    fields = {name: field for api in apis for name, field in _credentials(api).items()}
    if supplier is None:
        fields["api"] = forms.ChoiceField(
            label=_("API"), choices=[(api.name, api.title) for api in registry.APIS.values()])
    else:
        fields |= {name: field for api in apis for name, field in _settings(api, supplier.settings).items()}
    return type("SupplierForm", (SupplierForm,), fields)


def credential_fields(api):
    """Names of the form fields for the credentials of `api`."""
    return [f"{CREDENTIAL}__{api.name}__{name}" for name in api.credentials]


def setting_fields(api):
    """Names of the form fields for the settings of `api`."""
    return [f"{SETTING}__{api.name}__{name}" for name in api.settings]


def _credentials(api):
    hidden = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "size": 60})
    return {field: forms.CharField(label=name, required=False, widget=hidden, strip=True)
            for field, name in zip(credential_fields(api), api.credentials, strict=True)}


def _settings(api, given):
    return {field: forms.CharField(
        label=name, required=False, initial=given.get(name, ""), help_text=api.settings[name].help,
        widget=forms.TextInput(attrs={"placeholder": api.settings[name].default, "size": 40}))
        for field, name in zip(setting_fields(api), api.settings, strict=True)}
