"""The simulated world: nothing is lost, doubled or overwritten unseen, whatever goes wrong; and its oracle notices faults."""

from __future__ import annotations

import pytest

from twin.sync.proof.mutants import MUTANTS, first_caught
from twin.sync.proof.world import ended, simulated

STEPS = 60
LOT = 25


@pytest.mark.parametrize("first", range(0, 500, LOT))
def test_every_promise_holds_in_every_world(first):
    for seed in range(first, first + LOT):
        simulated(seed, STEPS)


@pytest.mark.parametrize("seed", [2556])
def test_a_world_that_once_broke_holds(seed):
    """2556: own work that is sent again and lies on nothing, beside own work that lies on the same row."""
    simulated(seed, STEPS)


def test_the_worlds_are_not_calm():
    found = [simulated(seed, STEPS) for seed in range(40)]
    for name in ("actions", "crashes", "restores", "conflicts", "fills", "forks"):
        assert sum(getattr(counts, name) for counts in found) > 0, name


def test_a_seed_is_the_whole_schedule():
    assert simulated(7, STEPS) == simulated(7, STEPS)


@pytest.mark.parametrize("seed", [3, 4])
def test_the_power_may_be_cut_at_every_single_write(seed):
    places = ended(seed, 14)
    assert places > 40
    for place in range(1, places + 1):
        simulated(seed, 14, crash_at=place)


RARE = {  # what takes hundreds of worlds to show: packaging/simulate_sync --mutants looks that long
    "a device does not look at its hashes",
    "a page confirms what lies beyond it",
    "a fill forgets which rows are newer",
    "work is forgotten before it is in a backup",
}


@pytest.mark.parametrize("name", sorted(MUTANTS.keys() - RARE))
def test_a_fault_is_noticed(name):
    caught = first_caught(name, range(100), lambda seed: simulated(seed, STEPS))
    assert caught is not None
