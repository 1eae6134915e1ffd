"""What the tags of OpenStreetMap say about a road: class, lanes, speed, direction, access.

Meaning of the keys: the OpenStreetMap wiki, pages Key:highway, Key:lanes, Key:maxspeed, Key:oneway, Key:access.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from twin.model.network import ROAD_CLASSES

Tags = Mapping[str, str]

KMH = 1 / 3.6
MPH = 0.44704
_CLASS = {item.name: item for item in ROAD_CLASSES}


@dataclass(frozen=True, slots=True)
class Highway:
    """What a value of ``highway`` means; ``lanes`` is for one direction, ``capacity_vph`` for one lane."""

    road_class: str
    lanes: float
    speed_mps: float
    capacity_vph: float


def _of_class(name: str) -> Highway:
    item = _CLASS[name]
    return Highway(name, item.lanes, item.speed_mps, item.capacity_vph)


# Ramps carry less and are driven slower than the road they lead to (Highway Capacity Manual, chapter 14).
HIGHWAYS: Mapping[str, Highway] = {
    **{name: _of_class(name) for name in _CLASS},
    "motorway_link": Highway("motorway", 1, 60 * KMH, 1500),
    "trunk_link": Highway("trunk", 1, 50 * KMH, 1400),
    "primary_link": Highway("primary", 1, 40 * KMH, 900),
    "secondary_link": Highway("secondary", 1, 40 * KMH, 800),
    "tertiary_link": Highway("tertiary", 1, 30 * KMH, 700),
    "unclassified": Highway("residential", 1, 40 * KMH, 700),
    "living_street": Highway("residential", 1, 15 * KMH, 300),
    "road": Highway("service", 1, 20 * KMH, 300),  # of unknown class: nobody should be led through it
}

_IMPLIED = {
    "motorway": 120,
    "motorroad": 100,
    "trunk": 100,
    "rural": 90,
    "urban": 50,
    "nsl_single": 60 / 0.621371,
    "nsl_dual": 70 / 0.621371,
    "nsl_restricted": 30 / 0.621371,
    "living_street": 20,
    "bicycle_road": 30,
    "school_zone": 30,
    "residential": 50,
}
# Urban limits that are not 50 km/h.
_URBAN_KMH = {"RU": 60, "BY": 60, "KZ": 60, "GB": 48.28, "UK": 48.28, "BR": 60, "KR": 50, "JP": 60, "IN": 50}
_RURAL_KMH = {"DE": 100, "AT": 100, "CH": 80, "SE": 70, "NL": 80, "DK": 80, "NO": 80, "FI": 80, "FR": 80, "CN": 70}
_MOTORWAY_KMH = {"DE": 130, "AT": 130, "FR": 130, "IT": 130, "RU": 110, "GB": 112.65, "DK": 130, "PL": 140, "SE": 110}
_BY_COUNTRY: Mapping[str, Mapping[str, float]] = {"urban": _URBAN_KMH, "rural": _RURAL_KMH, "motorway": _MOTORWAY_KMH}
_NUMBER = re.compile(r"^(\d+(?:[.,]\d+)?)\s*(km/?h|kph|kmh|mph|knots)?$", re.IGNORECASE)
_ZONE = re.compile(r"zone[:_ ]?(\d+)")


def speed_mps(text: str) -> float | None:
    """Return the speed that a value of ``maxspeed`` names, m/s; None when it names none.

    Understands numbers with km/h and mph, 'walk', 'none', and implied limits such as 'RU:urban' and 'DE:zone:30'.
    """
    text = text.split(";", maxsplit=1)[0].split("|", maxsplit=1)[0].strip()
    if match := _NUMBER.match(text):
        number = float(match[1].replace(",", "."))
        unit = (match[2] or "").lower()
        speed = number * {"mph": MPH, "knots": 0.514444}.get(unit, KMH)
    elif text in {"walk", "none"}:
        speed = (7 if text == "walk" else 130) * KMH
    else:
        speed = _implied_mps(text) or 0.0
    return speed if 0.5 <= speed <= 60 else None


def _implied_mps(text: str) -> float | None:
    country, colon, zone = text.partition(":")
    if not colon or len(country) > 3:
        country, zone = "", text
    if match := _ZONE.search(zone):
        return float(match[1]) * (MPH if country in {"GB", "UK", "US"} else KMH)
    if zone.isdecimal():
        return float(zone) * KMH
    kmh = _BY_COUNTRY.get(zone, {}).get(country, _IMPLIED.get(zone))
    return None if kmh is None else kmh * KMH


def number(text: str | None) -> float | None:
    """Return the first number in a tag's value, or None."""
    if text is None:
        return None
    match = re.match(r"^\s*[+~]?(-?\d+(?:[.,]\d+)?)", text)
    return float(match[1].replace(",", ".")) if match else None


