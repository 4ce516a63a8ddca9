"""Charts drawn on the server as SVG, with a title and a description. Show the same numbers in a table too."""

from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from catalog import money

register = template.Library()

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 84, 12, 12, 26
STEPS = (1, 2, 2.5, 5, 10)


@register.simple_tag
def sparkline(values, title):
    """A small line without axes; `values` are numbers, oldest first. Fewer than two points draw nothing."""
    values = [float(value) for value in values if value is not None]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1
    across = 116 / (len(values) - 1)
    heights = (3 + 22 * (high - value) / spread for value in values)
    points = " ".join(f"{2 + across * at:.1f},{height:.1f}" for at, height in enumerate(heights))
    return format_html(
        '<svg class="sparkline" viewBox="0 0 120 28" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline class="chart-line" points="{}"/></svg>', title, points)


@register.simple_tag
def line_chart(points, title, currency="", mark=None):
    """A line over time. `points` are (instant, amount) pairs, oldest first; `mark` draws a dashed level."""
    points = [(at, float(amount)) for at, amount in points if amount is not None]
    if len(points) < 2:
        return ""
    levels = _levels([amount for _, amount in points] + ([float(mark)] if mark is not None else []))
    x, y = _scales(points, levels)
    line = " ".join(f"{x(at):.1f},{y(amount):.1f}" for at, amount in points)
    floor = y(max(levels[0], min(0, levels[-1])))
    area = f"{x(points[0][0]):.1f},{floor:.1f} {line} {x(points[-1][0]):.1f},{floor:.1f}"
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title><desc>{}</desc>'
        '{}<polygon class="chart-area" points="{}"/><polyline class="chart-line" points="{}"/>{}{}</svg>',
        WIDTH, HEIGHT, title, title, _description(points, currency), _grid(levels, y, currency), area, line,
        _mark(mark, y), _times(points, x))


def _levels(amounts):
    """Three to six round levels that enclose `amounts`; zero is among them when the amounts reach it."""
    low, high = min(amounts), max(amounts)
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    rough = (high - low) / 4
    scale = 10.0 ** len(f"{int(rough)}") / 10 if rough >= 1 else 10.0 ** -len(f"{int(1 / rough)}")
    step = next(step * scale for step in STEPS if step * scale >= rough)
    first, last = int(low // step), int(-(-high // step))
    return [at * step for at in range(first, last + 1)]


def _scales(points, levels):
    start, end = points[0][0], points[-1][0]
    span = (end - start) / timedelta(seconds=1) or 1
    height = levels[-1] - levels[0]

    def x(at):
        return LEFT + (WIDTH - LEFT - RIGHT) * ((at - start) / timedelta(seconds=1)) / span

    def y(amount):
        return TOP + (HEIGHT - TOP - BOTTOM) * (levels[-1] - amount) / height

    return x, y


def _grid(levels, y, currency):
    places = 0 if levels[1] - levels[0] >= 1 else money.minor_units(currency)
    line = '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>'
    return format_html_join("", line, (
        ("chart-grid" if level else "chart-zero", LEFT, WIDTH - RIGHT, f"{y(level):.1f}", f"{y(level):.1f}",
         LEFT - 8, f"{y(level) + 4:.1f}", f"{level:,.{places}f}".replace("-", "−")) for level in levels))


def _mark(mark, y):
    if mark is None:
        return ""
    line, height = '<line class="chart-mark" x1="{}" x2="{}" y1="{}" y2="{}"/>', f"{y(float(mark)):.1f}"
    return format_html(line, LEFT, WIDTH - RIGHT, height, height)


def _times(points, x):
    """First, middle and last instant below the line, as dates when they span more than two days."""
    start, end = points[0][0], points[-1][0]
    style = "j M" if end - start > timedelta(days=2) else "H:i"
    marks = ((start, "start"), (start + (end - start) / 2, "middle"), (end, "end"))
    return format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', (
        (f"{x(at):.1f}", HEIGHT - 8, anchor, date_format(timezone.localtime(at), style)) for at, anchor in marks))


def _description(points, currency):
    amounts = [amount for _, amount in points]
    places = money.minor_units(currency)
    told = (min(amounts), max(amounts), amounts[-1])
    lowest, highest, last = (f"{amount:,.{places}f} {currency}".strip() for amount in told)
    return f"{len(points)} readings; lowest {lowest}, highest {highest}, latest {last}."
