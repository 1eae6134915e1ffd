"""What is known of bins: readings with errors, dead sensors, and what is expected since the last visit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.cleanup.draws import key_of, words_of
from sim.cleanup.params import CleanupParams
from sim.cleanup.sensing import ASSUMED_START, Belief, Sensors, draw_sensors

COUNT = 20_000
WORDS = words_of(np.array([f"b{row}" for row in range(COUNT)]))
FULL_L = np.full(COUNT, 200.0)


def test_readings_err_by_the_deviation_and_stay_between_empty_and_full():
    sensors = Sensors(np.ones(COUNT, bool), 0.05, WORDS, FULL_L)
    level = sensors.read_l(np.full(COUNT, 100.0), key_of(1)) / 200.0
    assert level.mean() == pytest.approx(0.5, abs=0.002)
    assert level.std() == pytest.approx(0.05, rel=0.03)
    assert sensors.read_l(np.full(COUNT, 300.0), key_of(1)).max() == 200.0
    assert sensors.read_l(np.zeros(COUNT), key_of(1)).min() == 0.0


def test_shares_of_sensors_and_of_dead_ones_are_kept_and_the_same_for_every_policy():
    params = CleanupParams(sensor_share=0.6, dead_sensor_share=0.25)
    sensors = draw_sensors(WORDS, FULL_L, params, 1, 0)
    assert sensors.works.mean() == pytest.approx(0.45, abs=0.02)
    np.testing.assert_array_equal(sensors.works, draw_sensors(WORDS, FULL_L, params, 1, 0).works)
    assert (sensors.works != draw_sensors(WORDS, FULL_L, params, 1, 1).works).any()


def test_a_bin_without_sensor_is_known_from_its_last_visit_and_what_is_expected():
    works = np.arange(COUNT) > 0
    belief = Belief(Sensors(works, 0.0, WORDS, FULL_L))
    assert belief.held_l[0] == ASSUMED_START * 200.0
    for day in range(3):
        belief.look(np.full(COUNT, 150.0), 1, 0, day)
        belief.pass_day(np.full(COUNT, 20.0))
    assert belief.held_l[0] == ASSUMED_START * 200.0 + 60.0
    assert belief.held_l[1] == 170.0
    assert belief.age_days[:2].tolist() == [3, 1]
    belief.empty(np.array([0]), np.zeros(1))
    assert belief.held_l[0] == 0.0
    assert belief.age_days[0] == 0
