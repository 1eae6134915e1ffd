"""What every layer is: a name, a style, and a pure function from the city to marks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.model.results import ResultSeries, ResultTable
from twin.model.snapshot import Snapshot

Float32 = NDArray[np.float32]
Rgba = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class MeshMarks:
    """Triangles: ``xyz (n, 3)`` in metres, ``triangles (m, 3)`` int32, ``rgba (n, 4)`` with the light baked in."""

    xyz: Float32
    triangles: NDArray[np.int32]
    rgba: Rgba
    is_closed: bool = True  # outward-facing solids: back faces are culled


@dataclass(frozen=True, eq=False)
class LineMarks:
    """Polylines: ``xyz (n, 3)``, ``offsets (k + 1,)`` int32 into it, ``rgba (n, 4)``, one width for all."""

    xyz: Float32
    offsets: NDArray[np.int32]
    rgba: Rgba
    width_px: float = 1.0


@dataclass(frozen=True, eq=False)
class PointMarks:
    """Round points of one size on the screen: ``xyz (n, 3)``, ``rgba (n, 4)``."""

    xyz: Float32
    rgba: Rgba
    size_px: float = 5.0


@dataclass(frozen=True, eq=False)
class LabelMarks:
    """Texts that the window paints: ``xyz (n, 3)``, the text in both languages, and who wins when they collide."""

    xyz: Float32
    text_zh: NDArray[Any]
    text_en: NDArray[Any]
    priority: NDArray[np.float32]
    role: Literal["district", "place", "street", "value"] = "place"  # chooses the lettering


@dataclass(frozen=True, eq=False)
class ImageMarks:
    """A picture lying flat at height ``z_m``: ``bounds`` (x0, y0, x1, y1) in metres, ``rgba (rows, columns, 4)``, row 0 south."""

    bounds: tuple[float, float, float, float]
    rgba: Rgba
    z_m: float = 0.0


Marks = MeshMarks | LineMarks | PointMarks | LabelMarks | ImageMarks


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: a colour and what it means (English, translated by the window; ``text`` as it is).

    ``values`` are the number it stands for, or the two ends of its class, in the legend's unit: the window
    writes them in the unit that people use, and only who cannot do that takes ``text``. With ``width_px`` it
    stands for a width: the swatch is a stroke of that width.
    """

    rgba: tuple[int, int, int, int]
    label: str = ""
    text: str = ""
    values: tuple[float, ...] = ()
    width_px: float = 0.0


@dataclass(frozen=True)
class Legend:
    """What the colours of a layer mean; ``unit`` is shown beside the title."""

    title: str
    entries: tuple[LegendEntry, ...]
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Level:
    """Marks for one range of scales: drawn while a pixel in the middle of the view covers ``from_m`` to ``to_m`` metres.

    ``when`` restricts them to a view that moves or rests.
    """

    marks: tuple[Marks, ...]
    from_m: float = 0.0
    to_m: float = math.inf
    when: Literal["always", "moving", "resting"] = "always"

    def is_shown(self, pixel_m: float, *, moving: bool) -> bool:
        """Return whether the marks are drawn at this scale."""
        fits = self.when == "always" or (self.when == "moving") == moving
        return fits and self.from_m <= pixel_m < self.to_m


class Movers(Protocol):
    """Things that move: where each one is at a time."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def at(self, t_s: float) -> NDArray[np.float64]:
        """Return their places ``(n, 3)`` in metres."""
        ...


class Moving(Protocol):
    """Traffic that a window may let move over a layer."""

    def near(self, bounds: tuple[float, float, float, float], most_links: int) -> Moving:
        """Return the traffic in a rectangle (metres), on no more than so many roads."""
        ...

    def fleet(self, pixel_m: float, most: int) -> Movers:
        """Return its vehicles as a view of a scale shows them, about ``most`` where there are more."""
        ...


@dataclass(frozen=True, eq=False)
class Picture:
    """What a layer gives to be drawn and asked.

    ``detail`` marks are drawn at rest, ``coarse`` ones while the view moves (the same when None);
    ``levels`` are drawn besides, each at its scales.
    ``widths`` is the legend of what the widths of its bands mean, ``motion`` the traffic that may move on them.
    ``pick_kind``, ``pick_ids (n,)`` and ``pick_geometry (n,)`` (shapely, metres) answer clicks.
    """

    detail: tuple[Marks, ...]
    coarse: tuple[Marks, ...] | None = None
    legend: Legend | None = None
    pick_kind: str = ""
    pick_ids: NDArray[Any] | None = None
    pick_geometry: NDArray[Any] | None = None
    levels: tuple[Level, ...] = ()
    pick_kinds: NDArray[Any] | None = None  # per row, where the ids are of several kinds
    widths: Legend | None = None
    motion: Moving | None = None

    def picked(self, row: int) -> tuple[str, str]:
        """Return kind and key of one row of ``pick_ids``."""
        assert self.pick_ids is not None  # noqa: S101  whoever has a row has the ids
        kind = self.pick_kind if self.pick_kinds is None else self.pick_kinds[row]
        return str(kind), str(self.pick_ids[row])

    @cached_property
    def all_levels(self) -> tuple[Level, ...]:
        """Everything to draw as levels: detail, coarse and the rest."""
        if self.coarse is not None:
            return (Level(self.detail, when="resting"), Level(self.coarse, when="moving"), *self.levels)
        return (Level(self.detail), *self.levels) if self.detail else self.levels

    @cached_property
    def pick_tree(self) -> shapely.STRtree | None:
        """Index of ``pick_geometry``, built when first asked for; ask for it where waiting does no harm."""
        if self.pick_geometry is None or not len(self.pick_geometry):
            return None
        tree = shapely.STRtree(self.pick_geometry)
        tree.query(shapely.Point(0, 0))  # the nodes are built by the first query
        return tree


@dataclass(frozen=True, eq=False)
class Scene:
    """All that a layer may look at.

    ``tables`` are the numbers on show, by table kind ('link', 'cell', 'bin' …): of one result, or of a
    comparison. ``measure`` is the column on show; ``diverging`` is true for differences (zero in the middle)
    and ``noise`` their lower cut. ``dark`` chooses the palette. Where the tables are those of one moment of a
    simulated day, ``series`` has the whole day: scales are made from it.
    """

    snapshot: Snapshot
    tables: Mapping[str, ResultTable] = field(default_factory=dict)
    measure: str = ""
    diverging: bool = False
    noise: float = 0.0
    dark: bool = True
    selected_ids: frozenset[str] = frozenset()
    series: Mapping[str, ResultSeries] = field(default_factory=dict)

    def whole(self, kind: str, column: str) -> NDArray[np.floating[Any]]:
        """Return all numbers of a column: of the whole day where there is one, else of the table."""
        series = self.series.get(kind)
        return series.columns[column] if series is not None and column in series.columns else self.tables[kind].columns[column]


class Layer(Protocol):
    """A kind of layer. The catalogue is ``layers.LAYERS``, drawn in its order.

    ``kinds`` are the entity kinds whose change makes the layer draw again. ``style_type`` is a frozen
    dataclass of ``attribute`` fields; the layer panel's form is made from it.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    style_type: ClassVar[type[Any]]
    visible_at_start: ClassVar[bool]

    def encode(self, scene: Scene, style: Any) -> Picture:
        """Return what to draw; pure, no VTK, no clock."""
        ...
