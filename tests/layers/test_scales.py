"""Colours from numbers: classes, ramps that can be told apart, legends that say what is painted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import scales
from layers.colours import meaning, palette, rgba, theme, themes
from twin.model.grade import GRADES
from twin.model.results import Measure

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


def lightness(colours):
    return scales._to_oklab(np.asarray(colours)[:, :3] / 255.0)[:, 0]


@pytest.mark.parametrize("name", scales.RAMPS)
@pytest.mark.parametrize("dark", [True, False])
def test_a_ramp_runs_one_way_in_lightness_and_ends_far_from_its_ground(name, dark):
    light = lightness(scales.table(name, dark=dark))
    steps = np.diff(light)
    assert (steps > -0.004).all() if dark else (steps < 0.004).all()
    ground = lightness(palette([theme(dark=dark)["ground"]]))[0]
    assert abs(light[-1] - ground) > 0.45


def test_a_ramp_passes_through_its_first_and_last_point():
    table = scales.table("heat", dark=True)
    points = palette(scales.ramp_points()["heat_dark"])
    assert table[0].tolist() == points[0].tolist()
    assert table[-1].tolist() == points[-1].tolist()
    assert table.shape == (256, 4)


def test_a_linear_scale_gives_ends_and_grey_for_nothing():
    scale = scales.linear(np.array([0.0, 10.0]), start=0.0)
    low, high, missing = scale.rgba(np.array([-5.0, 50.0, np.nan]))
    assert low.tolist() == scale.colours[0].tolist()
    assert high.tolist() == scale.colours[-1].tolist()
    assert tuple(missing.tolist()) == scales.MISSING


def test_quantile_classes_hold_equally_many():
    values = np.random.default_rng(3).lognormal(size=6000)
    scale = scales.quantile(values, classes=6)
    counts = np.bincount(scale.classes(values), minlength=6)
    assert counts.max() - counts.min() <= 2


def test_quantiles_of_one_value_make_one_class():
    scale = scales.quantile(np.full(9, 4.0))
    assert len(scale.colours) == 1
    assert len(scale.entries()) == 1


@given(
    st.lists(FINITE, min_size=1, max_size=40), st.floats(0, 100, allow_subnormal=False)
)  # 0.999 of the least subnormal is itself
def test_a_diverging_scale_is_symmetric_and_calls_noise_nothing(values, noise):
    scale = scales.diverging(np.array(values), noise)
    assert scale.edges == pytest.approx(-scale.edges[::-1])
    assert (np.diff(scale.edges) > 0).all()
    middle = scale.classes(np.array([0.0, noise * 0.999, -noise * 0.999]))
    assert (middle == 3).all()


@given(st.lists(st.one_of(FINITE, st.just(float("nan"))), max_size=30))
def test_every_value_gets_a_colour_and_a_share(values):
    array = np.array(values, dtype=float)
    for scale in (scales.linear(array), scales.quantile(array), scales.diverging(array)):
        assert scale.rgba(array).shape == (len(array), 4)
        share = scale.fraction(array)
        assert ((share >= 0) & (share <= 1)).all()


def test_the_legend_paints_what_the_scale_paints():
    values = np.linspace(0, 100, 500)
    scale = scales.quantile(values, classes=5)
    painted = {tuple(row) for row in scale.rgba(values).tolist()}
    assert painted == {entry.rgba for entry in scale.entries()}
    assert scale.entries()[0].text == "80 … 100"


def test_grades_are_five_from_green_to_red():
    scale, entries = scales.grades(), scales.grade_entries()
    assert [entry.label for entry in entries] == [grade.label for grade in reversed(GRADES)]
    red, green = scale.rgba(np.array([4.0, 0.0]))
    assert red[0] > 180
    assert red[1] < 80
    assert green[1] > 130
    assert green[0] < 90


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234.5, "1,234"), (0.0123, "0.0123"), (99.96, "100"), (-5.5, "−5.5"), (2.0, "2")]
)
def test_numbers_have_three_digits(value, text):
    assert scales.number(value) == text


def test_both_themes_name_the_same_colours():
    def keys(table):
        return {name: keys(value) if isinstance(value, dict) else None for name, value in table.items()}

    assert keys(themes()["dark"]) == keys(themes()["light"])


def test_letters_can_be_read_on_their_panel():
    """WCAG 2.2 asks for a contrast of 4.5."""
    for dark in (True, False):
        colours = theme(dark=dark)
        assert contrast(colours["text"], colours["panel"]) > 7
        assert contrast(colours["text"], colours["halo"]) > 7


def contrast(one, other):
    def luminance(text):
        srgb = np.array(rgba(text)[:3]) / 255
        light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
        return float(light @ (0.2126, 0.7152, 0.0722))

    a, b = sorted((luminance(one), luminance(other)))
    return (b + 0.05) / (a + 0.05)


def test_waste_kinds_have_the_colours_of_their_bins():
    """GB/T 19095-2019: recyclable blue, food green, hazardous red, residual grey."""
    waste = {kind: rgba(text) for kind, text in meaning("waste").items()}
    assert np.argmax(waste["recyclable"][:3]) == 2
    assert np.argmax(waste["food"][:3]) == 1
    assert np.argmax(waste["hazardous"][:3]) == 0
    assert max(waste["residual"][:3]) - min(waste["residual"][:3]) < 25


def test_the_index_has_the_colours_of_its_grades():
    """GB/T 33171-2016: 0-2 unobstructed … 8-10 severe congestion."""
    painted = scales.index().rgba(np.array([0.0, 1.99, 2.0, 5.0, 8.89, 10.0]))
    graded = scales.grades().rgba(np.array([0.0, 0, 1, 2, 4, 4]))
    assert painted.tolist() == graded.tolist()
    assert scales.fixed(Measure("tpi_before", "TPI")) is not None
    assert scales.fixed(Measure("volume_vph", "Volume")) is None


def test_what_is_worse_is_warm_whether_it_is_more_or_less():
    values = np.array([-5.0, 0.0, 5.0])
    more, less = scales.diverging(values).rgba(values), scales.diverging(values, worse="lower").rgba(values)
    assert more[2].tolist() == less[0].tolist()
    assert more[0].tolist() == less[2].tolist()
    assert more[1].tolist() == less[1].tolist()
    red, _, blue, _ = more[2].tolist()
    assert red > blue


def test_a_measure_with_bands_is_shown_in_them():
    scale = scales.fixed(Measure("arrival_s", "Reached after", "s", bands=(0.0, 300.0, 900.0)))
    assert scale.classes(np.array([0.0, 299.0, 300.0, 900.0, 5000.0])).tolist() == [0, 0, 1, 1, 1]
    assert [entry.values for entry in scale.entries()] == [(300.0, 900.0), (0.0, 300.0)]
    brightness = scale.colours[:, :3].astype(float).sum(axis=1)
    assert brightness[0] > brightness[-1]  # what is near stands out on dark ground
