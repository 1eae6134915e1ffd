"""Buildings as they are stored, with names for those that people know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.demo.built import Buildings
from twin.demo.ground import Plot
from twin.demo.makings import Makings
from twin.demo.names import Name, NameGiver
from twin.model.entity import Entity
from twin.model.places import Building

TOWERS_WITH_NAMES = 60
_TOWER = (("大厦", "Tower"), ("中心", "Centre"), ("国际广场", "International Plaza"), ("金融大厦", "Financial Tower"))


def building_entities(
    makings: Makings, buildings: Buildings, plots: Sequence[Plot], plot_names: Sequence[Name], names: NameGiver
) -> list[Entity]:
    """Return every building; towers, schools, hospitals and the university have names."""
    titles = _titles(buildings, plots, plot_names, names)
    columns = {
        "name": [title.zh for title in titles],
        "name_en": [title.en for title in titles],
        "use": buildings.use,
        "height_m": buildings.height_m,
        "levels": buildings.levels.astype(float),
        "height_is_assumed": np.zeros(len(titles), dtype=bool),
    }
    return makings.entities(Building, buildings.shapes, columns)


def _titles(buildings: Buildings, plots: Sequence[Plot], plot_names: Sequence[Name], names: NameGiver) -> list[Name]:
    titles = [Name("", "")] * len(buildings.shapes)
    number_in: dict[int, int] = {}
    for i, plot in enumerate(buildings.plot.tolist()):
        if plots[plot].use in {"education", "health"}:
            number_in[plot] = number_in.get(plot, 0) + 1
            n = number_in[plot]
            titles[i] = Name(f"{plot_names[plot].zh}{n}号楼", f"{plot_names[plot].en}, Building {n}")
    for place, i in enumerate(np.argsort(-buildings.height_m, kind="stable")[:TOWERS_WITH_NAMES].tolist()):
        titles[i] = names.stem().with_suffix(*_TOWER[place % len(_TOWER)])
    return titles
