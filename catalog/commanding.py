"""What our commands have in common: how they refuse, and how they find the suppliers they were told of.

A refusal is one line on standard error, nothing on standard output, exit status 2, and nothing changed.
"""

import math
import sys

from django.core.management.base import BaseCommand, CommandError

from . import gateway
from .models import Supplier


class Refused(CommandError):
    """The command was not begun: `reason` says why and what to do."""

    def __init__(self, reason):
        super().__init__(" ".join(str(reason).split()), returncode=2)


class Failed(CommandError):
    """The command failed part-way; standard output says how far it came."""

    def __init__(self, reason):
        super().__init__(" ".join(str(reason).split()), returncode=1)


class Command(BaseCommand):
    """A command that refuses odd arguments in the same way, without repeating its usage."""

    # They look at the code, not at the shop, and are a quarter of a start: `check` and `run_worker` make them.
    requires_system_checks = []

    def create_parser(self, prog_name, subcommand, **kwargs):
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if self._called_from_command_line:
            parser.error = lambda message: self._refuse(subcommand, message)
        return parser

    def _refuse(self, name, message):
        self.stderr.write(f"Refused: {' '.join(message.split())}. See: manage.py {name} --help")
        sys.exit(2)


def suppliers(names, port=None):
    """The suppliers called `names`, each once and in that order.

    Refused as a whole where one of them is unknown, or lacks the `port` that the command is about.
    """
    known = Supplier.objects.in_bulk(names, field_name="name")
    strangers = [name for name in dict.fromkeys(names) if name not in known]
    if strangers:
        raise Refused(f"There is no supplier called {', '.join(strangers)}. {_those_there_are()}")
    unable = [name for name, supplier in known.items() if port and gateway.lacks(supplier, port)]
    if unable:
        raise Refused(f"{', '.join(unable)}: this supplier has nothing of the kind.")
    return [known[name] for name in dict.fromkeys(names)]


def joined(errors, options):
    """`{input: sentence}` as one text; each sentence stands behind the option that it speaks of.

    An input `credentials.api_key` is spoken of as the option of `credentials`, then `api_key`.
    """
    return " ".join(f"{_spoken(name, options)}: {text.removesuffix('.')}." for name, text in errors.items())


def active_suppliers(port=None):
    active = Supplier.objects.filter(is_active=True).order_by("name")
    return [supplier for supplier in active if not (port and gateway.lacks(supplier, port))]


def seconds(text):
    """An argument's type: a finite number that is not negative."""
    given = float(text)
    if not math.isfinite(given) or given < 0:
        raise ValueError(text)
    return given


def _spoken(name, options):
    option, _, part = name.partition(".")
    return " ".join(filter(None, [options.get(option, f"--{option}"), part]))


def _those_there_are():
    names = list(Supplier.objects.order_by("name").values_list("name", flat=True)[:20])
    return f"There are: {', '.join(names)}." if names else "There is none yet: add_supplier makes one."
