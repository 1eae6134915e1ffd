"""Count stations and their hourly traffic: morning peaks towards work, evening peaks home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.demo.makings import Makings
from twin.demo.names import compass
from twin.demo.network import Network, Street
from twin.demo.plan import LOCAL_OFFSET_S, NOW, generator
from twin.geo import FloatArray
from twin.model.entity import Entity
from twin.model.network import Counter

PLACES = {"motorway": 3, "trunk": 7, "primary": 22, "secondary": 14, "tertiary": 4}
"""How many places are counted by class of road."""

DAYS = 28
WEEKDAY = np.array([1.0, 0.99, 1.0, 1.01, 1.06, 0.88, 0.8])

BASE = np.array([14, 8, 6, 6, 9, 20, 43, 66, 70, 72, 73, 74, 71, 70, 71, 72, 72, 72, 68, 64, 60, 52, 38, 24]) / 100.0
"""Traffic of each local hour without commuters, as a share of the peak hour's."""

# Shares of the morning's and the evening's commuters in each hour.
MORNING = np.exp(-0.5 * ((np.arange(24) - 8.0) / 0.85) ** 2)
EVENING = np.exp(-0.5 * ((np.arange(24) - 17.7) / 1.05) ** 2)
HOMEWARD = 0.7
"""Commuters who come back in the evening's busiest hour, as a share of the morning's: they take more time over it."""
COMMUTERS = 0.46
"""Part of the peak hour's flow that is commuters."""


@dataclass(frozen=True)
class Station:
    """A street that is counted in both directions; ``peak_vph`` are its morning flows forward and backward."""

    street: Street
    peak_vph: tuple[float, float]

    @property
    def directions(self) -> tuple[str, ...]:
        """Compass direction of travel, forward and backward."""
        ends = shapely.get_coordinates(self.street.line)[[0, -1]]
        x, y = (ends[1] - ends[0]).tolist()
        words = (compass(x, y).en, compass(-x, -y).en)
        return tuple("".join(letter[0].upper() for letter in _split(word)) for word in words)


def _split(word: str) -> list[str]:
    """Split 'Northeast' into 'North' and 'east'."""
    return [word[:5], word[5:]] if len(word) > 5 else [word]


def choose_stations(network: Network, flows: FloatArray, seed: int) -> list[Station]:
    """Choose the streets that are counted, spread over the city, bridges first."""
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
            if len(chosen) < wanted and flows[i].min() > 30 and all(np.hypot(*(middles[i] - middles[k])) > 450 for k in chosen):
                chosen.append(i)
        stations.extend(Station(network.streets[i], (float(flows[i, 0]), float(flows[i, 1]))) for i in chosen)
    return stations


def counter_entities(makings: Makings, stations: list[Station]) -> list[Entity]:
    """Return the count stations as they are stored."""
    places = [station.street.line.interpolate(0.5, normalized=True) for station in stations]
    names = [station.street.way.name for station in stations]
    columns = {
        "name": [f"{name.zh}{number}号观测点" for number, name in enumerate(names, start=1)],
        "name_en": [f"{name.en}, station {number}" for number, name in enumerate(names, start=1)],
        "link_id": [station.street.forward_id for station in stations],
    }
    return makings.entities(Counter, np.array(places, dtype=object), columns)


def draw_counts(stations: list[Station], ids: list[str], seed: int) -> dict[str, NDArray[np.generic] | NDArray[np.object_]]:
    """Return four weeks of hourly counts, each direction apart, as columns of the history kind ``traffic_count``."""
    rng = generator(seed, "counts")
    hours = DAYS * 24
    at_s = int(NOW.timestamp()) - np.arange(hours, 0, -1) * 3600
    local = at_s + LOCAL_OFFSET_S
    hour, weekday = local // 3600 % 24, (local // 86_400 + 3) % 7
    weather = rng.normal(1.0, 0.03, DAYS + 2)[(local - local[0]) // 86_400]
    expected = np.array([_hourly(station, way, hour, weekday) for station in stations for way in (0, 1)]) * weather
    totals = rng.poisson(expected * rng.gamma(160.0, 1 / 160.0, expected.shape))
    truck = np.where((hour < 6) | (hour > 21), 0.16, 0.06)
    parts = rng.multinomial(totals, np.column_stack([0.88 - truck, np.full(hours, 0.09), truck, np.full(hours, 0.03)]))
    directions = [direction for station in stations for direction in station.directions]
    return {
        "subject_id": np.repeat(np.array(ids, dtype=object), 2 * hours),
        "at": np.tile(at_s, 2 * len(stations)).astype("datetime64[s]"),
        "duration_s": np.full(totals.size, 3600.0),
        "direction": np.repeat(np.array(directions, dtype=object), hours),
        **{name: parts[..., i].ravel().astype(float) for i, name in enumerate(("cars", "vans", "trucks", "buses"))},
        "total": totals.ravel().astype(float),
    }


def _hourly(station: Station, way: int, hour: NDArray[np.int64], weekday: NDArray[np.int64]) -> FloatArray:
    """Return the expected count of each hour in one direction: in the evening commuters come back."""
    there, back = station.peak_vph[way], station.peak_vph[1 - way]
    work = np.where(weekday < 5, 1.0, 0.22)
    commuters = COMMUTERS * work * (there * MORNING[hour] + HOMEWARD * back * EVENING[hour])
    others = (1 - COMMUTERS) * (there + back) / 2 * BASE[hour] / BASE[8]
    return np.asarray(WEEKDAY[weekday] * (others + commuters))
