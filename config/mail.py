"""E-mail for whoever has no mail server: printed, but never into the output of a command."""

import sys

from django.core.mail.backends.console import EmailBackend


class StandardError(EmailBackend):
    """Django's console backend on standard error: standard output belongs to a command's JSON document."""

    def __init__(self, *args, **options):
        super().__init__(*args, stream=sys.stderr, **options)
