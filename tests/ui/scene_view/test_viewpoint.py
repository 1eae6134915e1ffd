"""Metres to pixels and back, by closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.scene_view.viewpoint import FIELD_OF_VIEW_DEG, MOST_TILT_DEG, Viewpoint, overview

SIZE = (800.0, 600.0)
VIEWPOINTS = st.builds(
    Viewpoint,
    st.floats(-5000, 5000),
    st.floats(-5000, 5000),
    st.floats(0, 500),
    st.floats(50, 50_000),
    st.floats(0, 359.9),
    st.floats(0, MOST_TILT_DEG),
)


@given(VIEWPOINTS)
def test_the_middle_of_the_view_is_where_it_looks(viewpoint):
    px, depth = viewpoint.project(np.array([[viewpoint.x_m, viewpoint.y_m, viewpoint.z_m]]), SIZE)
    assert px[0] == pytest.approx((400, 300), abs=1e-4)
    assert depth[0] == pytest.approx(viewpoint.distance_m)


@given(VIEWPOINTS, st.floats(0, 800), st.floats(0, 600))
def test_a_pixel_comes_back_from_its_ground(viewpoint, x, y):
    at = viewpoint.ground_at(x, y, SIZE)
    if at is None:
        return
    px, _ = viewpoint.project(np.array([[*at, viewpoint.z_m]]), SIZE)
    assert px[0] == pytest.approx((x, y), abs=1e-2)


@given(VIEWPOINTS, st.floats(0.3, 3), st.floats(0, 800), st.floats(200, 600))
def test_zooming_keeps_the_pixel_it_zooms_about(viewpoint, factor, x, y):
    at = viewpoint.ground_at(x, y, SIZE)
    if at is None:
        return
    px, _ = viewpoint.zoomed(factor, at).project(np.array([[*at, viewpoint.z_m]]), SIZE)
    assert px[0] == pytest.approx((x, y), abs=0.05)


def test_a_plan_has_one_scale_and_north_up():
    plan = Viewpoint(distance_m=1000, tilt_deg=0)
    metres = 2 * 1000 * math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))
    assert plan.pixel_m(600) == pytest.approx(metres / 600)
    px, _ = plan.project(np.array([[0, metres / 2, 0], [metres / 2, 0, 0]]), SIZE)
    assert px == pytest.approx(np.array([[400, 0], [700, 300]]))


def test_looking_east_the_east_is_up():
    px, _ = Viewpoint(distance_m=1000, tilt_deg=0, heading_deg=90).project(np.array([[100.0, 0, 0]]), SIZE)
    assert px[0, 0] == pytest.approx(400)
    assert px[0, 1] < 300


def test_there_is_no_ground_above_the_horizon():
    assert Viewpoint(tilt_deg=80).ground_at(400, 0, SIZE) is None


def test_tilt_and_distance_have_limits():
    assert Viewpoint().orbited(0, 500).tilt_deg == MOST_TILT_DEG
    assert Viewpoint().orbited(-30, -500).tilt_deg == 0
    assert Viewpoint().zoomed(1e-9).distance_m == 25
    assert Viewpoint(heading_deg=350).orbited(20, 0).heading_deg == pytest.approx(10)


def test_a_flight_begins_and_ends_where_it_should_and_turns_the_short_way():
    start, end = Viewpoint(heading_deg=350, distance_m=100), Viewpoint(10, 20, 0, 10_000, 10, 0)
    assert start.toward(end, 0) == start
    assert start.toward(end, 1) == end
    middle = start.toward(end, 0.5)
    assert middle.heading_deg % 360 == pytest.approx(0, abs=1e-9)
    assert middle.distance_m == pytest.approx(1000)


@given(st.floats(-1e4, 1e4), st.floats(10, 2e4), st.floats(10, 2e4), st.floats(0, 70), st.floats(0, 359))
def test_the_overview_holds_the_whole_rectangle_and_no_more(x, width, height, tilt, heading):
    bounds = (x, -x, x + width, -x + height)
    viewpoint = overview(bounds, SIZE, heading_deg=heading, tilt_deg=tilt)
    corners = np.array([(a, b, 0.0) for a in (bounds[0], bounds[2]) for b in (bounds[1], bounds[3])])
    px, depth = viewpoint.project(corners, SIZE)
    assert (depth > 0).all()
    share = np.abs(px / SIZE - 0.5).max()
    assert share <= 0.4701
    assert share > 0.4 or viewpoint.distance_m < 26
