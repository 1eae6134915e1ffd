"""Count stations and their hourly traffic: morning and evening peaks, towards the centre and away from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.demo.makings import Makings
from twin.demo.network import LANES, Network, Street
from twin.demo.plan import LOCAL_OFFSET_S, NOW, generator
from twin.geo import FloatArray
from twin.model.entity import Entity
from twin.model.network import Counter

PLACES = {"motorway": 2, "trunk": 5, "primary": 11, "secondary": 7, "tertiary": 2}
"""How many places are counted by class of road; each has a station per direction."""

DAYS = 28
DAILY_PER_LANE = {"motorway": 11_000.0, "trunk": 11_500.0, "primary": 5_600.0, "secondary": 4_300.0, "tertiary": 2_600.0}
WEEKDAY = np.array([1.0, 0.99, 1.0, 1.01, 1.06, 0.88, 0.8])

# Share of a day's vehicles in each local hour: the base of both directions, and the peaks of the busy one.
BASE = np.array(
    [0.9, 0.5, 0.4, 0.4, 0.6, 1.3, 2.9, 4.9, 5.2, 5.1, 5.1, 5.2, 5.0, 4.9, 5.0, 5.2, 5.5, 6.0, 5.6, 4.9, 4.4, 3.7, 2.6, 1.6]
)
MORNING = np.exp(-0.5 * ((np.arange(24) - 7.6) / 0.8) ** 2)
EVENING = np.exp(-0.5 * ((np.arange(24) - 17.7) / 1.0) ** 2)


@dataclass(frozen=True)
class Station:
    """A direction of a street that is counted; ``inward`` is 1 towards the centre, -1 away from it."""

    street: Street
    link_id: str
    forward: bool
    inward: float

    @property
    def heading(self) -> FloatArray:
        """The unit vector of travel at the station."""
        ends = shapely.get_coordinates(self.street.line)[[0, -1]]
        step = ends[1] - ends[0] if self.forward else ends[0] - ends[1]
        return np.asarray(step / np.hypot(*step))

    @property
    def direction(self) -> str:
        """The compass direction of travel."""
        x, y = self.heading
        return "ENWS"[round(float(np.arctan2(y, x)) / (np.pi / 2)) % 4]


def choose_stations(network: Network, seed: int) -> list[Station]:
    """Choose the streets that are counted, spread over the city, both directions of each."""
    rng = generator(seed, "stations")
    stations: list[Station] = []
    middles = np.array([street.line.interpolate(0.5, normalized=True).coords[0] for street in network.streets])
    for road_class, wanted in PLACES.items():
        pool = [
            i for i, s in enumerate(network.streets) if s.way.road_class == road_class and s.backward_id and s.line.length > 60
        ]
        chosen: list[int] = []
        weight = np.array([2.5 if network.streets[i].bridge else 1.0 for i in pool]) * rng.random(len(pool))
        for i in (pool[j] for j in np.argsort(-weight, kind="stable")):
            if len(chosen) < wanted and all(np.hypot(*(middles[i] - middles[k])) > 450 for k in chosen):
                chosen.append(i)
        stations.extend(station for i in chosen for station in _both(network.streets[i], middles[i]))
    return stations


def _both(street: Street, middle: FloatArray) -> list[Station]:
    """Return the station of each direction."""
    found = []
    for link_id, forward in ((street.forward_id, True), (street.backward_id, False)):
        outward = Station(street, link_id, forward, 0.0).heading @ middle / max(np.hypot(*middle), 1.0)
        found.append(Station(street, link_id, forward, float(-np.clip(1.6 * outward, -1, 1))))
    return found


def counter_entities(makings: Makings, stations: list[Station]) -> list[Entity]:
    """Return the count stations as they are stored, each beside its own carriageway."""
    words = {"N": ("北", "northbound"), "E": ("东", "eastbound"), "S": ("南", "southbound"), "W": ("西", "westbound")}
    xy = np.array(
        [np.array(s.street.line.interpolate(0.5, normalized=True).coords[0]) + 6.0 * s.heading[::-1] * (1, -1) for s in stations]
    )
    columns = {
        "name": [f"{s.street.way.name.zh}往{words[s.direction][0]}" for s in stations],
        "name_en": [f"{s.street.way.name.en}, {words[s.direction][1]}" for s in stations],
        "link_id": [s.link_id for s in stations],
    }
    return makings.entities(Counter, shapely.points(xy), columns)


def draw_counts(stations: list[Station], ids: list[str], seed: int) -> dict[str, NDArray[np.generic] | NDArray[np.object_]]:
    """Return four weeks of hourly counts as columns of the history kind ``traffic_count``."""
    rng = generator(seed, "counts")
    hours = DAYS * 24
    now_s = int(NOW.timestamp())
    at_s = now_s - np.arange(hours, 0, -1) * 3600
    local = at_s + LOCAL_OFFSET_S
    hour, weekday = local // 3600 % 24, (local // 86_400 + 3) % 7
    weather = rng.normal(1.0, 0.03, DAYS + 2)[(local - local[0]) // 86_400]
    totals = np.array([_hourly(station, hour, weekday, rng) * weather for station in stations])
    totals = rng.poisson(totals * rng.gamma(160.0, 1 / 160.0, totals.shape))
    truck = np.where((hour < 6) | (hour > 21), 0.16, 0.06)
    parts = rng.multinomial(totals, np.column_stack([0.88 - truck, np.full(hours, 0.09), truck, np.full(hours, 0.03)]))
    return {
        "subject_id": np.repeat(np.array(ids, dtype=object), hours),
        "at": np.tile(at_s, len(stations)).astype("datetime64[s]"),
        "duration_s": np.full(totals.size, 3600.0),
        "direction": np.repeat(np.array([s.direction for s in stations], dtype=object), hours),
        **{name: parts[..., i].ravel().astype(float) for i, name in enumerate(("cars", "vans", "trucks", "buses"))},
        "total": totals.ravel().astype(float),
    }


def _hourly(station: Station, hour: NDArray[np.int64], weekday: NDArray[np.int64], rng: np.random.Generator) -> FloatArray:
    """Return the expected count of each hour."""
    road_class = station.street.way.road_class
    daily = DAILY_PER_LANE[road_class] * LANES[road_class] * rng.uniform(0.7, 1.15) * (1.2 if station.street.bridge else 1.0)
    work = weekday < 5
    inward, outward = max(station.inward, 0.0), max(-station.inward, 0.0)
    morning = (2.0 + 4.2 * inward + 0.6 * outward) * MORNING[hour]
    evening = (2.0 + 0.6 * inward + 3.8 * outward) * EVENING[hour]
    shape = BASE[hour] + np.where(work, morning + evening, 0.35 * evening)
    return np.asarray(daily * WEEKDAY[weekday] * shape / (BASE.sum() + 8.0))
