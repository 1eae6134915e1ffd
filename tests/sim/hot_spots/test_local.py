"""Gi*, its probability and the false discovery rate, each against a reckoning of its own."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from scipy.sparse import csr_array

from sim.hot_spots.local import DRAWS, adjusted, chance_of, gi_star
from twin.task import finish


def ring(n, reach):
    near = np.zeros((n, n))
    for step in range(-reach, reach + 1):
        near[np.arange(n), (np.arange(n) + step) % n] = 1.0
    return csr_array(near)


def test_gi_star_is_the_published_equation():
    rng = np.random.default_rng(1)
    count = rng.poisson(2.0, 40).astype(float)
    near = (rng.random((40, 40)) < 0.15).astype(float)
    np.fill_diagonal(near, 1.0)
    mean, n = count.sum() / 40, 40
    spread = np.sqrt((count**2).sum() / n - mean**2)
    expected = [
        (near[i] @ count - near[i].sum() * mean) / (spread * np.sqrt((n * (near[i] ** 2).sum() - near[i].sum() ** 2) / (n - 1)))
        for i in range(n)
    ]
    np.testing.assert_allclose(gi_star(count, csr_array(near)), expected, rtol=1e-12)


def test_gi_star_has_mean_0_and_variance_1_over_all_deals():
    count, near = np.array([5.0, 1.0, 0.0, 2.0, 2.0, 9.0, 0.0]), ring(7, 1)
    rng = np.random.default_rng(2)
    dealt = np.array([gi_star(rng.permutation(count), near)[0] for _ in range(20_000)])
    assert abs(dealt.mean()) < 0.03
    assert dealt.var() == pytest.approx(1.0, rel=0.03)


def test_where_all_cells_are_alike_nothing_stands_out():
    assert not gi_star(np.full(12, 3.0), ring(12, 1)).any()
    assert gi_star(np.arange(5.0), csr_array(np.ones((5, 5)))).tolist() == [0.0] * 5


@pytest.mark.parametrize("reach", [1, 3])
def test_the_probability_is_that_of_all_hands_one_by_one(reach):
    count = np.array([0.0, 0, 1, 0, 4, 2, 0, 0, 1, 0, 3, 0])
    near = ring(12, reach)
    hands = np.array([sum(hand) for hand in combinations(count, 2 * reach + 1)])
    exact = np.array([(hands >= held).mean() for held in near @ count])
    error = 4.0 * np.sqrt(exact * (1 - exact) / DRAWS) + 1e-5
    assert (np.abs(finish(chance_of(count, near, 3)) - exact) < error).all()


def test_the_same_seed_deals_the_same_hands_and_the_least_probability_is_never_0():
    count = np.zeros(400)
    count[:5] = 50.0
    first, second = (finish(chance_of(count, ring(400, 2), 5)) for _ in range(2))
    assert first.tolist() == second.tolist()
    assert first.min() == 1.0 / (1.0 + DRAWS)


def test_the_adjusted_probability_is_the_known_one():
    chance = np.concatenate([np.random.default_rng(4).random(50), [0.0001, 0.0001, 0.002, 1.0]])
    np.testing.assert_allclose(adjusted(chance), scipy.stats.false_discovery_control(chance), rtol=1e-12)


def test_where_chance_alone_deals_hardly_anything_is_discovered():
    rng = np.random.default_rng(6)
    near = ring(600, 2)
    runs = 25
    fooled = sum(
        (adjusted(finish(chance_of(rng.poisson(0.4, 600).astype(float), near, run))) <= 0.05).any() for run in range(runs)
    )
    assert fooled <= scipy.stats.binom.ppf(0.999, runs, 0.05)


def test_the_normal_law_would_be_fooled_by_such_counts():
    rng = np.random.default_rng(6)
    near = ring(600, 2)
    fooled = sum(
        (adjusted(scipy.stats.norm.sf(gi_star(rng.poisson(0.05, 600).astype(float), near))) <= 0.05).any() for _ in range(60)
    )
    assert fooled > 30  # why the counts are dealt out instead
