"""The engine against answers known on paper."""

from __future__ import annotations

import pytest

from sim.kinematic_wave.closed_form import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_is_known_on_paper_is_found(case):
    for told in case():
        assert told.found == pytest.approx(told.expected, abs=told.tolerance, rel=0), told.what


def test_every_case_says_what_it_is_about_once():
    told = [item.what for case in CASES for item in case()]
    assert len(told) == len(set(told)) >= 15
