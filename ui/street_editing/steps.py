"""What one click does to streets: one lane more, ten kilometres an hour less, closed or open, one way or both ways."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from twin.model.edits import CloseLinks, Edit, OpenLinks, SetDirection, SetLanes, SetSignal, SetSpeed
from twin.model.snapshot import Snapshot
from ui.street_editing.junctions import approaches, street_of

LEAST_LANES, MOST_LANES = 1.0, 16.0
STEP_KMH, LEAST_KMH, MOST_KMH = 10.0, 10.0, 200.0
STEP_CYCLE_S, LEAST_CYCLE_S, MOST_CYCLE_S = 10.0, 30.0, 240.0
STEP_GREEN, LEAST_GREEN, MOST_GREEN = 0.05, 0.1, 0.9
FIRST_CYCLE_S, FIRST_GREEN = 90.0, 0.45
"""What a signal of which nothing is known is taken to have when somebody begins to change it."""


@dataclass(frozen=True)
class Facts:
    """What streets are like now: the middle of several; ``is_mixed`` where they differ.

    ``direction`` is 'right', 'left' or 'both' as it is seen, '' where they differ or none is open.
    """

    lanes: float
    speed_kmh: float
    closed: bool
    direction: str
    is_mixed: bool


Right = tuple[float, float]
"""The direction on the plan (east, north) that is to the right as a street is seen."""

EAST: Right = (1.0, 0.0)


def facts(snapshot: Snapshot, keys: Iterable[str], right: Right = EAST) -> Facts | None:
    """Return what these links are like; None when there are none."""
    links = snapshot["link"]
    chosen = [key for key in keys if key in links.row_of]
    if not chosen:
        return None
    rows = links.rows(chosen)
    is_open = ~links["closed"][rows].astype(bool)
    counted = rows[is_open] if is_open.any() else rows  # a closed opposite direction says nothing of the street
    lanes, speed = links["lanes"][counted], links["free_flow_speed_mps"][counted] * 3.6
    ways = {_direction(snapshot, key, right) for key in leaders(snapshot, chosen)}
    return Facts(
        float(np.median(lanes)),
        float(np.median(speed)),
        not is_open.any(),
        ways.pop() if len(ways) == 1 else "",
        bool(np.ptp(lanes) > 0 or np.ptp(speed) > 0.5),
    )


def leaders(snapshot: Snapshot, keys: Iterable[str]) -> tuple[str, ...]:
    """Return one link for each street, the first that is named: a direction is seen along it."""
    links = snapshot["link"]
    seen: set[str] = set()
    found = []
    for key in keys:
        if key in links.row_of and key not in seen:
            seen.update(street_of(links, key))
            found.append(key)
    return tuple(found)


def _direction(snapshot: Snapshot, key: str, right: Right) -> str:
    links = snapshot["link"]
    is_open = [each for each in street_of(links, key) if not links["closed"][links.row_of[each]]]
    if len(is_open) == 2:
        return "both"
    return ("right" if _runs_right(snapshot, is_open[0], right) else "left") if is_open else ""


def _runs_right(snapshot: Snapshot, key: str, right: Right) -> bool:
    links = snapshot["link"]
    assert links.geometry is not None  # noqa: S101  links have lines
    (x0, y0), *_, (x1, y1) = links.geometry[links.row_of[key]].coords
    return bool((x1 - x0) * right[0] + (y1 - y0) * right[1] >= 0.0)


def more_lanes(snapshot: Snapshot, keys: tuple[str, ...], step: int) -> list[Edit]:
    """Return the edit that gives streets one lane more or less; none at the end of what there can be."""
    now = facts(snapshot, keys)
    if now is None:
        return []
    lanes = min(max(now.lanes + step, LEAST_LANES), MOST_LANES)
    return [SetLanes(target_ids=keys, lanes=lanes)] if lanes != now.lanes or now.is_mixed else []


def faster(snapshot: Snapshot, keys: tuple[str, ...], step: int) -> list[Edit]:
    """Return the edit that makes streets faster or slower, to the next ten kilometres an hour."""
    now = facts(snapshot, keys)
    if now is None:
        return []
    speed = min(max(_next(now.speed_kmh, STEP_KMH, step), LEAST_KMH), MOST_KMH)
    return [SetSpeed(target_ids=keys, speed_mps=speed / 3.6)] if abs(speed - now.speed_kmh) > 0.01 or now.is_mixed else []


def closed_or_open(snapshot: Snapshot, keys: tuple[str, ...]) -> list[Edit]:
    """Return the edit that closes streets, or opens them again where all are closed."""
    now = facts(snapshot, keys)
    if now is None:
        return []
    return [OpenLinks(target_ids=keys) if now.closed else CloseLinks(target_ids=keys)]


def directed(snapshot: Snapshot, keys: tuple[str, ...], direction: str, right: Right = EAST) -> list[Edit]:
    """Return the edits that let streets be driven to the 'right', to the 'left' or 'both' ways, as they are seen."""
    now = facts(snapshot, keys, right)
    if now is None or now.direction == direction:
        return []
    if direction == "both":
        return [SetDirection(target_ids=leaders(snapshot, keys), direction="both")]
    sides: dict[str, list[str]] = {}
    for key in leaders(snapshot, keys):
        goes = "right" if _runs_right(snapshot, key, right) else "left"
        sides.setdefault("with" if goes == direction else "against", []).append(key)
    return [SetDirection(target_ids=tuple(named), direction=way) for way, named in sides.items()]


@dataclass(frozen=True)
class Timing:
    """The timing of one signal: its cycle and the share of green of each approach; 0 where it is not known."""

    signal: bool
    cycle_s: float
    green: dict[str, float]


def timing(snapshot: Snapshot, node: str) -> Timing | None:
    """Return the timing of a junction's signal; None for a junction that is not there."""
    nodes, links = snapshot["node"], snapshot["link"]
    if node not in nodes.row_of:
        return None
    row = nodes.row_of[node]
    green = {key: float(np.nan_to_num(links["green_share"][links.row_of[key]])) for key in approaches(snapshot, node)}
    return Timing(bool(nodes["signal"][row]), float(np.nan_to_num(nodes["cycle_s"][row])), green)


