"""The lab's one page for people: books, recent purchases, faults to switch. Plain HTML without scripts."""

from html import escape

from .game_wallet.lab_books import STATES, WalletBooks
from .lab_books import Books
from .lab_kinds import KINDS

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:0 1rem 3rem;color:#1b1b1f;background:#fff}
.banner{background:#7a1f00;color:#fff;font-weight:700;padding:.6rem 1rem;margin:0 -1rem 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem;display:block;overflow-x:auto}
th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;white-space:nowrap}td.n{text-align:right}
label{display:block;margin:.5rem 0}input,select{font:inherit;padding:.3rem;max-width:100%}
button{font:inherit;padding:.4rem 1rem}
@media (prefers-color-scheme:dark){body{background:#16161a;color:#eee}th,td{border-color:#444}}
"""
RECENT = 15


def render(lab) -> str:
    suppliers = "".join(
        _wallet(name, books) if isinstance(books, WalletBooks) else _supplier(name, books)
        for name, books in lab.books.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>TEST: failure lab</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        '<p class="banner">TEST: stand-ins for suppliers. No real money, no real codes.</p><main><h1>Failure lab</h1>'
        f"{_faults(lab)}{_switch(lab)}{suppliers}</main></body></html>"
    )


def _faults(lab) -> str:
    rows = [
        _row(
            fault.supplier, fault.operation, fault.name, _times(fault.times), str(fault.struck), str(fault.options),
            html=f'<td><form method="post" action="/lab/faults/clear"><button name="id" value="{fault.id}">Off</button>'
            "</form></td>",
        )
        for fault in lab.board.standing()
    ]  # fmt: skip
    if not rows:
        return "<h2>Faults that are on</h2><p>None: the suppliers behave.</p>"
    heads = "<th>Supplier<th>Operation<th>Fault<th>Times left<th>Struck<th>Options<th>"
    return f"<h2>Faults that are on</h2><table><tr>{heads}</tr>{''.join(rows)}</table>"


def _switch(lab) -> str:
    operations = sorted({operation for desk in lab.desks.values() for operation in desk.operations} | {"*"})
    kinds = "".join(
        f'<option value="{name}">{name}: {escape(kind.help)} {escape(_options(kind.options))}</option>'
        for name, kind in KINDS.items()
    )
    return (
        '<h2>Switch a fault on</h2><form method="post" action="/lab/faults">'
        f'<label>Supplier <select name="supplier">{_choices(lab.desks)}</select></label>'
        f'<label>Operation <select name="operation">{_choices(operations)}</select></label>'
        f'<label>Fault <select name="fault">{kinds}</select></label>'
        '<label>Times (empty: as usual for the fault) <input name="times" type="number" min="1"></label>'
        """<label>Options as JSON <input name="options" size="40" placeholder='{"when": "after"}'></label>"""
        "<button>Switch on</button></form>"
    )


def _supplier(name: str, books: Books) -> str:
    balances = "".join(_row(currency, f"{amount:f}") for currency, amount in books.balances.items())
    orders = "".join(
        _row(f"{order.created_at:%H:%M:%S}", order.ref, order.product, str(order.quantity), f"{order.total:f}",
             order.currency, order.status)
        for order in reversed(books.purchases()[-RECENT:])
    )  # fmt: skip
    heads = "<th>UTC<th>Our reference<th>Product<th>Quantity<th>Charged<th>Currency<th>Status"
    recent = f"<table><tr>{heads}</tr>{orders}</table>" if orders else "<p>Nothing bought since the first day.</p>"
    return (
        f"<h2>{name}</h2><table><tr><th>Currency<th>Balance</tr>{balances}</table>"
        f'<form method="post" action="/lab/books/{name}"><input type="hidden" name="act" value="deposit">'
        f'Deposit <select name="currency">{_choices(books.balances)}</select> '
        '<input name="amount" value="100.00" size="10" aria-label="Amount"> <button>Post</button></form>'
        f"{recent}"
    )


def _wallet(name: str, books: WalletBooks) -> str:
    rows = "".join(
        _row(row.transaction_id, row.action, f"{row.amount:f}", row.currency, str(row.player_id), row.state)
        for row in list(books.transactions.values())[-RECENT:]
    )
    heads = "<th>Transaction<th>Action<th>Amount<th>Currency<th>Player<th>State"
    return (
        f"<h2>{name}</h2><table><tr>{heads}</tr>{rows}</table>"
        f'<form method="post" action="/lab/books/{name}"><input type="hidden" name="act" value="become">'
        '<input name="transaction_id" size="24" aria-label="Transaction" required> becomes '
        f'<select name="state" aria-label="State">{_choices(STATES)}</select> <button>Change</button></form>'
    )


def _choices(words) -> str:
    return "".join(f"<option>{escape(word)}</option>" for word in words)


def _options(options: dict) -> str:
    return "(" + ", ".join(f"{name}={value}" for name, value in options.items()) + ")" if options else ""


def _times(times: int | None) -> str:
    return "until off" if times is None else str(times)


def _row(*cells: str, html: str = "") -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f"{html}</tr>"
