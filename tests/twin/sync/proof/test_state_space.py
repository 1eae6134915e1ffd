"""Every state of a small world, of the real code, and that faults make some state break a promise."""

from __future__ import annotations

import pytest

from twin.sync.proof.mutants import planted
from twin.sync.proof.reference import ViolationError
from twin.sync.proof.state_space import Space


def test_no_state_breaks_a_promise():
    assert Space().explore() > 2_000


@pytest.mark.parametrize(
    "fault",
    ["the last one wins", "a removal looks at nothing", "unconfirmed work is not shown", "the removal of a row is not heard"],
)
def test_with_a_fault_some_state_does(fault):
    space = Space()
    with planted(fault), pytest.raises(ViolationError):
        space.explore()
