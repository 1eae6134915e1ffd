"""The family of congestion indices of GB/T 33171-2016: TTI, DTP, TPI and the five grades.

Clauses 3.8 and 7.2.2.1: travel time index TTI = t / t_f. Clauses 3.10 and 7.2.2.2: delay time proportion
DTP = (t - t_f) / t. Clause 7.2.3 and annex C: TPI, linear within each grade. Clause 8.2: the network's grade.
Which side an equality falls on is taken as in the table: a grade begins at its lower bound.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.travel.traffic import Areas, Traffic, ratio
from twin.model.grade import GRADE_UNIT, GRADES
from twin.model.results import Indicator, Measure

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12
"""1 - 42/60 is a hair more than 0.3 in binary: bounds are met within this."""


def dtp_of_times(time_s: FloatArray, free_time_s: FloatArray) -> FloatArray:
    """Return the delay time proportion, 0 where nothing is driven."""
    share = np.divide(free_time_s, time_s, out=np.ones_like(time_s), where=time_s > 0.0)
    return np.clip(1.0 - share, 0.0, 1.0)


def tti_of_dtp(dtp: FloatArray) -> FloatArray:
    """Return the travel time index, 1 / (1 - DTP)."""
    return np.asarray(1.0 / np.maximum(1.0 - dtp, _ROUNDING))


def tpi_of_dtp(dtp: FloatArray) -> FloatArray:
    """Return the traffic performance index, 0-10."""
    bounds = [GRADES[0].dtp_from, *(grade.dtp_to for grade in GRADES)]
    values = [GRADES[0].tpi_from, *(grade.tpi_to for grade in GRADES)]
    return np.asarray(np.interp(dtp, bounds, values))


def grade_of_dtp(dtp: FloatArray) -> FloatArray:
    """Return the grade, 0-4."""
    bounds = [grade.dtp_from for grade in GRADES[1:]]
    return np.searchsorted(np.array(bounds), dtp + _ROUNDING, side="right").astype(np.float64)


def network_dtp(dtp: FloatArray, vkt: FloatArray) -> float:
    """Return the DTP of many roads or classes of road, weighted by vehicle-kilometres (clause 3.13)."""
    total = float(vkt.sum())
    return float(vkt @ dtp) / total if total > 0.0 else 0.0


class GbT33171:
    """GB/T 33171-2016 for roads, cells and the network."""

    name: ClassVar[str] = "GB/T_33171"
    link_measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "tti",
            "Travel time index (TTI), GB/T 33171",
            definition="GB/T 33171-2016: travel time / travel time on the empty road, both with the wait at its signal.",
        ),
        Measure("dtp", "Delay time proportion (DTP), GB/T 33171", definition="GB/T 33171-2016: delay / travel time."),
        Measure("tpi", "Traffic performance index (TPI), GB/T 33171", definition="GB/T 33171-2016, 0-10."),
        Measure(
            "grade",
            "Congestion grade, GB/T 33171",
            GRADE_UNIT,
            definition="GB/T 33171-2016, 0 free to 4 severely congested.",
        ),
    )
    area_measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "dtp",
            "Delay time proportion (DTP), GB/T 33171",
            definition="GB/T 33171-2016, weighted by vehicle-kilometres.",
        ),
        *link_measures[2:],
    )

    def of_links(self, traffic: Traffic) -> dict[str, FloatArray]:
        """Return the columns of ``link_measures``, ``(n,)``."""
        dtp = dtp_of_times(traffic.time_s, traffic.empty_time_s)
        return {"tti": traffic.tti, "dtp": dtp, "tpi": tpi_of_dtp(dtp), "grade": grade_of_dtp(dtp)}

    def of_areas(self, traffic: Traffic, areas: Areas) -> dict[str, FloatArray]:
        """Return the columns of ``area_measures``, one row for each area."""
        dtp_of_links = dtp_of_times(traffic.time_s, traffic.empty_time_s)
        dtp = ratio(areas.total(traffic.vehicle_m * dtp_of_links), areas.total(traffic.vehicle_m), 0.0)
        return {"dtp": dtp, "tpi": tpi_of_dtp(dtp), "grade": grade_of_dtp(dtp)}

    def of_network(self, traffic: Traffic) -> tuple[Indicator, ...]:
        """Return the indices of the whole network: the mean over classes of road, weighted by vehicle-kilometres."""
        classes, class_of = np.unique(traffic.road_class.astype(str), return_inverse=True)
        time, empty, vkt = (
            np.bincount(class_of, column, len(classes)).astype(np.float64)
            for column in (traffic.vehicle_s, traffic.vehicle_empty_s, traffic.vehicle_m)
        )
        dtp = network_dtp(dtp_of_times(time, empty), vkt)
        tti, tpi, grade = (float(function(np.array([dtp]))[0]) for function in (tti_of_dtp, tpi_of_dtp, grade_of_dtp))
        return (
            Indicator(
                "network_tti",
                "Network TTI, GB/T 33171",
                tti,
                definition="GB/T 33171-2016: 1 / (1 - network DTP).",
            ),
            Indicator(
                "network_dtp",
                "Network DTP, GB/T 33171",
                dtp,
                definition="GB/T 33171-2016: mean over classes of road, weighted by vehicle-kilometres.",
            ),
            Indicator("network_tpi", "Network TPI, GB/T 33171", tpi, definition="GB/T 33171-2016: from the network DTP."),
            Indicator(
                "network_grade",
                "Network grade, GB/T 33171",
                grade,
                GRADE_UNIT,
                definition="GB/T 33171-2016, 0 free to 4 severely congested.",
            ),
        )
