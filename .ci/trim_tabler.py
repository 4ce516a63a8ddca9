"""Cut Tabler's style sheet down to the parts that Purser's pages may use: 79 kB gzipped become 26.

Run it only when Tabler itself is replaced. Pages use any class the result still holds; tests/look tells of one
that it does not.

    npm pack @tabler/core@1.6.1     (in a temporary folder, unpacked there)
    python .ci/trim_tabler.py package/dist/css/tabler.min.css config/static/vendor/tabler/tabler.css
"""

import re
import sys
from pathlib import Path

STATIC = Path(__file__).parent.parent / "config" / "static"
# A class is kept when its whole name matches; every class of a selector must be kept.
KEEP = re.compile(
    r"(container(-fluid)?|row(-cards|-deck)?|col(-(sm|md|lg))?(-(auto|\d+))?|g[xy]?(-(sm|md|lg))?-[0-5]"
    r"|card(-(header|title|subtitle|body|footer|table|sm|actions|options|link|stacked))?"
    r"|table(-(responsive|vcenter|sm|hover|striped|nowrap|active|danger|warning))?"
    r"|btn(-(primary|secondary|danger|success|warning|ghost-secondary|outline-\w+|link|icon|sm|lg|list|close|group|action))?"
    r"|form-(label|hint|control|control-sm|select|select-sm|text|check|check-input|check-label|check-inline|switch)"
    r"|form-(fieldset|help)"
    r"|input-(group|group-text|group-flat|icon|icon-addon)|is-(invalid|valid)|invalid-feedback|was-validated|required"
    r"|nav(-(item|link|tabs|pills|bordered|underline|fill|justified))?|active|disabled|show|fade|collapse|collapsed"
    r"|list-(group(-item|-item-action|-flush|-hoverable)?|unstyled|inline|inline-item|bordered|separated)"
    r"|alert(-(success|info|warning|danger|title|heading|link|icon|description|important))?"
    r"|progress(-(bar|sm|xs))?|page-(header|title|pretitle|body|link|item)|pagination|breadcrumb(-item)?"
    r"|steps|step-item|steps-(counter|vertical)|datagrid(-(item|title|content))?|timeline(-event\w*)?|markdown|subheader"
    r"|empty(-(icon|header|title|subtitle|action|img))?|icon(-(sm|md|lg|inline|tabler))?|hr|hr-text|lead|small|vr|kbd|h[1-6]"
    r"|d(-(sm|md|lg))?-(none|block|inline|inline-block|flex|inline-flex|grid|table-cell)|d-print-\w+"
    r"|flex(-(sm|md|lg))?-(row|column|wrap|nowrap|fill|grow-[01]|shrink-[01])"
    r"|(justify-content|align-items|align-self)(-(sm|md|lg))?-\w+|align-(top|middle|bottom|baseline)"
    r"|[mp][tbsexy]?(-(sm|md|lg))?-([0-6]|auto)|(row-|column-)?gap-[0-6]|space-[xy](-[0-5])?"
    r"|w-(25|50|75|100|auto|1|full)|h-(100|auto|full)|mw-100|order-(first|last|\d)"
    r"|text-(start|end|center|nowrap|wrap|break|truncate|uppercase|lowercase|capitalize|reset|decoration-none|body|muted"
    r"|secondary|primary|success|warning|danger|info|(sm|md|lg)-(start|end|center))"
    r"|bg-(body|transparent|surface|light)|fw-\w+|fs-\w+|fst-\w+|lh-\w+|font-monospace"
    r"|border(-(top|bottom|start|end)(-0)?|-0)?|rounded(-[0-3]|-pill|-circle)?|shadow-none|overflow-\w+"
    r"|position-(static|relative|absolute|sticky)|top-0|end-0|visually-hidden(-focusable)?|link-(secondary|primary|danger)"
    r"|spinner-border(-sm)?|placeholder(-(glow|xs|sm|lg))?|avatar|float-end|opacity-\d+|user-select-all|cursor-pointer)"
)
DROP_ATTRIBUTES = re.compile(
    r"data-(bs-)?theme-|data-theme|bs-navbar|data-bs-(toggle|popper|placement)|dir=|::-webkit-date")


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
    if DROP_ATTRIBUTES.search(selector):
        return False
    return all(KEEP.fullmatch(name) for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", selector))


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


if __name__ == "__main__":
    main(*sys.argv[1:])
