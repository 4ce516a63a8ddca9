"""The lab's one page for people: every supplier with its switches, acts and books. Plain HTML without scripts.

It asks desks and books what there is, so a supplier added later is on it without change here.
"""

from html import escape

from .lab_kinds import KINDS
from .lab_sheet import Act, Table
from .lab_style import STYLE

# What is wanted most: label, operation, fault, options. One click switches it on, until it is used up or switched off.
ALWAYS, ORDER, WEBHOOK = "The supplier", "The next order", "The next webhook"
PRESETS = (
    (ALWAYS, "down (503)", "*", "error", {"times": None, "status": 503}),
    (ALWAYS, "slow by 3 s", "*", "late", {"times": None, "seconds": 3}),
    (ALWAYS, "key not accepted", "*", "revoked", {}),
    (ALWAYS, "address not allowed", "*", "not_allowed", {}),
    (ALWAYS, "clock 10 min off", "*", "clock_skew", {}),
    (ALWAYS, "429 once", "*", "rate_limit", {}),
    (ORDER, "bought, answer lost", "create*", "close", {"when": "after"}),
    (ORDER, "lost, not bought", "create*", "close", {"when": "before"}),
    (ORDER, "balance too low", "create*", "insufficient_funds", {}),
    (ORDER, "stays open", "create*", "hold", {}),
    (ORDER, "fails", "create*", "finish", {}),
    (ORDER, "half delivered", "create*", "finish", {"status": "partially_completed"}),
    (ORDER, "charged more", "create*", "charge_above", {}),
    (WEBHOOK, "before the answer", "*", "hook_early", {}),
    (WEBHOOK, "twice", "*", "hook_twice", {}),
    (WEBHOOK, "held back", "*", "hook_late", {"seconds": None}),
    (WEBHOOK, "altered", "*", "hook_altered", {}),
    (WEBHOOK, "badly signed", "*", "hook_bad_signature", {}),
    (WEBHOOK, "never, nor any after it", "*", "hook_never", {}),
)


def render(lab, *, problem: str = "") -> str:
    """The page; with `problem` on top where what was asked could not be done."""
    links = "".join(f'<a href="#{name}">{escape(_title(name))}</a>' for name in lab.desks)
    sections = "".join(_supplier(lab, name) for name in lab.desks)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>TEST: failure lab</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
        '<div class="banner" role="note"><strong>TEST</strong> Stand-ins for suppliers: no real money, no real codes.</div>'
        f'<main><header><h1>Failure lab</h1><nav>{links}</nav></header>{_problem(problem)}{_faults(lab)}{sections}'
        '<form method="post" action="/lab/reset" class="reset"><button>Everything as on the first day</button>'
        "<p>Forgets all purchases, faults and webhooks.</p></form></main></body></html>"
    )


def _problem(text: str) -> str:
    if not text:
        return ""
    return (f'<section class="hot" role="alert"><h2>Nothing was changed</h2><p>{escape(text)}</p>'
            '<a href="/lab/">Back to the lab</a></section>')


def presets(desk) -> list[tuple[int, tuple]]:
    """Those that can strike this supplier, with their numbers."""
    return [(number, preset) for number, preset in enumerate(PRESETS) if _fits(desk, preset)]


def _fits(desk, preset: tuple) -> bool:
    _, _, operation, fault, _ = preset
    if KINDS[fault].sort == "hook":
        return bool(desk.hooks)
    stem = operation.rstrip("*")
    return any(name.startswith(stem) for name in desk.operations)


def _faults(lab) -> str:
    rows = [
        f'<tr><td><form method="post" action="/lab/faults/clear"><button name="id" value="{fault.id}">Off</button></form>'
        f'<td>{escape(_title(fault.supplier))}<td><code>{escape(fault.operation)}</code><td class="text">'
        f"{escape(fault.name)}: {escape(KINDS[fault.name].help)}<td>{_times(fault.times)}<td class=n>{fault.struck}"
        f"<td>{escape(_told(fault))}</tr>"
        for fault in lab.board.standing()
    ]
    if not rows:
        return '<section class="on"><h2>Faults that are on</h2><p>None: the suppliers behave.</p></section>'
    heads = "<tr><th><th>Supplier<th>Operation<th>Fault<th>Times left<th class=n>Struck<th>Options</tr>"
    everything = '<form method="post" action="/lab/faults/clear"><button name="id" value="">All off</button></form>'
    return (
        f'<section class="on hot"><h2>Faults that are on</h2><div class="wide"><table>{heads}{"".join(rows)}</table></div>'
        f"{everything}</section>"
    )


