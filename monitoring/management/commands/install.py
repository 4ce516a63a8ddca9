"""`manage.py install`: groups with their permissions, and the schedules. Run it after each migrate."""

import json
from dataclasses import asdict

from django.utils import timezone

from catalog import commanding
from monitoring.installing import install
from monitoring.roles import UnknownPermission


class Command(commanding.Command):
    help = "Lays down groups with their permissions, and the schedules; safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, json: bool, **options):
        try:
            installed = install(now=timezone.now())
        except UnknownPermission as wrong:
            raise commanding.Refused(wrong) from wrong
        self.stdout.write(as_json(installed) if json else as_lines(installed))


def as_json(installed):
    return json.dumps(asdict(installed))


def as_lines(installed):
    laid = installed.schedules
    return (f"Groups set: {', '.join(installed.groups) or 'none, all were right'}.\n"
            f"Schedules: {laid.added} added, {laid.changed} changed, {laid.removed} removed.")
