from __future__ import annotations

import numpy as np
import pytest

from twin.model.routing_instance import CapacityInstance


@pytest.fixture
def scattered():
    """Return a function that makes a problem of stops scattered at random."""

    def make(stops, capacity=10.0, seed=1, *, is_rounded=False):
        random = np.random.default_rng(seed)
        demand = np.concatenate([[0.0], random.integers(1, 5, stops).astype(float)])
        xy = random.random((stops + 1, 2)) * 1000.0
        return CapacityInstance(f"{stops} stops", xy, demand, capacity, is_rounded=is_rounded)

    return make
