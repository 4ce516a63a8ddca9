"""How every form looks: one renderer, so a field's label, hint and error stand alike on each page."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders fields with templates/forms/."""

    field_template_name = "forms/field.html"
    form_template_name = "forms/form.html"
