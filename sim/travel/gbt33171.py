"""The congestion indices of GB/T 33171-2016: TTI, DTP, TPI and the five grades.

Clauses 3.8 and 7.2.2.1: travel time index TTI = t / t_f. Clauses 3.10 and 7.2.2.2: delay time proportion
DTP = (t - t_f) / t. Clause 7.2.3 and annex C: TPI, linear within each grade. Clause 8.2: the network's grade.
Which side an equality falls on is taken as in the table: a grade begins at its lower bound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.model.grade import GRADES

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
