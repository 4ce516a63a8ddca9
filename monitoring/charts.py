"""Charts as numbers: points of an SVG that a template draws, so they need no script and no inline style."""

from dataclasses import dataclass

WIDTH, HEIGHT = 600, 104
TOP, BOTTOM = 12, 100  # room for the words of the scale


@dataclass(frozen=True)
class LatencyChart:
    """`line` and `area` are SVG point lists in a box of WIDTH by HEIGHT; `marks` the heights of the scale's lines."""

    line: str
    area: str
    marks: tuple
    worst_ms: int
    width: int = WIDTH
    height: int = HEIGHT


def latency_chart(measured):
    """Chart of `(at, milliseconds or None)` in time order; None where fewer than two were measured."""
    known = [(position, value) for position, (_, value) in enumerate(measured) if value is not None]
    if len(known) < 2:
        return None
    worst = max(value for _, value in known)
    top = round_up(worst)
    points = [(round(position * WIDTH / (len(measured) - 1), 1), _height(value, top)) for position, value in known]
    line = " ".join(f"{x},{y}" for x, y in points)
    area = f"{points[0][0]},{BOTTOM} {line} {points[-1][0]},{BOTTOM}"
    return LatencyChart(line, area, tuple((_height(value, top), value) for value in (top, top // 2)), worst)


def round_up(value):
    """The next round number at or above `value`: 10, 20, 50, 100, 200, ..."""
    scale = 10
    while True:
        for step in (1, 2, 5):
            if value <= step * scale:
                return step * scale
        scale *= 10


def _height(value, top):
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)
