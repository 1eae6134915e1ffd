"""Queues: from the stop line back, as long as they are, and no longer than their road."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers import streets
from layers.base import Scene
from layers.ground import ground_of
from layers.queues import QueuesLayer, QueuesStyle
from tests.town import frame, hill, town
from twin.model.results import Measure, ResultTable


def table(*queues):
    ids = np.array([f"link-{i}" for i in range(len(queues))], dtype=object)
    return ResultTable("link", ids, {"queue_m": np.array(queues, float)}, (Measure("queue_m", "Queue", "m"),))


def mesh_of(queues, city=None):
    scene = Scene(city or town(), {"link": table(*queues)}, "queue_m")
    picture = QueuesLayer().encode(scene, QueuesStyle())
    return [m for level in picture.all_levels if level.is_shown(0.5, moving=False) for m in level.marks]


def test_a_queue_reaches_back_from_the_end_of_its_road():
    (mesh,) = mesh_of([120.0, 0.0, 0.0])
    assert mesh.xyz[:, 0].min() == pytest.approx(380.0, abs=0.01)
    assert mesh.xyz[:, 0].max() == pytest.approx(500.0, abs=0.01)
    assert (mesh.xyz[:, 1] < 0).all()  # eastwards: on the south side


def test_a_map_of_differences_has_no_queues():
    scene = Scene(town(), {"link": table(120.0, 0.0, 0.0)}, "queue_m_difference", diverging=True)
    picture = QueuesLayer().encode(scene, QueuesStyle())
    assert (picture.all_levels, picture.legend) == ((), None)


def test_a_queue_is_no_longer_than_its_road():
    (mesh,) = mesh_of([0.0, 0.0, 5000.0])
    assert (mesh.xyz[:, 1].min(), mesh.xyz[:, 1].max()) == pytest.approx((-400.0, 400.0), abs=0.01)


def test_short_queues_and_unknown_ones_are_not_drawn_but_the_legend_stays():
    scene = Scene(town(), {"link": table(1.0, np.nan, 0.0)}, "queue_m")
    picture = QueuesLayer().encode(scene, QueuesStyle())
    assert picture.all_levels == ()
    assert picture.legend is not None
    assert QueuesLayer().encode(Scene(town()), QueuesStyle()).legend is None


def test_queues_follow_the_ground():
    (mesh,) = mesh_of([300.0, 0.0, 0.0], city=town(terrain=hill()))
    assert mesh.xyz[:, 2].max() - mesh.xyz[:, 2].min() > 5.0


@given(
    st.lists(st.lists(st.floats(0.5, 200.0), min_size=1, max_size=5), min_size=1, max_size=6),
    st.data(),
)
def test_tails_have_the_length_that_was_asked_for(steps, data):
    lines = [shapely.LineString([(sum(line[:i]), 7.0 * k) for i in range(len(line) + 1)]) for k, line in enumerate(steps)]
    links = frame("link", lines)
    wanted = np.array([data.draw(st.floats(0.1, 600.0)) for _ in lines])
    xyz, offsets, _ = streets.points(links, np.arange(len(lines)), ground_of(town()), np.zeros(len(lines)))
    tail, cut, row = streets.tails(xyz, offsets, wanted)
    assert len(tail) == cut[-1] == len(row)
    for k, line in enumerate(lines):
        part = shapely.LineString(tail[cut[k] : cut[k + 1], :2])
        assert part.length == pytest.approx(min(wanted[k], line.length), rel=1e-6, abs=1e-4)
        assert part.coords[-1] == pytest.approx(line.coords[-1])
