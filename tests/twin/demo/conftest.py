"""One demo city for all tests of it."""

from __future__ import annotations

import pytest

from twin.demo import build_demo
from twin.demo.city import draw_city
from twin.demo.plan import PROJECTION
from twin.task import finish


@pytest.fixture(scope="session")
def city():
    return finish(draw_city(1))


@pytest.fixture(scope="session")
def in_metres(city):
    """Return the geometries of a kind in metres."""

    def geometries(kind):
        import numpy as np

        return PROJECTION.geometries_to_xy(np.array([entity.geometry for entity in city.of_kind(kind)], dtype=object))

    return geometries


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return finish(build_demo(tmp_path_factory.mktemp("demo") / "city.twin", seed=1))
