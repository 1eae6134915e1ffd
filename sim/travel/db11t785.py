"""The family of congestion indices of DB11/T 785-2011 (Beijing): grades by speed, TPI by the share of severe congestion.

The tables are data (``twin.codes``), each row marked with how certain it is. Speeds are those between signals: the
mean wait at a signal, which the model puts on one short link, would call an empty street severely congested.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.traffic import Areas, Traffic, ratio, whole_city
from twin.codes import SpeedGrades, severe_share_index, speed_grades
from twin.model.grade import GRADE_UNIT, GRADES
from twin.model.results import Indicator, Measure

SEVERE = 4.0
_ROUNDING = 1e-9
"""20 km/h in m/s and back is a hair more or less: a bound is met within this."""


class Db11T785:
    """DB11/T 785-2011 for roads, cells and the network."""

    name: ClassVar[str] = "DB11/T_785"
    link_measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "grade_db11t785",
            "Congestion grade, DB11/T 785",
            GRADE_UNIT,
            definition="DB11/T 785-2011: by speed between signals and class of road, 0 free to 4 severely congested.",
        ),
    )
    area_measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "severe_share_db11t785",
            "Share of severely congested road, DB11/T 785",
            "ratio",
            definition="DB11/T 785-2011: severely congested length / length, classes of road weighted by vehicle-kilometres.",
        ),
        Measure(
            "tpi_db11t785",
            "Traffic performance index (TPI), DB11/T 785",
            definition="DB11/T 785-2011, 0-10, by the share of severely congested road.",
        ),
        *link_measures,
    )

    def of_links(self, traffic: Traffic) -> dict[str, Floats]:
        """Return the columns of ``link_measures``, ``(n,)``."""
        speed = traffic.length_m / (traffic.time_s - traffic.wait_s)
        grade = np.zeros(len(speed))
        for _, rows, bounds in _groups(traffic.road_class):
            grade[rows] = sum((speed[rows] <= bound + _ROUNDING).astype(np.float64) for bound in bounds)
        return {"grade_db11t785": grade}

    def of_areas(self, traffic: Traffic, areas: Areas) -> dict[str, Floats]:
        """Return the columns of ``area_measures``, one row for each area; where nobody drives, length is the weight."""
        severe = self.of_links(traffic)["grade_db11t785"] == SEVERE
        length_m = np.where(traffic.is_closed, 0.0, traffic.length_m)
        driven, share = np.zeros(areas.count), np.zeros(areas.count)
        weighs_all = areas.total(traffic.vehicle_m)
        for _, rows, _ in _groups(traffic.road_class):
            of_class = np.where(rows, length_m, 0.0)
            severe_share = ratio(areas.total(np.where(severe, of_class, 0.0)), areas.total(of_class), 0.0)
            weight = np.where(weighs_all > 0.0, areas.total(np.where(rows, traffic.vehicle_m, 0.0)), areas.total(of_class))
            share += weight * severe_share
            driven += weight
        share = ratio(share, driven, 0.0)
        tpi = tpi_of_share(share)
        return {"severe_share_db11t785": share, "tpi_db11t785": tpi, "grade_db11t785": _grade_of_tpi(tpi)}

    def of_network(self, traffic: Traffic) -> tuple[Indicator, ...]:
        """Return the indices of the whole network."""
        columns = self.of_areas(traffic, whole_city(len(traffic.length_m)))
        return (
            Indicator(
                "network_severe_share_db11t785",
                "Share of severely congested road, DB11/T 785",
                float(columns["severe_share_db11t785"][0]),
                "ratio",
                definition="DB11/T 785-2011: severely congested length / length, classes of road weighted by vehicle-kilometres.",
            ),
            Indicator(
                "network_tpi_db11t785",
                "Network TPI, DB11/T 785",
                float(columns["tpi_db11t785"][0]),
                definition="DB11/T 785-2011, 0-10, by the share of severely congested road.",
            ),
            Indicator(
                "network_grade_db11t785",
                "Network grade, DB11/T 785",
                float(columns["grade_db11t785"][0]),
                GRADE_UNIT,
                definition="DB11/T 785-2011, 0 free to 4 severely congested.",
            ),
        )


def tpi_of_share(severe_share: Floats) -> Floats:
    """Return the TPI, 0-10, at shares of severely congested road (annex C): linear between the points of the table."""
    shares, indices = zip(*severe_share_index(), strict=True)
    return np.asarray(np.interp(severe_share, shares, indices))


def _grade_of_tpi(tpi: Floats) -> Floats:
    """Return the grade: its bands of TPI are those of GB/T 33171 (2, 4, 6 and 8)."""
    return np.searchsorted([grade.tpi_from for grade in GRADES[1:]], tpi + _ROUNDING, side="right").astype(np.float64)


def _groups(road_class: NDArray[np.object_]) -> list[tuple[str, NDArray[np.bool_], tuple[float, ...]]]:
    """Return name, mask of links and bounds of each group; a class that the table does not name is a street."""
    tables: dict[str, SpeedGrades] = dict(speed_grades())
    last = next(reversed(tables))
    group_of = {road: name for name, table in tables.items() for road in table.road_classes}
    group = np.array([group_of.get(road, last) for road in road_class.tolist()], dtype=object)
    return [(name, group == name, table.bounds_mps) for name, table in tables.items()]
