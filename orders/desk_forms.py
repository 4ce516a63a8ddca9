"""What the forms of the desks have in common: which supplier to ask."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import gateway


class DeskForm(forms.Form):
    """Which supplier to ask, of the active ones that have `port`; with one there is nothing to choose."""

    port: type

    supplier = forms.ChoiceField(label=_("Supplier"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._desks = {desk.name: desk for desk in gateway.active(self.port)}
        self.fields["supplier"].choices = [(name, name) for name in self._desks]
        if len(self._desks) == 1:
            self.fields["supplier"].widget = forms.HiddenInput()
            self.initial.setdefault("supplier", next(iter(self._desks)))

    @property
    def chosen(self):
        """The Supplier row."""
        return self._desks[self.cleaned_data["supplier"]]