def _supplier(lab, name: str) -> str:
    desk, books = lab.desks[name], lab.books[name]
    buttons = "".join(_buttons(name, desk, group) for group in (ALWAYS, ORDER, WEBHOOK))
    return (
        f'<section id="{name}"><h2>{escape(_title(name))}</h2>'
        f"{buttons}{_switch(name, desk)}{''.join(_table(table) for table in books.tables())}"
        f"{_acts(name, books.acts())}{_webhooks(lab, name, desk)}</section>"
    )


def _buttons(name: str, desk, group: str) -> str:
    buttons = "".join(
        f'<button name="preset" value="{number}">{escape(preset[1])}</button>'
        for number, preset in presets(desk)
        if preset[0] == group
    )
    return buttons and (
        f'<form method="post" action="/lab/faults" class="presets"><input type="hidden" name="supplier" value="{name}">'
        f"<span>{group}:</span>{buttons}</form>"
    )


def _switch(name: str, desk) -> str:
    kinds = "".join(
        f'<option value="{fault}">{fault}: {escape(kind.help)} {escape(_options(kind.options))}</option>'
        for fault, kind in KINDS.items()
        if kind.sort != "hook" or desk.hooks
    )
    return (
        '<details><summary>Any other fault</summary><form method="post" action="/lab/faults" class="fields">'
        f'<input type="hidden" name="supplier" value="{name}">'
        f"<label>Operation <select name=operation>{_choices(('*', *desk.names()))}</select></label>"
        f'<label>Fault <select name="fault">{kinds}</select></label>'
        '<label>Times (empty: as usual for the fault) <input name="times" type="number" min="1"></label>'
        """<label>Options as JSON <input name="options" placeholder='{"when": "after"}'></label>"""
        "<button>Switch on</button></form></details>"
    )


def _table(table: Table) -> str:
    if not table.rows:
        return f"<h3>{escape(table.title)}</h3><p>{escape(table.empty)}</p>"
    heads = "".join(f"<th>{escape(head)}" for head in table.heads)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) + "</tr>" for row in table.rows)
    return f'<h3>{escape(table.title)}</h3><div class="wide"><table><tr>{heads}</tr>{rows}</table></div>'


def _acts(name: str, acts: list[Act]) -> str:
    forms = "".join(
        f'<form method="post" action="/lab/books/{name}" class="fields"><input type="hidden" name="act" value="{act.name}">'
        f"{''.join(_input(*pair) for pair in act.inputs.items())}<button>{escape(act.label)}</button></form>"
        for act in acts
    )
    return f"<details><summary>Change its books</summary>{forms}</details>"


def _input(name: str, value) -> str:
    word = escape(name.replace("_", " ").capitalize())
    if isinstance(value, tuple):
        return f'<label>{word} <select name="{name}">{_choices(value)}</select></label>'
    return f'<label>{word} <input name="{name}" value="{escape(value)}" size="14"></label>'


def _webhooks(lab, name: str, desk) -> str:
    if not desk.hooks:
        return ""
    address = lab.webhooks.addresses.get(name)
    rows = [
        (f"{one.at:%H:%M:%S}", one.notice.event, one.notice.key, str(one.attempt), str(one.status or one.error))
        for one in reversed(lab.webhooks.sent)
        if one.supplier == name
    ][:8]
    heads = ("UTC", "Event", "Key", "Try", "Answer")
    empty = "None was sent." if address else "None is sent before an address is set."
    return (
        f'{_table(Table("Webhooks", heads, rows, empty))}<form method="post" action="/lab/webhooks" class="fields">'
        f'<input type="hidden" name="supplier" value="{name}"><label>Sent to '
        f'<input name="url" type="url" size="44" value="{escape(address.url if address else "")}"></label>'
        '<label>Secret (empty: its own) <input name="secret" size="14" autocomplete="off"></label>'
        "<button>Keep</button></form>"
        '<form method="post" action="/lab/webhooks/land"><button>Let those held back arrive</button></form>'
    )


def _title(name: str) -> str:
    return name.replace("_", " ").title().replace("Giftapi", "GiftAPI")


def _choices(words) -> str:
    return "".join(f"<option>{escape(word)}</option>" for word in words)


def _told(fault) -> str:
    return ", ".join(f"{name}={value}" for name, value in fault.options.items() if value != KINDS[fault.name].options[name])


def _options(options: dict) -> str:
    return "(" + ", ".join(f"{name}={value}" for name, value in options.items()) + ")" if options else ""


def _times(times: int | None) -> str:
    return "until off" if times is None else str(times)
