"""Charts: drawn on the server, told in words too."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template

START = datetime(2026, 3, 4, tzinfo=UTC)


def chart(amounts, mark=None, currency="USD"):
    points = [(START + timedelta(hours=hour), Decimal(amount)) for hour, amount in enumerate(amounts)]
    return Template("{% load charts %}{% line_chart points 'Available' currency mark %}").render(
        Context({"points": points, "mark": mark, "currency": currency}))


def test_chart_tells_its_numbers_in_words():
    assert "3 readings; lowest -20.00 USD, highest 500.00 USD, latest -20.00 USD." in chart([500, 120, -20])


def test_chart_marks_zero_when_the_line_crosses_it():
    assert "chart-zero" in chart([500, 120, -20])
    assert "chart-zero" not in chart([500, 520, 510])


def test_chart_draws_the_threshold():
    assert "chart-mark" in chart([500, 120], mark=Decimal("200"))
    assert "chart-mark" not in chart([500, 120])


@pytest.mark.parametrize("amounts", [[0, 0], [5, 5, 5], ["0.001", "0.002"], [-3, -3], ["99999999", "1"], [1, "1.5"]])
def test_chart_takes_any_range(amounts):
    assert "<polyline" in chart(amounts)


def test_one_reading_is_no_line():
    assert chart([500]) == ""


def test_sparkline_has_a_name():
    shown = Template("{% load charts %}{% sparkline values 'Latency, last hour' %}").render(Context({"values": [3, 1, 2]}))

    assert 'aria-label="Latency, last hour"' in shown
    assert "<polyline" in shown
