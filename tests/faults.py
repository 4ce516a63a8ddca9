"""What the field does to a system like this, and which tests show that it survives: `make faults`.

A test says `@pytest.mark.fault("F05")`; a row may have several. A row without one says here why; `tests/house` holds that.
"""

import pytest

ROWS = {
    "F01": "the supplier's name cannot be resolved",
    "F02": "the connection is refused",
    "F03": "the certificate is another's, unknown or too old",
    "F05": "the request is written, then the connection is reset",
    "F06": "a kept connection closes without a reply",
    "F07": "HTTP/2 ends a stream in the middle of a request",
    "F08": "the reply comes after we stopped waiting",
    "F09": "the reply comes byte by byte",
    "F10": "half of a JSON body",
    "F11": "a web page in place of an answer",
    "F13": "an answer about another order than ours",
    "F14": "numbers and structures that are no JSON, or far too much of it",
    "F15": "a compressed bomb, an endless body",
    "F17": "a server error after the purchase was made",
    "F18": "a server error before it was made",
    "F19": "an outage that asks for a wait, sensible or not",
    "F20": "too many requests, again and again",
    "F22": "the key is revoked in the middle of the day",
    "F23": "a firewall's page in place of an answer",
    "F25": "the supplier says the balance is too low",
    "F26": "that refusal is repeated for our key after money came",
    "F27": "the reference is known there already, after a timeout",
    "F28": "look-ups fail for hours",
    "F29": "look-ups lag behind the purchase",
    "F32": "a delayed copy of a request, at a supplier that takes references twice",
    "F33": "the time in which a key may be repeated is over",
    "F35": "an order stays open for more than a day",
    "F36": "a part is delivered, the rest later",
    "F37": "a part is delivered, and the refund of the rest does not come",
    "F38": "a finished order is told as open",
    "F39": "a failed order is told as completed, with codes",
    "F40": "a delivered order is reversed days later",
    "F42": "more is charged than was agreed",
    "F44": "the price goes up between form and send",
    "F45": "nothing in stock, or more than one order may hold",
    "F46": "a notice comes before the answer of the order",
    "F47": "the same notice fifty times at once",
    "F48": "notices out of order, days late, or never",
    "F49": "a notice that was altered and rightly signed",
    "F50": "notices that are forged, stale, misshaped or huge",
    "F51": "a notice while its secret is being changed",
    "F52": "our clock is wrong, or steps back",
    "F54": "the database is away before an order is recorded",
    "F55": "the database's word on a commit is lost",
    "F57": "the database is away when codes arrive",
    "F58": "the disk is full",
    "F59": "deadlocks and lock timeouts",
    "F60": "the database is killed under load",
    "F61": "a worker is killed at each point between two writes",
    "F62": "a task that kills its worker",
    "F63": "a task runs out of its time while it sends or writes",
    "F65": "tasks come twice, or the queue is lost, or its signing key changed",
    "F66": "two clusters and the sweep at one order",
    "F67": "the scheduler was down for hours",
    "F68": "old and new code at once",
    "F69": "one form sent many times",
    "F71": "a cancellation while or after an order is sent",
    "F72": "a person's session or permission ends in the middle",
    "F73": "price, switch or key of a supplier change with orders on their way",
    "F75": "a balance flaps around its threshold",
    "F76": "the health check and the orders disagree",
    "F77": "one supplier answers nothing, the other is well",
    "F79": "an encryption key is missing, wrong, or half-way changed",
    "F80": "a backup from an hour ago is restored",
}
WITHOUT_A_TEST = {
    "F68": "an update stops every process before it migrates, so old and new code never work at one database",
}


def pytest_configure(config):
    config.addinivalue_line("markers", "fault(*rows): shows that a row of tests/faults.py is survived")


def pytest_collection_modifyitems(items):
    for item in items:
        item.user_properties += [("fault", row) for mark in item.iter_markers("fault") for row in mark.args]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    """The table, where it was asked for with `-m fault`; the counts of a storm and of a hot account, wherever one ran."""
    for report in terminalreporter.getreports("passed"):
        for name, told in report.user_properties:
            if name in ("storm", "hot account") and report.when == "call":
                terminalreporter.write_line(f"{name}: {told}")
    if config.option.markexpr != "fault":
        return
    fates = {}
    for word in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(word):
            for name, row in report.user_properties:
                if name == "fault" and (word != "passed" or report.when == "call"):
                    fates.setdefault(row, []).append(word)
    applicable = [row for row in ROWS if row not in WITHOUT_A_TEST]
    survived = [row for row in applicable if set(fates.get(row, ["missing"])) == {"passed"}]
    for row in ROWS:
        told = _told(row, fates.get(row, []), row in survived)
        terminalreporter.write_line(f"{row} {ROWS[row]:74} {told}")
    terminalreporter.write_line(f"faults survived {len(survived)}/{len(applicable)}")


def _told(row, fates, is_survived):
    if row in WITHOUT_A_TEST:
        return f"does not apply: {WITHOUT_A_TEST[row]}"
    if is_survived:
        return f"survived ({len(fates)} test{'s' if len(fates) > 1 else ''})"
    return "NOT SURVIVED" if fates else "NO TEST RAN"
