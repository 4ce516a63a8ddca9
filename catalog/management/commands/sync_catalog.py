"""`manage.py sync_catalog [NAME…]`: mirrors catalogs now, in this process."""

import json as json_format
import sys
import time

from django.utils import timezone

from catalog import commanding, sync
from catalog.models import SyncRun
from catalog.suppliers.ports import CatalogSource


class Command(commanding.Command):
    help = "Mirrors types, categories, products, SKUs and prices of the named suppliers, or of all active ones."

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, names, json, **options):
        found = {}
        for supplier in commanding.suppliers(names, CatalogSource) or commanding.active_suppliers(CatalogSource):
            found[supplier.name] = self.mirrored(supplier)
            if not json:
                self.stdout.write(as_line(supplier.name, found[supplier.name]))
        if json:
            self.stdout.write(json_format.dumps({"suppliers": found}))
        if any(one["status"] != SyncRun.Status.COMPLETE for one in found.values()):
            sys.exit(1)

    def mirrored(self, supplier):
        """Sync one supplier; what the JSON says of it. Counts are products."""
        begun = time.monotonic()
        try:
            run = sync.sync(
                supplier=supplier, started_by="command line", now=timezone.now(),
                on_progress=self.progress_of(supplier.name))
        except sync.AlreadyRunning as error:
            return as_found(SyncRun(status=SyncRun.Status.FAILED, error=str(error)), begun)
        finally:
            self.show_progress("")
        return as_found(run, begun)

    def progress_of(self, name):
        return lambda stage, pages, rows: self.show_progress(f"{name}: {stage}, {pages} pages, {rows} rows")

    def show_progress(self, text):
        """Overwrite one line of a terminal; nothing where standard error is a file."""
        if self.stderr.isatty():
            self.stderr._out.write(f"\r\x1b[K{text}")
            self.stderr._out.flush()


def as_found(run, begun):
    return {
        "status": run.status, "created": run.created, "changed": run.changed, "unchanged": run.unchanged,
        "retired": run.retired, "pages": run.pages, "seconds": round(time.monotonic() - begun, 3),
        "warnings": len(run.warnings), "error": run.error}


def as_line(name, found):
    if found["error"]:
        return f"{name}: failed after {found['pages']} pages. {found['error']}"
    return (f"{name}: {found['created']} new, {found['changed']} changed, {found['unchanged']} unchanged, "
            f"{found['retired']} gone; {found['pages']} pages in {found['seconds']} s.")
