from __future__ import annotations

import numpy as np
import pytest

from sim.congestion import Congestion, CongestionParams
from sim.travel.baseline import city_volume, make_baseline
from sim.travel.gates import find_gates
from twin.model.scenario import baseline
from twin.task import finish


def town(make, *, carriageways=True):
    """Return a town of streets that a trunk road crosses from west to east: one carriageway each way, or one road."""
    entities = make.grid(5, 4)
    nodes = {entity.id: entity for entity in entities if entity.kind == "node"}
    west, east = nodes["n0-1"], nodes["n4-1"]
    values = {"road_class": "trunk", "capacity_vph": 3600.0, "free_flow_speed_mps": 20.0}
    ends = {key: make.junction(key, x, y) for key, x, y in
            (("w1", -900, 320), ("w2", -900, 290), ("e1", 2100, 320), ("e2", 2100, 290))}  # fmt: skip
    if not carriageways:
        ends["w2"], ends["e2"] = ends["w1"], ends["e1"]
    roads = [
        make.road("in_w", ends["w1"], west, **values),
        make.road("out_w", west, ends["w2"], **values),
        make.road("in_e", ends["e1"], east, **values),
        make.road("out_e", east, ends["e2"], **values),
    ]
    return make.snapshot([*entities, *{node.id: node for node in ends.values()}.values(), *roads])


def solved(city, **values):
    return finish(make_baseline("key", city, CongestionParams(calibration="none", **values)))


def volume(base, city, key):
    return float(city_volume(base.network, base.solution.volume)[city["link"].row_of[key]])


@pytest.mark.parametrize("carriageways", [True, False])
def test_the_edge_of_an_extract_is_no_wall(make, carriageways):
    city = town(make, carriageways=carriageways)
    base = solved(city, gate_share=0.1, through_share=0.4, trip_rate=3.0)
    assert len(base.network.zones.gates) == 2
    # Productions are met exactly: a tenth of 3,600 comes in by each gate.
    assert [volume(base, city, key) for key in ("in_w", "in_e")] == pytest.approx([360.0, 360.0])
    through = base.demand.trips[-2:, -2:]
    assert through.sum() == pytest.approx(0.4 * 720.0)
    assert not np.diagonal(through).any()


def test_a_wall_where_the_planner_says_so(make):
    base = solved(town(make), gate_share=0.0)
    assert len(base.network.zones.gates) == 0
    assert volume(base, town(make), "in_w") == 0.0
    assert not any("leave the city" in note for note in base.notes)


def test_notes_tell_the_gates(make):
    notes = " ".join(solved(town(make), gate_share=0.1).notes)
    assert "Main roads that leave the city: 2" in notes
    assert "10 % of what these roads carry" in notes


def test_what_leaves_by_a_gate_is_a_share_of_its_capacity(make):
    city = town(make)
    base = solved(city, gate_share=0.05, through_share=0.0, trip_rate=3.0)
    assert volume(base, city, "out_w") + volume(base, city, "out_e") == pytest.approx(0.05 * 7200.0)
    assert base.demand.trips[-2:, -2:].sum() == 0.0


def test_a_hamlet_on_a_large_road_is_passed_by(make):
    city = town(make)
    base = solved(city, gate_share=0.8, through_share=0.0, trip_rate=0.1)
    crossing = base.demand.generation.production[-2:].sum()
    inside = base.demand.trips[-2:, :-2].sum()
    assert inside == pytest.approx(0.5 * base.demand.generation.attraction[:-2].sum())
    assert base.demand.trips[-2:].sum() == pytest.approx(crossing)


def find(links, xy, rank=1):
    tail, head = (np.array(ends) for ends in zip(*links, strict=True))
    count = len(links)
    return find_gates(tail, head, np.ones(count, bool), np.full(count, rank), np.full(count, 1000.0), np.array(xy, float))


SQUARE = [(0, 0), (1000, 0), (1000, 1000), (0, 1000)]
RING = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 0), (2, 1), (3, 2), (0, 3)]


def test_a_dead_end_inside_the_city_or_of_a_small_road_is_no_gate():
    stub = [*RING, (0, 4), (4, 0)]
    assert len(find(stub, [*SQUARE, (500, 500)])) == 0
    assert len(find(stub, [*SQUARE, (-400, 0)])) == 1
    assert len(find(stub, [*SQUARE, (-400, 0)], rank=4)) == 0


def test_a_carriageway_without_its_opposite_is_no_gate_by_itself():
    gates = find([*RING, (0, 4)], [*SQUARE, (-400, 0)])
    assert len(gates) == 1
    assert len(gates.kept(np.ones(5, bool))) == 0


def test_two_carriageways_that_end_side_by_side_are_one_gate():
    gates = find([*RING, (0, 4), (5, 0)], [*SQUARE, (-400, 0), (-400, 40)])
    assert len(gates) == 1
    assert [side.tolist() for side in gates.joined] == [[4], [5]]


def test_a_run_over_gates_has_every_indicator(make):
    result = finish(Congestion().run(town(make), baseline(), CongestionParams(), 1))
    assert result.indicator("trips").value > 0.0
    assert all(np.isfinite(item.value) for item in result.indicators)


def test_a_gate_whose_road_is_closed_is_none(make):
    city = town(make)
    links = city["link"]
    shut = city.with_frame(links.with_values(["in_w", "out_w"], {"closed": True}))
    assert len(solved(shut, gate_share=0.2).network.zones.gates) == 1
