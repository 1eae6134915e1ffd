"""Check a day's rounds of waste collection, replayed on their own with nothing of the engine that made them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from twin.model.routing_instance import DEPOT, LANDFILL, STOP, WasteInstance

SLACK = 1e-6
NOON_S, ELEVEN_S = 12 * 3600.0, 11 * 3600.0
_FEET_PER_HOUR_AT_1_MPH = 5280.0


def way_miles(instance: WasteInstance, rounds: Sequence[Sequence[int]]) -> float:
    """Return the miles of rounds given as places between two depots, along the axes."""
    return sum(math.fsum(_feet(instance, a, b) for a, b in _legs(instance, way)) for way in rounds) / 5280.0


def waste_faults(instance: WasteInstance, rounds: Sequence[Sequence[int]]) -> list[str]:
    """Return what is wrong with rounds, empty if nothing is.

    A round names its stops and landfills in order. Every stop is served once, within its window; a vehicle
    carries no more than it may, on board, in a day and in stops; it unloads last of all; it leaves when the depot opens, is
    back before it closes, and somewhere before it drives on the crew starts lunch between 11:00 and 12:00.
    """
    kind = instance.kind
    served = Counter(place for way in rounds for place in way if 0 <= place < len(kind) and kind[place] == STOP)
    faults = [
        f"stop {stop} is served {served[stop]} times" for stop in range(len(kind)) if kind[stop] == STOP and served[stop] != 1
    ]
    for number, way in enumerate(rounds, 1):
        wrong = [place for place in way if not 0 <= place < len(kind) or kind[place] == DEPOT]
        found = [f"there is no stop or landfill {place}" for place in wrong] or _round_faults(instance, way)
        faults += [f"round {number}: {fault}" for fault in found]
    return faults


def _round_faults(instance: WasteInstance, way: Sequence[int]) -> list[str]:
    faults = []
    on_board = 0.0
    for place in way:
        on_board = 0.0 if instance.kind[place] == LANDFILL else on_board + float(instance.load[place])
        if on_board > instance.capacity + SLACK:
            faults.append(f"carries {on_board:g} of {instance.capacity:g} at place {place}")
    if not way or instance.kind[way[-1]] != LANDFILL:
        faults.append("does not unload last")
    stops = [place for place in way if instance.kind[place] == STOP]
    if sum(instance.load[stop] for stop in stops) > instance.day_capacity + SLACK:
        faults.append(f"takes more than {instance.day_capacity:g} in a day")
    if len(stops) > instance.day_stops:
        faults.append(f"has {len(stops)} stops of {instance.day_stops}")
    late = _late(instance, way, None)
    if late:
        faults.append(late)
    elif all(_late(instance, way, leg) for leg in range(len(way) + 1)):
        faults.append("has no time for lunch")
    return faults


def _late(instance: WasteInstance, way: Sequence[int], lunch_before: int | None) -> str:
    """Return where a round is late that has lunch before a leg (never: None), or nothing."""
    [depot] = [place for place in range(len(instance.kind)) if instance.kind[place] == DEPOT]
    time_s = float(instance.opens_s[depot])
    for leg, (here, there) in enumerate(_legs(instance, way)):
        if leg == lunch_before:
            time_s = max(time_s, ELEVEN_S)
            if time_s > NOON_S + SLACK:
                return "starts lunch after 12:00"
            time_s += instance.lunch_s
        time_s += _feet(instance, here, there) / (instance.speed_mph * _FEET_PER_HOUR_AT_1_MPH) * 3600.0
        time_s = max(time_s, float(instance.opens_s[there])) if there != depot else time_s
        if time_s > instance.closes_s[there] + SLACK:
            return f"is at place {there} after its window"
        time_s += float(instance.service_s[there])
    return ""


def _legs(instance: WasteInstance, way: Sequence[int]) -> list[tuple[int, int]]:
    [depot] = [place for place in range(len(instance.kind)) if instance.kind[place] == DEPOT]
    return list(zip([depot, *way], [*way, depot], strict=True))


def _feet(instance: WasteInstance, a: int, b: int) -> float:
    return float(abs(instance.xy_ft[a] - instance.xy_ft[b]).sum())
