from __future__ import annotations

import numpy as np
import pytest

from sim.travel import gravity as model
from twin.task import finish

COST = np.array([[3.0, 11, 18, 22], [12, 3, 13, 19], [15.5, 13, 5, 7], [24, 18, 8, 5]])
PRODUCTION = np.array([400.0, 460, 400, 702])
ATTRACTION = np.array([260.0, 400, 500, 802])


def gravity(*values):
    return finish(model.gravity(*values))


def balance(*values):
    return finish(model.balance(*values))


def fit_beta(*values):
    return finish(model.fit_beta(*values))


def test_two_alike_zones_split_by_the_logit_of_their_costs():
    # By symmetry a and b are equal, so that T_ii / T_ij = exp(-beta (c_ii - c_ij)).
    trips = gravity(np.array([[2.0, 12.0], [12.0, 2.0]]), np.array([100.0, 100.0]), np.array([100.0, 100.0]), 0.1)
    near = 100.0 / (1.0 + np.exp(-1.0))
    assert trips == pytest.approx(np.array([[near, 100.0 - near], [100.0 - near, near]]))


def test_rows_and_columns_are_kept():
    trips = gravity(COST, PRODUCTION, ATTRACTION, 0.2)
    assert trips.sum(axis=1) == pytest.approx(PRODUCTION)
    assert trips.sum(axis=0) == pytest.approx(ATTRACTION)


def test_attractions_are_scaled_to_the_productions():
    assert balance(np.ones((4, 4)), PRODUCTION, 3 * ATTRACTION).sum() == pytest.approx(PRODUCTION.sum())


def test_without_deterrence_trips_are_proportional():
    trips = gravity(COST, PRODUCTION, ATTRACTION, 0.0)
    assert trips == pytest.approx(np.outer(PRODUCTION, ATTRACTION) / ATTRACTION.sum())


@pytest.mark.parametrize("beta", [0.01, 0.1, 0.5])
def test_the_beta_of_a_mean_cost_is_found_again(beta):
    trips = gravity(COST, PRODUCTION, ATTRACTION, beta)
    found, again = fit_beta(COST, PRODUCTION, ATTRACTION, float((trips * COST).sum() / trips.sum()))
    assert found == pytest.approx(beta, rel=1e-3)
    assert again == pytest.approx(trips, rel=1e-2)


def test_a_mean_beyond_reach_gives_no_deterrence():
    assert fit_beta(COST, PRODUCTION, ATTRACTION, 100.0)[0] == 0.0


def test_zones_without_trips_stay_empty():
    trips = gravity(COST, PRODUCTION * (1, 0, 1, 1), ATTRACTION * (1, 1, 0, 1), 0.1)
    assert not trips[1].any()
    assert not trips[:, 2].any()
    assert np.isfinite(trips).all()
