"""The whole demo city as data: every entity, its histories and its terrain, before any of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import shapely

from twin.codes import case_standards
from twin.demo.bins import Bins, draw_bins
from twin.demo.built import draw_buildings
from twin.demo.cameras import camera_entities
from twin.demo.cases import case_entities
from twin.demo.counts import choose_stations, counter_entities, draw_counts
from twin.demo.fill import FillHistory, draw_fill
from twin.demo.flows import peak_flows
from twin.demo.ground import draw_ground
from twin.demo.incidents import incident_entities
from twin.demo.landmarks import building_entities
from twin.demo.layout import draw_layout
from twin.demo.makings import Makings
from twin.demo.names import NameGiver
from twin.demo.network import draw_network
from twin.demo.places import (
    Areas,
    district_entities,
    draw_areas,
    grid_entities,
    land_use_entities,
    name_plots,
    population_entities,
)
from twin.demo.plan import draw_plan
from twin.demo.scenarios import scenario_entities
from twin.demo.sites import site_entities
from twin.demo.terrain import draw_terrain
from twin.model.entity import Entity
from twin.model.frame import Column
from twin.model.places import Bin, Depot, PopulationCell
from twin.model.snapshot import Terrain
from twin.task import Progress, Task

BIN_CLASS = "C0305"
"""Bins among the components of GB/T 30428.2; who handles their cases keeps them."""


@dataclass(frozen=True)
class City:
    """A demo city. ``histories`` maps each history kind to its columns."""

    seed: int
    entities: list[Entity]
    histories: Mapping[str, Mapping[str, Column]]
    terrain: Terrain

    def of_kind(self, kind: str) -> list[Entity]:
        """Return the entities of one kind."""
        return [entity for entity in self.entities if entity.kind == kind]


def draw_city(seed: int) -> Task[City]:
    """Make up a city; the same seed gives the same city."""
    makings, names = Makings(draw_plan(seed)), NameGiver(seed)
    yield Progress("Laying out streets", 0, 6)
    layout = draw_layout(makings.plan, names)
    network = draw_network(makings, layout)
    areas = draw_areas(makings, layout)
    yield Progress("Putting up buildings", 1, 6)
    ground = draw_ground(makings, layout, network)
    buildings = draw_buildings(ground.plots, seed)
    plot_names = name_plots(ground.plots, names, seed)
    entities = network.entities(makings)
    entities += building_entities(makings, buildings, ground.plots, plot_names, names)
    entities += population_entities(makings, buildings)
    entities += land_use_entities(makings, ground, plot_names, names)
    entities += [*district_entities(makings, areas), *grid_entities(makings, layout, areas)]
    yield Progress("Filling bins", 2, 6)
    bins = draw_bins(network, ground.plots, plot_names, buildings, seed)
    fill = draw_fill(bins, areas.district_of(bins.xy), seed)
    bin_ids = makings.keys(len(bins))
    entities += _bin_entities(makings, bins, fill, areas, bin_ids)
    sites = site_entities(makings, ground.plots)
    entities += sites
    yield Progress("Counting traffic", 3, 6)
    residents = sum(cell.residents for cell in entities if isinstance(cell, PopulationCell))
    flows = peak_flows(network, buildings, residents)
    stations = choose_stations(network, flows, seed)
    counters = counter_entities(makings, stations)
    entities += [*counters, *camera_entities(makings, network)]
    yield Progress("Reporting cases", 4, 6)
    entities += [*incident_entities(makings, network), *case_entities(makings, network, areas)]
    entities += scenario_entities(makings, network, [site for site in sites if isinstance(site, Depot)], flows)
    histories = {
        "fill_reading": _fill_columns(fill, bin_ids),
        "traffic_count": draw_counts(stations, [counter.id for counter in counters], seed),
    }
    yield Progress("Raising hills", 5, 6)
    return City(seed, entities, histories, draw_terrain(makings))


def _bin_entities(makings: Makings, bins: Bins, fill: FillHistory, areas: Areas, ids: list[str]) -> list[Entity]:
    """Return the bins with their newest reading."""
    last, has = fill.newest(len(bins))
    district = areas.district_of(bins.xy)
    levels, times = fill.level[last].tolist(), fill.at_s[last].tolist()
    emptied = fill.emptied[last].tolist()
    columns = {
        "name": [name.zh for name in bins.names],
        "name_en": [name.en for name in bins.names],
        "waste_kind": bins.kind,
        "capacity_l": bins.capacity_l,
        "fill_level": [
            (0.0 if gone else level) if known else None for level, gone, known in zip(levels, emptied, has, strict=True)
        ],
        "fill_observed_at": [datetime.fromtimestamp(at, UTC) if known else None for at, known in zip(times, has, strict=True)],
        "district": [areas.names[number].zh for number in district],
        "department": [case_standards()[BIN_CLASS].department] * len(levels),
    }
    return makings.entities(Bin, shapely.points(bins.xy), columns, ids)


def _fill_columns(fill: FillHistory, ids: list[str]) -> dict[str, Column]:
    """Return the readings as columns of the history kind ``fill_reading``."""
    return {
        "subject_id": np.array(ids, dtype=object)[fill.bin],
        "at": fill.at_s.astype("datetime64[s]"),
        "fill_level": fill.level,
        "emptied": fill.emptied,
    }
