"""What a planner reads of hot spots: the cells that stand out, joined to spots, and how much of all lies in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import h3
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sim.cells import cells_of
from sim.hot_spots.local import DRAWS, adjusted, chance_of, gi_star, sizes
from sim.hot_spots.params import HotSpotsParams
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.results import Indicator, Measure, ResultTable
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

FEWEST_CELLS = 30
CELLS_AT_ONCE = 5_000
ASSUMPTIONS = (
    "Cells are compared by their number of cases: where more people are or more is reported, more is found.",
    "A cell is hot by its surroundings: cells at the edge of a spot can be hot with few cases of their own.",
)
MEASURES = (
    Measure("spot_cases", "Cases of the hot spot", "", definition="In all cells of the spot that the cell belongs to."),
    Measure("hot_spot", "Hot spot", "", worse="neither", definition="Number of the spot, the one with most cases first."),
    Measure("gi_star", "Gi*", "",
            definition="Standard deviations by which the cases around are more than chance expects (Ord and Getis 1995, eq. 14)."),
    Measure("q_value", "False discoveries", "", worse="lower",
            definition="Least expected share of errors at which this cell counts as hot (Benjamini and Hochberg 1995)."),
    Measure("cases", "Cases", "", definition="Reported in the cell within the days."),
    Measure("cases_around", "Cases around", "", definition="In the cell and those around it that have a road or a case."),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Found:
    """The hot spots of a city; ``digest`` of what they were found in."""

    indicators: tuple[Indicator, ...]
    cells: ResultTable
    diagnostics: Mapping[str, float]
    notes: tuple[str, ...]
    digest: str


def described(city: Snapshot, params: HotSpotsParams, seed: int) -> Task[Found]:
    """Count, test and join. Raises ``ScenarioError`` where there is nothing to tell."""
    rows = _chosen(city, params)
    progress = Progress("Putting cases into cells")
    case_xy = city["case"].xy[rows]
    xy = np.concatenate([case_xy, _road_xy(city, params.resolution)])
    cells, cell_of = yield from cells_of(city.projection, xy, params.resolution, progress)
    if len(cells) < FEWEST_CELLS:
        raise ScenarioError(
            f"Roads and cases lie in {len(cells)} cells; {FEWEST_CELLS} are needed to tell chance from more.",
            "Choose a finer resolution.",
        )
    count = np.bincount(cell_of[: len(rows)], minlength=len(cells)).astype(np.float64)
    near = yield from _surroundings(cells, params.ring)
    share = adjusted((yield from chance_of(count, near, seed)))
    is_hot = share <= params.false_discovery
    spot = yield from _spots(cells, count, is_hot)
    held = np.bincount(spot, weights=count)[spot]
    columns = {
        "spot_cases": np.where(is_hot, held, np.nan),
        "hot_spot": np.where(is_hot, spot.astype(float), np.nan),
        "gi_star": gi_star(count, near),
        "q_value": share,
        "cases": count,
        "cases_around": near @ count,
    }
    table = ResultTable("cell", cells.astype(object), columns, MEASURES)
    digest = hashlib.blake2b(np.ascontiguousarray(count).tobytes() + "".join(cells.tolist()).encode(), digest_size=16).hexdigest()
    diagnostics = {"cells": float(len(cells)), "draws": float(DRAWS), "mean_surroundings": float(sizes(near).mean())}
    return Found(_indicators(count, is_hot, spot), table, diagnostics, _notes(city, params), digest)


def _chosen(city: Snapshot, params: HotSpotsParams) -> NDArray[np.intp]:
    """Return the rows of the cases that count: of the classes, with a place, of the last days."""
    cases = city["case"]
    wanted = np.isin(cases["class_code"].astype(str), params.codes) if params.codes else np.ones(len(cases), bool)
    at = cases["reported_at"].astype("datetime64[s]")
    known = wanted & ~np.isnat(at) & np.isfinite(cases.xy).all(axis=1)
    if not known.any():
        what = ", ".join(params.codes) if params.codes else "any class"
        raise ScenarioError(
            f"This city has no case of {what} with a place and a time.",
            "Import cases with 'citytwin import … --as case', or choose other classes.",
        )
    newest = at[known].max()
    return np.flatnonzero(known & (at > newest - np.timedelta64(round(params.days * 86_400), "s")))


def _road_xy(city: Snapshot, resolution: int) -> FloatArray:
    """Return points ``(m, 2)`` on all roads, close enough to meet every cell that a road crosses to some depth."""
    links = city["link"]
    if links.geometry is None or not len(links):
        return np.empty((0, 2))
    # A road and its way back lie in the same cells: one of the two is enough.
    once = np.array([key <= back or not back for key, back in zip(links.ids.tolist(), links["reverse_id"].tolist(), strict=True)])
    step_m = h3.average_hexagon_edge_length(resolution, unit="m")
    return np.asarray(shapely.get_coordinates(shapely.segmentize(links.geometry[once], step_m)))


def _surroundings(cells: NDArray[np.str_], ring: int) -> Task[csr_array]:
    """Return a matrix ``(n, n)`` with 1 for the cells within some rings of each, itself among them."""
    row_of = {cell: row for row, cell in enumerate(cells.tolist())}
    near: list[list[int]] = []
    for start in range(0, len(cells), CELLS_AT_ONCE):
        part = cells[start : start + CELLS_AT_ONCE].tolist()
        near += [sorted(row_of[other] for other in h3.grid_disk(cell, ring) if other in row_of) for cell in part]
        yield Progress("Finding the cells around each", float(start), float(len(cells)))
    indptr = np.concatenate([[0], np.cumsum([len(rows) for rows in near])])
    indices = np.array([row for rows in near for row in rows], dtype=np.intp)
    return csr_array((np.ones(len(indices)), indices, indptr), shape=(len(cells), len(cells)))


def _spots(cells: NDArray[np.str_], count: FloatArray, is_hot: NDArray[np.bool_]) -> Task[NDArray[np.intp]]:
    """Return the number of the spot of each cell: hot cells that touch are one, the one with most cases is 1; 0 elsewhere."""
    rows = np.flatnonzero(is_hot)
    number = np.zeros(len(cells), dtype=np.intp)
    if not len(rows):
        return number
    touching = yield from _surroundings(cells[rows], 1)
    _, label = connected_components(touching, directed=False)
    held = np.bincount(label, weights=count[rows])
    rank = np.empty(len(held), dtype=np.intp)
    rank[np.lexsort((np.arange(len(held)), -held))] = np.arange(1, len(held) + 1)
    number[rows] = rank[label]
    return number


def _indicators(count: FloatArray, is_hot: NDArray[np.bool_], spot: NDArray[np.intp]) -> tuple[Indicator, ...]:
    total, inside = int(count.sum()), int(count[is_hot].sum())
    return (
        Indicator("hot_spots", "Hot spots", float(spot.max()), rows=total, definition="Hot cells that touch are one spot."),
        Indicator("hot_cells", "Hot cells", float(is_hot.sum()), rows=len(count),
                  definition="H3 cells whose surroundings hold more cases than chance deals out, with false discoveries held down."),
        Indicator("hot_area_share", "Share of cells that are hot", float(is_hot.mean()), "ratio", rows=len(count), worse="neither",
                  definition="Of the cells with a road or a case."),
        Indicator("hot_case_share", "Share of cases in hot cells", inside / total, "ratio", rows=total,
                  definition="How much of the work lies in the hot cells."),
        Indicator("cases", "Cases", float(total), rows=total, definition="Of the chosen classes and days, with a place and a time."),
    )  # fmt: skip


def _notes(city: Snapshot, params: HotSpotsParams) -> tuple[str, ...]:
    notes = [*ASSUMPTIONS]
    notes.append(f"Among the cells called hot, at most {params.false_discovery:.1%} are expected to be so by chance alone.")
    if city.synthetic:
        notes.append("The cases are synthetic.")
    return tuple(notes)
