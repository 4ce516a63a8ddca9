"""Foreign text made harmless to read: HTML becomes plain text, invisible characters become visible."""

import re
import unicodedata
from html.parser import HTMLParser

# These begin a new line; everything inside SILENT is not text at all.
BLOCKS = frozenset((
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "section", "table", "tr", "ul"))
SILENT = frozenset((
    "script", "style", "template", "iframe", "object", "noscript", "svg", "math", "head", "title", "textarea",
    "select"))
# Characters that reorder, hide or join what a reader sees: bidirectional marks, zero-width ones, tags.
DECEIVING = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def plain_text(html):
    """The words of `html`, one line per block, with no markup and nothing invisible. Plain text passes unchanged."""
    reader = _Reader()
    reader.feed(str(html))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return visible("\n".join(line for line in lines if line))


def visible(text):
    """`text` with each control, zero-width or reordering character shown as ⟦U+202E⟧."""
    return DECEIVING.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", unicodedata.normalize("NFC", str(text)))


class _Reader(HTMLParser):
    """Collects text outside silent elements. A silent element that never closes silences the rest, as in a browser."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.pieces = []
        self._silent = []

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self._silent.append(tag)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag, attrs):
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag):
        if tag in self._silent:
            del self._silent[self._silent.index(tag):]
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data):
        if not self._silent:
            self.pieces.append(data)
