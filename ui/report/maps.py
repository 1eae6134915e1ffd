"""Maps of a report as values: shapes with a colour for before, after and difference; drawn twice, as page and as picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h3
import numpy as np
import shapely
from numpy.typing import NDArray

from layers import colours, scales
from layers.base import LegendEntry, Rgba
from layers.ribbons import widths
from twin.geo import Bounds
from twin.model.comparison import Comparison
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASS_NAMES
from twin.model.results import Measure, ResultTable
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from ui.language import tr
from ui.quantity import display_for
from ui.session import with_edits
from ui.wording import own_name

MOST_LINES = 12_000  # a page with more opens slowly and shows nothing more
MOST_AREAS = 400
SIMPLER_BY_M = 3.0
MAIN_ROAD_RANK = 3
MAPPED = {
    "link": ("tpi", "delay_index", "volume_vph"),
    "cell": ("tpi", "tpi_db11t785", "delay_index", "overflow_h"),
    "bin": ("overflow_h",),
}
"""Measures that are worth a map, by table kind; the first measure where none of these is there."""


@dataclass(frozen=True, eq=False)
class MapView:
    """One way to colour a map: a title, a colour and a text for each shape, and what the colours mean."""

    title: str
    rgba: Rgba
    texts: tuple[str, ...]
    legend: tuple[LegendEntry, ...]


@dataclass(frozen=True, eq=False)
class Backdrop:
    """What makes a map recognisable: water, green areas and main roads (longitude, latitude)."""

    water: NDArray[Any]
    green: NDArray[Any]
    roads: NDArray[Any]


@dataclass(frozen=True, eq=False)
class CityMap:
    """A map: shapes in longitude, latitude (lines, cells or points) and the views of them; ``unit`` is for the legend.

    ``is_different`` is false where nothing differs beyond the noise: such a map need not be drawn.
    ``sizes`` are those of roads, 0-1: a road is drawn as wide as its traffic, before or after, whichever is more.
    """

    name: str
    kind: str
    title: str
    unit: str
    shapes: NDArray[Any]
    ids: NDArray[Any]
    views: tuple[MapView, ...]
    backdrop: Backdrop
    bounds: Bounds
    is_different: bool = True
    sizes: NDArray[np.float64] | None = None


def maps_of(comparison: Comparison, snapshot: Snapshot) -> list[CityMap]:
    """Return the maps of one comparison: a map for each table and measure that is worth one."""
    backdrop = backdrop_of(snapshot)
    found = []
    for kind, table in comparison.tables.items():
        if kind not in MAPPED or not len(table.ids):
            continue
        measures = comparison.before.tables[kind].measures
        chosen = [item for item in measures if item.name in MAPPED[kind]] or list(measures[:1])
        found += [_map(comparison, table, measure, snapshot, backdrop) for measure in chosen]
    return found


def with_new_roads(snapshot: Snapshot, scenario: Scenario) -> Snapshot:
    """Return the city with the roads that a scenario adds, everything else as it is: both sides of a comparison have a place."""
    links, edited = snapshot["link"], with_edits(snapshot, scenario)["link"]
    new = np.array([key not in links.row_of for key in edited.ids.tolist()], dtype=bool)
    return snapshot.with_frame(links.joined(edited.take(new))) if new.any() else snapshot


def backdrop_of(snapshot: Snapshot) -> Backdrop:
    """Return the largest waters and green areas and the main roads of a city."""
    areas = snapshot["land_use"]
    shapes = areas.geometry if areas.geometry is not None else np.array([], dtype=object)
    use = areas["use"].astype(str)
    links = snapshot["link"]
    lines = links.geometry if links.geometry is not None else np.array([], dtype=object)
    rank = np.array([ROAD_CLASS_NAMES.index(name) for name in links["road_class"].tolist()], dtype=int)
    main = np.flatnonzero((rank <= MAIN_ROAD_RANK) & _is_first_direction(links))
    main = main[np.argsort(rank[main], kind="stable")][:MOST_LINES]
    return Backdrop(
        _to_degrees(snapshot, _largest(shapes[use == "water"])),
        _to_degrees(snapshot, _largest(shapes[use == "green"])),
        _to_degrees(snapshot, shapely.simplify(lines[main], SIMPLER_BY_M)),
    )


def _map(comparison: Comparison, table: ResultTable, measure: Measure, snapshot: Snapshot, backdrop: Backdrop) -> CityMap:
    difference = table.columns[f"{measure.name}_difference"]
    rows = _worth_showing(table, measure, snapshot)
    shapes, rows = _shapes(table, rows, snapshot)
    names = [own_name(snapshot, table.kind, key) for key in table.ids[rows].tolist()]
    columns = {part: table.columns[f"{measure.name}_{part}"][rows] for part in ("before", "after", "difference")}
    views = _views(table, measure, columns, names)
    display = display_for([float(np.nanmax(np.abs(columns["before"]), initial=0.0))], measure.unit)
    return CityMap(
        name=f"{comparison.simulation}-{table.kind}-{measure.name}",
        kind=table.kind,
        title=tr(measure.label),
        unit=display.unit_text,
        shapes=shapes,
        ids=table.ids[rows],
        views=views,
        backdrop=backdrop,
        bounds=_bounds(shapes, backdrop),
        is_different=bool(np.nan_to_num(difference).any()),
        sizes=_sizes(table, rows),
    )


def _sizes(table: ResultTable, rows: NDArray[np.intp]) -> NDArray[np.float64] | None:
    """Return how wide roads are drawn, 0-1; None where the result does not say how much traffic they have."""
    if table.kind != "link" or "volume_vph_before" not in table.columns:
        return None
    both = (np.nan_to_num(table.columns[f"volume_vph_{side}"]) for side in ("before", "after"))
    volume = np.maximum(*both)
    return widths(volume).size(volume[rows])


def _views(
    table: ResultTable, measure: Measure, columns: dict[str, NDArray[np.float64]], names: list[str]
) -> tuple[MapView, ...]:
    """Return before and after on one scale, and the difference around zero; a road that was closed or built is neither."""
    noise = table.measure(f"{measure.name}_difference").noise
    known = np.concatenate([columns["before"], columns["after"]])
    display = display_for([float(np.nanmax(np.abs(known), initial=0.0))], measure.unit)
    shared = scales.linear(known * display.factor, dark=False, start=0.0 if np.nanmin(known, initial=0.0) >= 0 else None)
    diverging = scales.diverging(columns["difference"] * display.factor, noise * display.factor, worse=measure.worse, dark=False)
    texts = tuple(
        f"{name}\n{tr('Before')} {display.text(one)} · {tr('After')} {display.text(two)} · {tr('Difference')} {display.signed(change)}"
        for name, one, two, change in zip(names, columns["before"], columns["after"], columns["difference"], strict=True)
    )
    change = columns["difference"] * display.factor
    is_closed = _is_closed(table, columns["before"], columns["after"])
    difference_rgba, difference_legend = _difference_rgba(diverging, change), _difference_legend(diverging)
    after_rgba, after_legend = shared.rgba(columns["after"] * display.factor), shared.entries()
    if is_closed.any():
        entry = LegendEntry(colours.rgba(colours.theme(dark=False)["road_closed"]), text=tr("Closed road"))
        difference_rgba[is_closed] = after_rgba[is_closed] = entry.rgba
        difference_legend, after_legend = (*difference_legend, entry), (*after_legend, entry)
    is_new = _is_new(table, columns["before"], columns["after"])
    if is_new.any():
        entry = LegendEntry(colours.rgba(colours.theme(dark=False)["accent"]), text=tr("New road"))
        difference_rgba[is_new] = entry.rgba
        difference_legend = (*difference_legend, entry)
    return (
        MapView(tr("Difference"), difference_rgba, texts, difference_legend),
        MapView(tr("Before"), shared.rgba(columns["before"] * display.factor), texts, shared.entries()),
        MapView(tr("After"), after_rgba, texts, after_legend),
    )


def _difference_rgba(scale: scales.Scale, values: NDArray[np.float64]) -> Rgba:
    """Colour differences; where there is none, faintly."""
    out = scale.rgba(values)
    out[np.nan_to_num(values) == 0.0] = (150, 155, 160, 60)
    return out


def _difference_legend(scale: scales.Scale) -> tuple[LegendEntry, ...]:
    """Return the classes with their numbers, largest first, the middle one named."""
    entries = []
    for colour, low, high in zip(scale.colours, scale.edges[:-1], scale.edges[1:], strict=True):
        text = tr("no difference found") if low < 0 < high else f"{_signed(low)} … {_signed(high)}"
        entries.append(LegendEntry(tuple(int(v) for v in colour), text=text))  # type: ignore[arg-type]  # four numbers
    return tuple(reversed(entries))


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + scales.number(abs(value))


def _is_closed(table: ResultTable, before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a road lost its number, as one does that nobody may drive on any more."""
    return np.isfinite(before) & np.isnan(after) & (table.kind == "link")


