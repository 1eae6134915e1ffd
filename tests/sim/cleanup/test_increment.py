"""Sums of zero-inflated Gamma days: against closed forms and draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv

from sim.cleanup.increment import Quantiles, beyond, chance_within, upper_quantile


def one(value):
    return np.array([value], float)


def test_exponential_amounts_have_no_memory():
    # Shape 1 is the exponential: the mean beyond any bound is the bound and one mean, the variance stays one mean squared.
    for bound in (0.0, 0.4, 3.0, 900.0):
        first, second = beyond(one(bound), one(0.5), one(0.0), one(1.0))
        assert first[0] == pytest.approx(bound + 0.5, rel=1e-3)
        if bound < 100:
            assert second[0] - first[0] ** 2 == pytest.approx(0.25)


def test_moments_beyond_nothing_are_those_of_the_amounts():
    first, second = beyond(one(0.0), one(0.12), one(0.4), one(2.0))
    assert first[0] == pytest.approx(0.2)
    assert second[0] - first[0] ** 2 == pytest.approx(0.2**2 / 2)


def test_an_exponential_week_is_an_erlang_sum():
    # P(Erlang(2) <= x) = 1 - exp(-x) (1 + x).
    assert chance_within(one(1.5), 2, one(1.0), one(0.0), one(1.0))[0] == pytest.approx(1 - np.exp(-1.5) * 2.5)


def test_empty_days_only_leave_everything_as_it_is():
    assert chance_within(one(0.0), 3, one(0.2), one(0.5), one(1.0))[0] == pytest.approx(0.5**3)
    assert chance_within(one(-0.01), 3, one(0.2), one(0.5), one(1.0))[0] == 0.0


def test_sums_over_days_have_the_share_of_draws():
    rng = np.random.default_rng(1)
    amount = rng.gamma(1.7, 0.2 / (0.6 * 1.7), (200_000, 5)) * (rng.random((200_000, 5)) >= 0.4)
    drawn = (amount.sum(axis=1) <= 1.2).mean()
    assert chance_within(one(1.2), 5, one(0.2), one(0.4), one(1.7))[0] == pytest.approx(drawn, abs=0.004)


@given(st.floats(0.01, 0.5), st.integers(1, 6), st.floats(0, 0.9), st.floats(0.3, 20))
def test_a_quantile_is_exceeded_with_its_probability(chance, days, zero, shape):
    found = upper_quantile(chance, days, one(zero), one(shape))
    exceeds = 1.0 - chance_within(found, days, one(1.0), one(zero), one(shape))[0]
    assert exceeds <= chance + 1e-6
    if found[0] > 1e-6:  # else the bin is empty with more than the probability asked for
        assert exceeds == pytest.approx(chance, abs=1e-6)


def test_the_table_of_quantiles_is_as_good_as_quantiles_one_by_one():
    shape = np.array([0.3, 1.0, 5 / 3, 20.0])
    chance = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 100_001), [1e-15, 1 / 64, 63 / 64, 1 - 1e-12]])
    for row in range(len(shape)):
        found = Quantiles(shape).at(chance, np.full(len(chance), row, np.int32))
        assert np.abs(found - gammaincinv(shape[row], chance) / shape[row]).max() < 1e-4
