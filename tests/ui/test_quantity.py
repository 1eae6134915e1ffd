"""Numbers with units as people read them."""

from __future__ import annotations

import math

import pytest

from ui.language import set_language
from ui.quantity import display_for, interval, quantity, relative


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (10.0, "m/s", "36.0 km/h"),
        (90.0, "s", "90 s"),
        (600.5, "s", "10.0 min"),
        (36000.5, "s", "10.0 h"),
        (1234.5, "m", "1,234 m"),
        (12345.6, "m", "12.3 km"),
        (12345.0, "kg", "12.3 t"),
        (0.423, "ratio", "42.3%"),
        (45.0, "deg", "45°"),
        (1834.4, "veh/h", "1,834 veh/h"),
        (128, "", "128"),
        (0.01234, "", "0.0123"),
        (math.nan, "m", "–"),
        (None, "m", "–"),
    ],
)
def test_a_number_gets_the_unit_and_digits_of_its_size(value, unit, text):
    assert quantity(value, unit) == text


@pytest.mark.parametrize(("code", "name"), [("en", "Unobstructed"), ("zh_CN", "畅通")])
def test_a_grade_is_called_by_its_name(code, name):
    set_language(code)
    shown = display_for([0.0, 2.0], "grade")
    assert (shown.bare(0.0), shown.text(0.0), shown.unit_text) == (name, name, "")
    assert [shown.signed(value) for value in (2.0, -1.0, 0.0)] == ["+2", "−1", "0"]
    assert shown.bare(math.nan) == "–"
    assert display_for(1.4, "grade").bare(1.4) == "1.4"
    assert relative(1.0, "grade") == "–"


def test_what_was_typed_is_shown_exactly():
    assert quantity(30 / 3.6, "m/s", exact=True) == "30 km/h"
    assert quantity(3.5, "", exact=True) == "3.5"


def test_numbers_of_one_row_share_their_unit():
    display = display_for([50.0, 7200.0], "s")
    assert display.text(50.0) == "1 min"
    assert display.text(7200.0) == "120 min"
    assert display.signed(60.0) == "+1"
    assert display.signed(-60.0) == "−1"
    assert display.signed(0.001) == "0"


def test_relative_changes_and_intervals():
    assert relative(0.123) == "+12.3%"
    assert relative(-0.05) == "−5.0%"
    assert relative(None) == "–"
    assert interval(-1.0, 2.0, display_for([10.5], "")) == "−1.0 to +2.0"
    assert interval(-math.inf, math.inf, display_for([10.0], "")) == "–"


def test_units_are_translated():
    set_language("zh_CN")
    try:
        assert quantity(3.5, "m") == "3.50 米"
    finally:
        set_language("en")


def test_a_time_of_day_is_read_off_a_clock():
    shown = display_for([0.0, 27000.0], "hh:mm")
    assert [shown.text(value) for value in (0.0, 27000.0, 86400.0, math.nan)] == ["00:00", "07:30", "24:00", "–"]
    assert quantity(68400.0, "hh:mm", exact=True) == "19:00"
    assert (shown.signed(1800.0), shown.unit_text) == ("+30.0", "")