def _is_new(table: ResultTable, before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a road has a number that it did not have before: it was built, or opened."""
    return np.isnan(before) & np.isfinite(after) & (table.kind == "link")


def _worth_showing(table: ResultTable, measure: Measure, snapshot: Snapshot) -> NDArray[np.intp]:
    """Return the rows to draw: all where they are few, else what is closed or new, what differs most and the main roads."""
    before, after, difference = (table.columns[f"{measure.name}_{part}"] for part in ("before", "after", "difference"))
    is_closed = _is_closed(table, before, after)
    size = np.abs(np.nan_to_num(difference))
    size[is_closed | _is_new(table, before, after)] = np.inf
    importance = np.zeros(len(size))
    if table.kind == "link":
        links = snapshot["link"]
        rank_of = {name: rank for rank, name in enumerate(ROAD_CLASS_NAMES)}
        ranks = np.full(len(size), len(rank_of))
        here = np.array([links.row_of.get(key, -1) for key in table.ids.tolist()])
        ranks[here >= 0] = [rank_of[name] for name in links["road_class"][here[here >= 0]].tolist()]
        importance = -ranks.astype(float)
    order = np.lexsort((-importance, -size))[:MOST_LINES]
    return order[np.argsort(size[order], kind="stable")]  # what differs most is drawn last, on top


def _shapes(table: ResultTable, rows: NDArray[np.intp], snapshot: Snapshot) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return shapes in degrees for the rows that have one, and those rows."""
    if table.kind == "cell":
        cells = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(key)]) for key in table.ids[rows].tolist()]
        return np.array(cells, dtype=object), rows
    frame = snapshot[table.kind]
    here = np.array([frame.row_of.get(key, -1) for key in table.ids[rows].tolist()], dtype=np.intp)
    rows, here = rows[here >= 0], here[here >= 0]
    assert frame.geometry is not None  # noqa: S101  links and bins have places
    shapes = frame.geometry[here]
    if table.kind == "link":
        shapes = shapely.simplify(shapes, SIMPLER_BY_M)
    return _to_degrees(snapshot, shapes), rows


