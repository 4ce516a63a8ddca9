"""All figures, one line each, as they come."""

import sys

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from . import catalog, lists, start, webhooks


def main():
    """Measure in an empty database: rounds, products and orders come from the command line."""
    rounds, products, orders = map(int, sys.argv[1:])
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    print(f"{'':30} {'ratio':>8}  {'goal':>8}   of what, and how much that is here")
    missed = 0
    for figures in (lambda: catalog.measure(rounds, products), lambda: lists.measure(rounds, orders),
                    lambda: webhooks.measure(rounds), lambda: start.measure(rounds)):
        for one in figures():
            show(one)
            missed += not one.is_met
    print(f"{missed} goals missed" if missed else "all goals met")
    connection.close()


def show(one):
    sign, mark = "≤" if one.at_most else "≥", "" if one.is_met else " (missed)"
    print(f"{one.name:30} {one.ratio:8.2f} {sign}{one.goal:8.2f}   {one.reference}; {one.scale}{mark}", flush=True)
