from __future__ import annotations

import numpy as np
import pytest
import shapely

from sim import SIMULATIONS
from sim.flows import Flows, FlowsParams
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks
from twin.model.places import PopulationCell
from twin.model.scenario import Scenario, baseline
from twin.task import finish

TIGHT = {"relative_gap": 1e-9, "zone_count": 16, "calibration": "none"}


@pytest.fixture(scope="module")
def city(make):
    """Return two squares of streets that one street joins, named in both languages."""
    entities = [*make.grid(3, 3)]
    nodes = {entity.id: entity for entity in entities if entity.kind == "node"}
    beyond = {(i, j): make.junction(f"far{i}-{j}", 4000.0 + 300 * i, 300.0 * j) for i in range(3) for j in range(3)}
    for (i, j), node in beyond.items():
        home = shapely.Point(4000.0 + 300 * i, 300.0 * j).buffer(50.0)
        entities.append(PopulationCell(id=f"far{i}-{j}", geometry=home, residents=200.0))
        for place in ((i + 1, j), (i, j + 1)):
            if place in beyond:
                other = beyond[place]
                entities += [make.road(f"{node.id}>{other.id}", node, other), make.road(f"{other.id}>{node.id}", other, node)]
    near, far = nodes["n2-1"], beyond[0, 1]
    there = make.road("there", near, far, reverse_id="back", name="长街", name_en="Long Street", road_class="trunk")
    back = make.road("back", far, near, reverse_id="there", name="长街", name_en="Long Street", road_class="trunk")
    return make.snapshot([*entities, *beyond.values(), there, back])


@pytest.fixture(scope="module")
def flows():
    return Flows()


def run(flows, city, roads="", scenario=None, **params):
    return finish(flows.run(city, scenario or baseline(), FlowsParams(roads=roads, **TIGHT, **params), 1))


def volume(result, key):
    table = result.tables["link"]
    return float(table.columns["volume_vph"][table.ids.tolist().index(key)])


def test_it_is_in_the_catalogue():
    assert [item.name for item in SIMULATIONS].count("flows") == 1


def test_a_bridge_is_used_by_all_trips_between_its_sides(flows, city):
    result = run(flows, city, "there")
    trips = result.indicator("trips_here").value
    assert trips > 0.0
    assert volume(result, "there") == pytest.approx(trips)
    assert volume(result, "back") == 0.0
    cells = result.tables["cell"].columns
    assert cells["trips_from_vph"].sum() == pytest.approx(trips)
    assert cells["trips_to_vph"].sum() == pytest.approx(trips)
    assert not np.any((cells["trips_from_vph"] > 0.0) & (cells["trips_to_vph"] > 0.0))
    assert result.tables["pair"].columns["trips_vph"].sum() <= trips + 1e-9


def test_a_name_means_all_pieces_of_the_road_in_either_language(flows, city):
    by_name, by_english = run(flows, city, "长街"), run(flows, city, "Long Street")
    by_keys = run(flows, city, "there; back")
    for result in (by_name, by_english):
        assert result.indicator("trips_here").value == pytest.approx(by_keys.indicator("trips_here").value)
    both = run(flows, city, "there").indicator("trips_here").value + run(flows, city, "back").indicator("trips_here").value
    assert by_keys.indicator("trips_here").value == pytest.approx(both)


def test_without_a_road_it_is_the_fullest(flows, city):
    result = run(flows, city)
    assert max(volume(result, "there"), volume(result, "back")) == pytest.approx(result.indicator("trips_here").value)


def test_the_share_is_of_all_traffic_on_the_road(flows, city):
    table = run(flows, city, "there").tables["link"]
    share = table.columns["share"]
    assert share[table.ids.tolist().index("there")] == pytest.approx(1.0)
    assert np.all((share >= 0.0) & (share <= 1.0))


def test_trucks_are_followed_like_cars(flows, city):
    alone, mixed = run(flows, city, "there"), run(flows, city, "there", truck_share=0.5, truck_pce=2.0)
    # The one way between the sides: half of the vehicles count twice.
    assert mixed.indicator("trips_here").value == pytest.approx(1.5 * alone.indicator("trips_here").value, rel=1e-6)


def test_where_the_road_is_closed_nobody_drives(flows, city):
    closed = Scenario(id="s", name="closed", edits=(CloseLinks(target_ids=("n0-0>n1-0",)),))
    result = run(flows, city, "n0-0>n1-0", closed)
    assert result.indicator("trips_here").value == 0.0
    assert all(np.isfinite(item.value) for item in result.indicators)


def test_paths_of_a_pair_add_up_to_its_trips_and_take_equally_long(flows, city):
    listed = run(flows, city, "there").tables["pair"]
    result = run(flows, city, "there", pair=listed.ids[-1])
    paths = result.tables["path"].columns
    assert paths["trips_vph"].sum() == pytest.approx(listed.columns["trips_vph"][-1], rel=1e-3)
    assert paths["share"].sum() == pytest.approx(1.0, rel=1e-3)
    assert np.ptp(paths["time_s"][paths["share"] > 0.01]) <= 1e-3 * paths["time_s"].max()
    assert all("长街" in key for key in result.tables["path"].ids.tolist())


@pytest.mark.parametrize(("pair", "said"), [("a", "no pair of zones"), ("a > b > c", "no pair"), ("a > b", "no zone 'a'")])
def test_a_pair_that_is_none_is_refused(flows, city, pair, said):
    with pytest.raises(ScenarioError, match=said):
        run(flows, city, "there", pair=pair)


@pytest.mark.parametrize(("roads", "said"), [("Long Stret", "Did you mean Long Street"), ("zzz", "Give the name")])
def test_an_unknown_road_is_named_with_what_is_near(flows, city, roads, said):
    with pytest.raises(ScenarioError, match="no road") as raised:
        run(flows, city, roads)
    assert said in raised.value.advice


def test_the_same_question_gives_the_same_bytes(flows, city):
    one, other = run(flows, city, "there"), run(Flows(), city, "there")
    assert one.input_hash == other.input_hash != run(flows, city, "back").input_hash
    for kind, table in one.tables.items():
        for name, column in table.columns.items():
            assert column.tobytes() == other.tables[kind].columns[name].tobytes()