def _is_first_direction(links: Frame) -> NDArray[np.bool_]:
    """Whether a link is the one of its two directions that is drawn where one line is enough."""
    reverse = links["reverse_id"].astype(str)
    return np.asarray((reverse == "") | (links.ids.astype(str) < reverse))


def _largest(areas: NDArray[Any]) -> NDArray[Any]:
    order = np.argsort(-shapely.area(areas), kind="stable")[:MOST_AREAS]
    return np.asarray(shapely.simplify(areas[order], 2 * SIMPLER_BY_M), dtype=object)


def _to_degrees(snapshot: Snapshot, shapes: NDArray[Any]) -> NDArray[Any]:
    return snapshot.projection.geometries_to_lon_lat(shapes) if len(shapes) else shapes


def _bounds(shapes: NDArray[Any], backdrop: Backdrop) -> Bounds:
    """Return the part of the city that the map shows: where the shapes are, without the farthest hundredth."""
    boxes = shapely.bounds(shapes if len(shapes) else backdrop.roads)
    if not len(boxes):
        return (-1.0, -1.0, 1.0, 1.0)
    west, south = np.percentile(boxes[:, :2], 1, axis=0)
    east, north = np.percentile(boxes[:, 2:], 99, axis=0)
    return float(west), float(south), float(east), float(north)