def length_m(text: str | None) -> float | None:
    """Return a length in metres: '12', '12 m', '40 ft', 6'7", or None."""
    value = number(text)
    if value is None or text is None:
        return None
    if "ft" in text or "feet" in text or "'" in text:
        return value * 0.3048
    return value * 1000.0 if "km" in text else value


def directions(tags: Tags) -> tuple[bool, bool]:
    """Return whether a road may be driven along its line and against it."""
    oneway = tags.get("oneway:motor_vehicle") or tags.get("oneway", "")
    if oneway in {"yes", "true", "1"}:
        return True, False
    if oneway in {"-1", "reverse"}:
        return False, True
    if oneway in {"no", "false", "0", "reversible", "alternating"}:
        return True, True
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    return True, not implied


_SHUT = frozenset({"no", "agricultural", "forestry", "emergency", "bus", "psv", "military", "bicycle", "foot"})
_PRIVATE = frozenset({"private", "permit", "residents", "employees", "members", "staff"})


def access(tags: Tags) -> str:
    """Return 'open', 'private' or 'closed' for a car: the most specific key decides."""
    for key in ("motorcar", "motor_vehicle", "vehicle", "access"):
        value = tags.get(key)
        if value:
            return "closed" if value in _SHUT else "private" if value in _PRIVATE else "open"
    return "open"


def lanes(tags: Tags, highway: Highway, *, forward: bool, backward: bool) -> tuple[float, float]:
    """Return the lanes along a road's line and against it; 0 where it may not be driven.

    Half a lane each is a road of one lane that both directions share.
    """
    total = number(tags.get("lanes"))
    along, against = number(tags.get("lanes:forward")), number(tags.get("lanes:backward"))
    if not (forward and backward):
        one = (along if forward else against) or total or highway.lanes
        return (_lane_limits(one), 0.0) if forward else (0.0, _lane_limits(one))
    if total is not None:
        shared = number(tags.get("lanes:both_ways")) or 0.0
        if along is None and against is not None:
            along = total - against - shared
        elif against is None and along is not None:
            against = total - along - shared
        elif along is None:
            along = against = (total - shared) / 2.0
    return _lane_limits(along or highway.lanes), _lane_limits(against or highway.lanes)


def _lane_limits(count: float) -> float:
    return min(16.0, max(0.5, count))


_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WORDS = {"NORTH": "N", "EAST": "E", "SOUTH": "S", "WEST": "W"}


def direction_deg(text: str | None) -> float | None:
    """Return a direction clockwise from north: '270', '270°', 'NNW', 'west', '90-180' (its middle); None otherwise."""
    if not text:
        return None
    text = text.split(";")[0].strip().upper().rstrip("°")
    text = _WORDS.get(text, text)
    if text in _COMPASS:
        return _COMPASS.index(text) * 22.5
    if match := re.match(r"^(-?\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)$", text):
        start, end = float(match[1]), float(match[2])
        return (start + ((end - start) % 360.0) / 2.0) % 360.0
    try:
        value = float(text)
    except ValueError:
        return None
    return value % 360.0 if -360.0 <= value <= 720.0 else None


def names(tags: Tags) -> tuple[str, str]:
    """Return the local name and the English one; '' where there is none."""
    english = tags.get("name:en") or tags.get("int_name", "")
    return tags.get("name") or tags.get("name:zh") or tags.get("official_name", ""), english
