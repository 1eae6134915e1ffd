from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.travel import gbt33171
from twin.model.grade import GRADES


@pytest.mark.parametrize(("speed", "tpi"), [(60, 0.0), (42, 2.0), (30, 4.0), (24, 6.0), (18, 8.0), (10, 8.0 + 8 / 9), (0, 10.0)])
def test_worked_values_of_the_standard_at_a_free_speed_of_60(speed, tpi):
    dtp = np.array([1 - speed / 60])
    assert gbt33171.tpi_of_dtp(dtp)[0] == pytest.approx(tpi)


@pytest.mark.parametrize(("speed", "grade"), [(60, 0), (43, 0), (42, 1), (31, 1), (30, 2), (24, 3), (18, 4), (1, 4)])
def test_a_grade_begins_at_its_lower_bound(speed, grade):
    assert gbt33171.grade_of_dtp(np.array([1 - speed / 60]))[0] == grade


def test_dtp_and_tti_are_two_views_of_one_delay():
    dtp = gbt33171.dtp_of_times(np.array([100.0, 60.0, 0.0]), np.array([50.0, 60.0, 0.0]))
    assert dtp.tolist() == [0.5, 0.0, 0.0]
    assert gbt33171.tti_of_dtp(dtp).tolist() == [2.0, 1.0, 1.0]


def test_a_network_is_weighted_by_what_is_driven():
    assert gbt33171.network_dtp(np.array([0.6, 0.0]), np.array([1.0, 3.0])) == pytest.approx(0.15)
    assert gbt33171.network_dtp(np.zeros(2), np.zeros(2)) == 0.0


def test_the_grades_follow_each_other_without_a_gap():
    assert [grade.number for grade in GRADES] == [0, 1, 2, 3, 4]
    for lower, upper in pairwise(GRADES):
        assert (lower.dtp_to, lower.tpi_to) == (upper.dtp_from, upper.tpi_from)
    assert (GRADES[0].dtp_from, GRADES[-1].dtp_to, GRADES[-1].tpi_to) == (0, 1, 10)
