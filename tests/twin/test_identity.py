"""Keys: UUID version 7, strictly increasing, the same for the same clock and seed."""

from __future__ import annotations

import uuid
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from twin.identity import IdFactory


def test_keys_are_uuids_of_version_7_with_their_time():
    key = uuid.UUID(IdFactory(lambda: 0x0123456789AB, Random(1))())
    assert (key.version, key.variant, key.int >> 80) == (7, uuid.RFC_4122, 0x0123456789AB)


@given(st.lists(st.integers(0, 2**47), min_size=2, max_size=50))
def test_keys_increase_even_when_the_clock_goes_back(times):
    clock = iter(times)
    make = IdFactory(lambda: next(clock), Random(1))
    keys = [make() for _ in times]
    assert keys == sorted(set(keys))


def test_more_keys_than_a_millisecond_has_room_for():
    make = IdFactory(lambda: 5, Random(1))
    keys = [make() for _ in range(10_000)]
    assert keys == sorted(set(keys))


def test_the_same_clock_and_seed_give_the_same_keys():
    one, two, other = (IdFactory(lambda: 5, Random(seed)) for seed in (1, 1, 2))
    assert (one(), one()) == (two(), two())
    assert one() != other()
