"""A text as a QR picture, drawn on our own page so that no secret goes to anybody else for it."""

from dataclasses import dataclass

import qrcode

BORDER = 4  # the quiet zone that readers need around it


@dataclass(frozen=True, slots=True)
class Picture:
    """`path` draws the dark squares within a box of `size` by `size`."""

    size: int
    path: str

    def __repr__(self):
        return f"Picture({self.size}, ***)"


def draw(text):
    """The Picture of `text`, each run of dark squares as one stroke of the path."""
    code = qrcode.QRCode(border=BORDER)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    runs = "".join(f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for start, length in _runs(row))
    return Picture(len(rows), runs)


def _runs(row):
    """(start, length) of each run of dark squares."""
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None
