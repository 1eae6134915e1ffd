"""A street of two blocks with a lane beside it, and a bin and a depot: what edits are tried on."""

from __future__ import annotations

import pytest
import shapely

from tests import town
from twin.geo import Projection
from twin.model.snapshot import Snapshot

NODES = {"node-0": (0, 0), "node-1": (400, 0), "node-2": (800, 0), "node-3": (400, 400)}
# key: tail, head, opposite; link-4 is one-way
LINKS = [(0, 1, 1), (1, 0, 0), (1, 2, 3), (2, 1, 2), (1, 3, None)]


@pytest.fixture(scope="session")
def city() -> Snapshot:
    places = list(NODES.values())
    links = town.frame(
        "link",
        [shapely.LineString([places[tail], places[head]]) for tail, head, _ in LINKS],
        tail_id=[f"node-{tail}" for tail, _, _ in LINKS],
        head_id=[f"node-{head}" for _, head, _ in LINKS],
        reverse_id=["" if back is None else f"link-{back}" for _, _, back in LINKS],
        name=["East Street"] * 4 + ["North Lane"],
        lanes=[2.0, 2.0, 1.0, 0.0, 1.0],
        capacity_vph=[1800.0, 1800.0, 900.0, 900.0, 600.0],
        free_flow_speed_mps=[10.0] * 5,
        length_m=[400.0] * 5,
        toll=[0.0, 0.0, 2.0, 0.0, 0.0],
        green_share=[0.5] * 5,
    )
    frames = {
        "node": town.frame("node", town.points(*places), signal=[False, True, False, False]),
        "link": links,
        "movement": town.frame(
            "movement",
            town.points((400, 0)),
            from_link_id=["link-0"],
            via_node_id=["node-1"],
            to_link_id=["link-2"],
            rule=["only"],
        ),
        "bin": town.frame("bin", town.points((0, 0), (5, 5)), capacity_l=[240.0, 240.0]),
        "depot": town.frame("depot", town.points((0, 0)), vehicle_count=[4]),
        "disposal_site": town.frame(
            "disposal_site", town.points((0, 0), (800, 0)), unload_duration_s=[900.0, 600.0], waste_kinds=["", "food"]
        ),
    }
    return Snapshot("city", 1, Projection(8, 47), frames)


@pytest.fixture(scope="session")
def value():
    """Give one value of one thing: ``value(city, "link", "link-0", "lanes")``."""

    def read(city: Snapshot, kind: str, key: str, name: str):
        return city[kind][name][city[kind].row_of[key]]

    return read
