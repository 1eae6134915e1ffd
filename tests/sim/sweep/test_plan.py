"""Which cases a sweep looks at, and that the bridge of a small city is the worst of them to close."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from sim.congestion import Congestion, CongestionParams
from sim.sweep.plan import Closures, Combinations
from sim.sweep.ranking import ranked
from sim.sweep.study import Study
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks, ScaleDemand, SetFleet, SetSpeed
from twin.model.places import District
from twin.task import finish

PARAMS = CongestionParams(relative_gap=1e-8)


@pytest.fixture(scope="module")
def study(make):
    """A city of two halves joined by one bridge, each way of it by itself."""
    west = make.grid(3, 3)
    nodes = {entity.id: entity for entity in west if entity.kind == "node"}
    east_nodes = {key: make.junction(f"e{key}", node.geometry.x + 1500.0, node.geometry.y) for key, node in nodes.items()}
    east = list(east_nodes.values())
    for entity in west:
        if entity.kind == "link":
            tail, head = east_nodes[entity.tail_id], east_nodes[entity.head_id]
            east.append(make.road(f"e{entity.id}", tail, head, reverse_id=f"e{entity.reverse_id}"))
        elif entity.kind == "population_cell":
            east.append(replace(entity, id=f"e{entity.id}", geometry=shapely.affinity.translate(entity.geometry, 1500.0)))
    bridge = [
        make.road("bridge", nodes["n2-1"], east_nodes["n0-1"], reverse_id="egdirb"),
        make.road("egdirb", east_nodes["n0-1"], nodes["n2-1"], reverse_id="bridge"),
    ]
    district = District(id="d", geometry=shapely.box(-10, -10, 310, 310), name="西区", name_en="West")
    return Study(Congestion(), make.snapshot([*west, *east, *bridge, district]), PARAMS, 1)


def cases(plan, study):
    return finish(plan.cases(study))


def test_closures_are_of_all_open_links_one_direction_each(study):
    found = cases(Closures(), study)
    assert [case.target_ids for case in found] == [(key,) for key in study.snapshot["link"].ids.tolist()]
    closed = study.snapshot["link"].with_values(("bridge",), {"closed": True})
    assert len(cases(Closures(), replace(study, snapshot=study.snapshot.with_frame(closed)))) == len(found) - 1


def test_closures_of_a_district_by_either_name(study):
    for name in ("西区", "West"):
        found = cases(Closures(district=name), study)
        assert {case.target_ids[0] for case in found} == {
            "n0-0>n1-0", "n1-0>n0-0", "n0-0>n0-1", "n0-1>n0-0", "n1-0>n1-1", "n1-1>n1-0", "n0-1>n1-1", "n1-1>n0-1",
        }  # fmt: skip
    with pytest.raises(ScenarioError, match="West"):
        cases(Closures(district="North"), study)


def test_a_limit_takes_the_busiest(study):
    found = cases(Closures(limit=4), study)
    assert len(found) == 4
    assert {"bridge", "egdirb"} <= {case.target_ids[0] for case in found}
    with pytest.raises(ScenarioError, match="limit"):
        cases(Closures(limit=-1), study)


def test_no_open_road_is_a_refusal(study):
    with pytest.raises(ScenarioError, match="no open road"):
        cases(Closures(ids=("no such",)), study)


def test_combinations_are_all_subsets_of_the_edits_that_are_heeded(study):
    one, two, three = CloseLinks(target_ids=("a",)), SetSpeed(target_ids=("b",)), ScaleDemand(factor=1.1)
    found = cases(Combinations((one, two, SetFleet(), three)), study)
    assert [case.edits for case in found] == [
        (one,), (two,), (three,), (one, two), (one, three), (two, three), (one, two, three),
    ]  # fmt: skip
    for edits in ((), (SetFleet(),), tuple(ScaleDemand(factor=1 + k / 10) for k in range(11))):
        with pytest.raises(ScenarioError, match="combinations can be made of 1 to 10"):
            cases(Combinations(edits), study)


def test_the_bridge_is_the_worst_to_close(study):
    chosen = cases(Closures(ids=("n0-0>n1-0", "bridge", "en1-1>en2-1")), study)
    before = finish(study.begun())
    found = ranked(before, chosen, [finish(study.measured(case)) for case in chosen])
    assert found.rows[0].case.target_ids == ("bridge",)
    assert found.rows[0].left_out.difference > 0.0


def test_a_case_that_makes_no_sense_is_a_refusal_of_its_own(study):
    missing = cases(Combinations((CloseLinks(target_ids=("no such",)),)), study)
    assert "does not have" in finish(study.measured(missing[0])).refusal


def test_measuring_a_case_alone_gives_what_a_run_gives(study):
    case = cases(Closures(ids=("n0-0>n1-0",)), study)[0]
    run = finish(study.simulation.run(study.snapshot, case.scenario, PARAMS, 1))
    assert finish(study.measured(case)).indicators == run.indicators
    assert np.isfinite([item.value for item in run.indicators]).all()
