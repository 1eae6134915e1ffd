"""The delay index of navigation services (Amap, Baidu): actual over free travel time, in classes that can be edited."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim.assignment.graph import Floats
from sim.travel.traffic import Areas, Traffic, ratio, whole_city
from twin.codes import delay_index_bands
from twin.model.grade import DELAY_CLASS_UNIT
from twin.model.results import Indicator, Measure

_ROUNDING = 1e-12


class DelayIndex:
    """Actual over free travel time for roads, cells and the network."""

    name: ClassVar[str] = "delay_index"
    link_measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "delay_index",
            "Delay index",
            definition="Delay index of navigation services: travel time / travel time on the empty road; areas by vehicle-hours.",
        ),
        Measure(
            "grade_delay_index",
            "Class of the delay index",
            DELAY_CLASS_UNIT,
            definition="Delay index of navigation services: classes by bands that each operator sets.",
        ),
    )
    area_measures: ClassVar[tuple[Measure, ...]] = link_measures

    def of_links(self, traffic: Traffic) -> dict[str, Floats]:
        """Return the columns of ``link_measures``, ``(n,)``."""
        return {"delay_index": traffic.tti, "grade_delay_index": class_of(traffic.tti)}

    def of_areas(self, traffic: Traffic, areas: Areas) -> dict[str, Floats]:
        """Return the columns of ``area_measures``, one row for each area: vehicle-hours over those on empty roads."""
        index = ratio(areas.total(traffic.vehicle_s), areas.total(traffic.vehicle_empty_s), 1.0)
        return {"delay_index": index, "grade_delay_index": class_of(index)}

    def of_network(self, traffic: Traffic) -> tuple[Indicator, ...]:
        """Return the index of the whole network and its class."""
        columns = self.of_areas(traffic, whole_city(len(traffic.length_m)))
        return (
            Indicator(
                "network_delay_index",
                "Network delay index",
                float(columns["delay_index"][0]),
                definition="Delay index of navigation services: vehicle-hours / vehicle-hours on empty roads.",
            ),
            Indicator(
                "network_grade_delay_index",
                "Network class of the delay index",
                float(columns["grade_delay_index"][0]),
                DELAY_CLASS_UNIT,
                definition="Delay index of navigation services: classes by bands that each operator sets.",
            ),
        )


def class_of(index: Floats) -> Floats:
    """Return the class, 0-3; a class begins at its lower bound."""
    return np.searchsorted(np.array(delay_index_bands()), index + _ROUNDING, side="right").astype(np.float64)
