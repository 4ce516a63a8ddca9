"""`manage.py check_money`: the nightly check, now, without an alert."""

import json

from catalog import clock, commanding
from monitoring import auditing
from orders.auditing import CHECKS


class Command(commanding.Command):
    help = "Checks orders and their money for what must never be. Reads only; ends with exit status 1 where something is."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, json, **options):
        audited = auditing.check(now=clock.now())
        self.stdout.write(as_json(audited) if json else as_lines(audited))
        if audited.count or audited.crashed:
            raise commanding.Failed(f"{audited.count} found, and {len(audited.crashed)} checks could not be done.")


def as_json(audited):
    found = {name: [{"text": one.text, "url": one.url} for one in findings] for name, findings in audited.found.items()}
    return json.dumps({"found": found, "crashed": audited.crashed}, ensure_ascii=False)


def as_lines(audited):
    return "\n".join(line for name in CHECKS for line in _lines(name, audited))


def _lines(name, audited):
    if name in audited.crashed:
        yield f"??? {CHECKS[name].rule} This could not be checked; see the log."
        return
    findings = audited.found[name]
    yield f"{'ok ' if not findings else 'NOT'} {CHECKS[name].rule}"
    for finding in findings:
        yield f"    {finding.text} {finding.url}"
