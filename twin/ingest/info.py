"""A workspace in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.ingest.importing import city_bounds
from twin.model.frame import Frame
from twin.store import Store


def workspace_info(store: Store) -> dict[str, Any]:
    """Return what a city holds, with the keys that scripts rely on.

    ``roads`` are the drivable ways of the source without service roads (driveways, car parks, roads of an
    unknown class), which are ``service_roads``; ``cameras`` are without those that measure speed.
    """
    snapshot = store.snapshot(["link", "camera"], with_terrain=False)
    counts = store.counts()
    public, service = _roads(snapshot["link"])
    cameras = snapshot["camera"]["camera_type"]
    return {
        "name": store.name,
        "synthetic": store.synthetic,
        "version": store.version,
        "bounds": city_bounds(store),
        "roads": public,
        "service_roads": service,
        "nodes": counts["node"],
        "links": counts["link"],
        "turn_restrictions": counts["movement"],
        "buildings": counts["building"],
        "bins": counts["bin"],
        "cameras": int((cameras != "speed").sum()),
        "speed_cameras": int((cameras == "speed").sum()),
        "incidents": counts["incident"],
        "cases": counts["case"],
        "counters": counts["counter"],
        "counts": counts["traffic_count"],
        "fill_readings": counts["fill_reading"],
        "emptyings": counts["emptying"],
        "depots": counts["depot"],
        "disposal_sites": counts["disposal_site"],
        "districts": counts["district"],
        "unit_grids": counts["unit_grid"],
        "land_use": counts["land_use"],
        "population_cells": counts["population_cell"],
        "zones": counts["zone"],
        "od_matrix": counts["od_matrix"],
        "scenarios": counts["scenario"],
        "terrain": store.has_terrain,
        "sources": list(store.source_names()),
    }


def _roads(links: Frame) -> tuple[int, int]:
    """Return the number of public and of service roads: both directions and all pieces of a way are one."""
    ways = links["way_id"].copy()
    drawn = ways == ""
    ways[drawn] = np.minimum(
        links.ids[drawn], np.where(links["reverse_id"][drawn] == "", links.ids[drawn], links["reverse_id"][drawn])
    )
    is_service = links["road_class"] == "service"
    return len(set(ways[~is_service].tolist())), len(set(ways[is_service].tolist()))
