"""The engine against answers known on paper and published ones; the README's table of accuracy is made of the same."""

from __future__ import annotations

import pytest

from sim.assignment.closed_form import CASES, PUBLISHED
from sim.case import Case
from twin.sources.tntp import read_tntp


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_is_known_on_paper_is_found(case):
    for told in case():
        assert told.found == pytest.approx(told.expected, abs=told.tolerance, rel=0), told.what


@pytest.mark.real_data
@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)
def test_published_optima_are_met(real_data, published):
    folder = real_data / "tntp" / published.folder
    stem = published.folder.replace("-", "")
    for told in published.cases(read_tntp(folder / f"{stem}_net.tntp", folder / f"{stem}_trips.tntp")):
        assert told.agrees, told


def test_a_case_agrees_within_its_tolerance_alone():
    assert Case("", 1.0, 1.1, 0.1000001, "").agrees
    assert not Case("", 1.0, 1.1, 0.09, "").agrees
    assert not Case("", 1.0, float("nan"), 1e9, "").agrees