def other_cycle(snapshot: Snapshot, node: str, step: int) -> list[Edit]:
    """Return the edits that make the cycle longer or shorter; the approaches keep their shares of green."""
    now = timing(snapshot, node)
    if now is None or not now.green:
        return []
    cycle = min(max(_next(now.cycle_s or FIRST_CYCLE_S, STEP_CYCLE_S, step), LEAST_CYCLE_S), MOST_CYCLE_S)
    return _signal_edits(now.green, cycle) if cycle != now.cycle_s else []


def other_green(snapshot: Snapshot, key: str, step: int) -> list[Edit]:
    """Return the edit that gives an approach more or less of the green."""
    links = snapshot["link"]
    now = timing(snapshot, str(links["head_id"][links.row_of[key]]))
    if now is None:
        return []
    share = now.green.get(key, 0.0)
    green = round(min(max(_next(share or FIRST_GREEN, STEP_GREEN, step), LEAST_GREEN), MOST_GREEN), 4)
    return [SetSignal(target_ids=(key,), cycle_s=now.cycle_s or FIRST_CYCLE_S, green_share=green)] if green != share else []


def signal_or_none(snapshot: Snapshot, node: str) -> list[Edit]:
    """Return the edits that take a junction's signal away, or give it one."""
    now = timing(snapshot, node)
    if now is None or not now.green:
        return []
    if now.signal:
        return [SetSignal(target_ids=tuple(now.green), signal=False)]
    return _signal_edits(now.green, now.cycle_s or FIRST_CYCLE_S)


def _signal_edits(green: dict[str, float], cycle_s: float) -> list[Edit]:
    """Return one edit for each share of green, so that a change of the cycle leaves the shares as they are."""
    by_share: dict[float, list[str]] = {}
    for key, share in green.items():
        by_share.setdefault(share or FIRST_GREEN, []).append(key)
    return [SetSignal(target_ids=tuple(keys), cycle_s=cycle_s, green_share=share) for share, keys in by_share.items()]


def _next(value: float, step: float, direction: int) -> float:
    """Return the next multiple of a step above or below a value."""
    place = value / step
    whole = math.floor(place + 1e-9) if direction > 0 else math.ceil(place - 1e-9)
    return (whole + direction) * step
