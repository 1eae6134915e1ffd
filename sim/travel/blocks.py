"""Lanes that an incident blocks for a while, as a model of one hour sees them."""

from __future__ import annotations

import numpy as np

from sim.travel.profile import HOUR_S
from twin.model.edits import BlockLanes
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot


def with_blocks(city: Snapshot, scenario: Scenario, hour: int) -> tuple[Snapshot, tuple[str, ...]]:
    """Return the city with the capacity that blocked lanes leave on the average of an hour (local, 0-23), and notes on it.

    Each block counts with the share of the hour that it lasts; one outside of it has no effect here.
    """
    blocks = scenario.edits_of(BlockLanes)
    if not blocks:
        return city, ()
    capacity, notes = city["link"]["capacity_vph"].astype(np.float64), []
    for block in blocks:
        lasts = _overlap_s(block, hour * HOUR_S) / HOUR_S
        capacity[block.rows(city)] *= 1.0 - lasts * (1.0 - block.share_left(city))
        notes.append(_note(block, hour, lasts))
    links = city["link"]
    return city.with_frame(links.with_values(links.ids, {"capacity_vph": capacity})), tuple(notes)


def _overlap_s(block: BlockLanes, start_s: float) -> float:
    return max(0.0, min(block.end_s, start_s + HOUR_S) - max(block.start_s, start_s))


def _note(block: BlockLanes, hour: int, lasts: float) -> str:
    start, end = (f"{round(at / 60.0) // 60:02d}:{round(at / 60.0) % 60:02d}" for at in (block.start_s, block.end_s))
    if lasts == 0.0:
        return (
            f"Lanes are blocked from {start} to {end}, outside the hour from {hour}:00: "
            "no effect here. The dynamic model tells what it does."
        )
    return (
        f"Lanes are blocked from {start} to {end}: their capacity is averaged over the hour from {hour}:00. "
        "The dynamic model tells how the queue grows and goes."
    )
