"""Cut Tabler's style sheet down to what Purser's pages use: 79 kB gzipped become 9.

Run it when Tabler is replaced, and when a page uses a class that was cut away: tests/look tells of one.

    npm pack @tabler/core@1.6.1     (in a temporary folder, unpacked there)
    python .ci/trim_tabler.py package/dist/css/tabler.min.css config/static/vendor/tabler/tabler.css
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "config" / "static"
# Kept although no page names them yet: small, and what one reaches for first in a new page.
HANDY = re.compile(
    r"d-(none|block|inline-block|flex|inline-flex)|flex-(row|column|wrap|nowrap|fill)|[mp][tbsexy]?-([0-4]|auto)|gap-[1-4]"
    r"|(justify-content|align-items)-(start|end|center|between)|text-(start|end|center|nowrap|break|secondary|danger|success)"
    r"|fw-(bold|normal)|w-(100|auto)|btn(-(primary|secondary|danger|success|link|sm|list|outline-(danger|primary)))?|small")
# What no page has: parts of Tabler's scripts; and its skip link, because purser.css draws our own.
DROP = re.compile(
    r"\.skip-link|data-(bs-)?theme-|data-theme|data-vc|data-bs-(navbar|sidebar|layout|toggle|popper|placement)|dir=|::-webkit-date")


def main(source, target):
    """Write the trimmed copy of `source` to `target` and print both sizes."""
    text = Path(source).read_text()
    banner = text[text.index("/*!"):text.index("*/") + 2] + "\n/* Trimmed by .ci/trim_tabler.py; see VERSION. */\n"
    rules = trimmed(re.sub(r"/\*.*?\*/|@charset [^;]*;", "", text, flags=re.S))
    Path(target).write_text(banner + without_unused_variables(rules) + "\n")
    print(f"{len(text)} -> {Path(target).stat().st_size} bytes")


def trimmed(text):
    """The rules of `text` whose selectors are kept, media queries included."""
    kept = []
    for prelude, body in blocks(text):
        if prelude.startswith(("@media", "@supports")):
            inner = "" if "min-width:1400" in prelude else trimmed(body)
            kept.append(f"{prelude}{{{inner}}}" if inner else "")
        elif prelude.startswith("@keyframes"):
            name = prelude.split()[1]
            kept.append(f"{prelude}{{{body}}}" if name in ("spinner-border", "placeholder-glow") else "")
        elif not prelude.startswith("@"):
            selectors = [one for one in split_selectors(prelude) if is_kept(one)]
            kept.append(f"{','.join(selectors)}{{{body}}}" if selectors else "")
    return "".join(kept)


def blocks(text):
    """Each top-level `prelude{body}` of `text`."""
    depth = start = opened = 0
    for place, letter in enumerate(text):
        if letter == "{":
            depth += 1
            if depth == 1:
                opened = place
        elif letter == "}":
            depth -= 1
            if depth == 0:
                yield text[start:opened].strip(), text[opened + 1:place]
                start = place + 1


def split_selectors(prelude):
    return re.split(r",(?![^(]*\))", prelude)


def is_kept(selector):
    if DROP.search(selector):
        return False
    return all(name in USED or HANDY.fullmatch(name) for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", selector))


def used():
    """Each word of a class attribute in a template or in Python, and each word of a script."""
    pages = [*(ROOT / "templates").rglob("*.html"), *ROOT.glob("*/templatetags/*.py")]
    attributes = [words for page in pages for words in re.findall(r'class="([^"]*)"', page.read_text())]
    scripts = [script.read_text() for script in STATIC.glob("*.js")]
    return {name for text in attributes + scripts for name in re.findall(r"[\w-]+", text)}


def without_unused_variables(text):
    """Drop custom properties that nothing reads, again and again until none is left."""
    ours = "".join(sheet.read_text() for sheet in STATIC.glob("*.css"))
    while True:
        read = set(re.findall(r"var\((--[\w-]+)", text + ours))
        unread = {name for name in re.findall(r"(--[\w-]+):", text) if name not in read}
        names = "|".join(sorted(unread, key=len, reverse=True))
        shorter = re.sub(rf"(?<![\w-])({names}):[^;{{}}]*(?:;|(?=}}))", "", text)
        shorter = re.sub(r"[^{}]+\{\}", "", shorter) if unread else text
        if shorter == text:
            return text
        text = shorter


USED = used()

if __name__ == "__main__":
    main(*sys.argv[1:])
