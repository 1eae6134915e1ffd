from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from sim import SIMULATIONS
from sim.congestion import Congestion, CongestionParams
from sim.travel.kept import KeptCity
from twin.errors import ScenarioError
from twin.model.comparison import compare
from twin.model.edits import CloseLinks, ScaleDemand, SetLanes, SetSpeed
from twin.model.network import Movement
from twin.model.places import Building
from twin.model.scenario import Scenario, baseline
from twin.task import finish

PARAMS = CongestionParams(relative_gap=1e-9)


def scenario(*edits):
    return Scenario(id="s", name="what if", edits=edits)


@pytest.fixture(scope="module")
def city(make):
    return make.snapshot(make.grid(6, 5))


@pytest.fixture(scope="module")
def congestion():
    return Congestion()


@pytest.fixture(scope="module")
def before(city, congestion):
    return finish(congestion.run(city, baseline(), PARAMS, 1))


def run(congestion, city, *edits):
    return finish(congestion.run(city, scenario(*edits), PARAMS, 1))


def volume(result, key):
    table = result.tables["link"]
    return float(table.columns["volume_vph"][table.ids.tolist().index(key)])


def busiest(result):
    table = result.tables["link"]
    return table.ids[int(np.argmax(table.columns["volume_vph"]))]


def test_it_is_in_the_catalogue():
    assert [item.name for item in SIMULATIONS].count("congestion") == 1


def test_a_result_has_every_road_and_finite_numbers(city, before):
    link = before.tables["link"]
    assert link.ids.tolist() == city["link"].ids.tolist()
    for table in before.tables.values():
        assert [measure.name for measure in table.measures] == list(table.columns)
        assert all(np.isfinite(column).all() for column in table.columns.values())
    assert set(np.unique(link.columns["grade"])) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert before.diagnostics["relative_gap"] <= 1e-9
    assert any("synthetic" in note for note in before.notes)


def test_the_indicators_agree_with_the_tables(city, before):
    columns = before.tables["link"].columns
    vehicle_h = float(columns["volume_vph"] @ columns["travel_time_s"]) / 3600
    assert before.indicator("total_travel_time").value == pytest.approx(vehicle_h)
    vkt = float(columns["volume_vph"] @ city["link"]["length_m"]) / 1000
    assert before.indicator("vkt").value == pytest.approx(vkt)
    cells = before.tables["cell"].columns
    assert cells["volume_vkt"].sum() == pytest.approx(vkt)
    assert cells["delay_veh_h"].sum() == pytest.approx(before.indicator("delay").value)
    assert before.indicator("network_tti").value >= 1.0


def test_no_edit_no_difference(city, congestion, before):
    same = compare(before, run(congestion, city))
    assert not any(difference.is_found for difference in same.differences)
    for table in same.tables.values():
        assert not any(np.any(column) for name, column in table.columns.items() if name.endswith("_difference"))


def test_a_kept_baseline_and_a_new_one_give_the_same_bytes(city, congestion):
    edit = CloseLinks(target_ids=("n2-2>n3-2",))
    kept, new = run(congestion, city, edit), run(Congestion(), city, edit)
    assert kept.input_hash == new.input_hash
    assert kept.indicators == new.indicators
    for kind, table in kept.tables.items():
        for name, column in table.columns.items():
            assert column.tobytes() == new.tables[kind].columns[name].tobytes()


def test_a_closed_road_is_empty_and_time_is_lost(city, congestion, before):
    key = busiest(before)
    after = run(congestion, city, CloseLinks(target_ids=(key,)))
    assert volume(before, key) > 0.0
    assert volume(after, key) == 0.0
    assert after.indicator("total_travel_time").value > before.indicator("total_travel_time").value
    assert after.indicator("trips").value == pytest.approx(before.indicator("trips").value)
    assert after.input_hash != before.input_hash


def test_a_closed_road_is_neither_better_nor_worse(city, congestion, before):
    key = busiest(before)
    after = run(congestion, city, CloseLinks(target_ids=(key,)))
    tables = compare(before, after).tables
    row = tables["link"].ids.tolist().index(key)
    columns = tables["link"].columns
    assert columns["volume_vph_difference"][row] == -volume(before, key)
    for name in ("travel_time_s", "speed_mps", "tti", "dtp", "tpi", "grade"):
        assert np.isfinite(columns[f"{name}_before"][row])
        assert np.isnan(columns[f"{name}_after"][row])
        assert np.isnan(columns[f"{name}_difference"][row])
        assert np.isfinite(np.delete(columns[f"{name}_difference"], row)).all()
    assert all(np.isfinite(measure.noise) for table in tables.values() for measure in table.measures)


def test_a_cell_whose_roads_are_all_closed_has_no_speed(city, congestion):
    every = run(congestion, city).tables["link"].ids.tolist()
    cells = run(congestion, city, CloseLinks(target_ids=tuple(every[1:]))).tables["cell"].columns
    assert np.isnan(cells["speed_mps"]).sum() >= len(cells["speed_mps"]) - 2
    assert (np.isnan(cells["grade"]) == np.isnan(cells["speed_mps"])).all()
    assert cells["volume_vkt"][np.isnan(cells["speed_mps"])].sum() == 0.0


def test_closing_a_road_that_nobody_uses_changes_nothing(make, congestion):
    # A detour of 6 km beside a grid: no trip takes it.
    entities = make.grid(4, 4)
    first, last = (entity for entity in entities if entity.id in ("n0-0", "n3-3"))
    middle = make.junction("far", -2000.0, 4000.0)
    entities += [middle]
    entities += [make.road(f"{a.id}>{b.id}", a, b) for a, b in ((first, middle), (middle, last))]
    city = make.snapshot(entities)
    before, after = run(congestion, city), run(congestion, city, CloseLinks(target_ids=("n0-0>far",)))
    assert before.tables["link"].columns["volume_vph"].tobytes() == after.tables["link"].columns["volume_vph"].tobytes()


def test_fewer_lanes_and_lower_speed_drive_traffic_away(city, congestion, before):
    key = busiest(before)
    for edit in (SetLanes(target_ids=(key,), lanes=0.5), SetSpeed(target_ids=(key,), speed_mps=3.0)):
        after = run(congestion, city, edit)
        assert volume(after, key) < volume(before, key)
        assert after.indicator("total_travel_time").value > before.indicator("total_travel_time").value


def test_more_trips_everywhere_or_around_a_place(city, congestion, before):
    trips = before.indicator("trips").value
    everywhere = run(congestion, city, ScaleDemand(factor=1.2))
    assert everywhere.indicator("trips").value == pytest.approx(1.2 * trips)
    around = run(congestion, city, ScaleDemand(factor=2.0, x_m=0.0, y_m=0.0, radius_m=400.0))
    assert trips < around.indicator("trips").value < 2.0 * trips
    nobody = run(congestion, city, ScaleDemand(factor=0.0))
    assert nobody.indicator("trips").value == 0.0
    assert nobody.indicator("vkt").value == 0.0


def test_a_closed_bridge_leaves_trips_without_a_way_and_says_so(make, congestion):
    west, east = make.grid(4, 3), make.grid(4, 3)

    east = [
        replace(
            entity,
            id=f"e{entity.id}",
            geometry=shapely.affinity.translate(entity.geometry, 3000.0),
            **(
                {"tail_id": f"e{entity.tail_id}", "head_id": f"e{entity.head_id}", "reverse_id": ""}
                if entity.kind == "link"
                else {}
            ),
        )
        for entity in east
    ]
    ends = {entity.id: entity for entity in (*west, *east)}
    bridge = [make.road("there", ends["n3-1"], ends["en0-1"]), make.road("back", ends["en0-1"], ends["n3-1"])]
    city = make.snapshot([*west, *east, *bridge])
    before = run(congestion, city)
    crossing = volume(before, "there") + volume(before, "back")
    after = run(congestion, city, CloseLinks(target_ids=("there", "back")))
    assert crossing > 0.0
    assert after.indicator("unserved_trips").value == pytest.approx(crossing)
    assert after.indicator("trips").value == pytest.approx(before.indicator("trips").value - crossing)
    assert volume(after, "there") == 0.0
    assert any("no way any more" in note for note in after.notes)


def test_a_turn_ban_sends_traffic_another_way(make, congestion):
    # Two rooms joined by a short road that is entered by a left turn; the ban leaves the long one.
    entities = make.grid(5, 5)
    before = run(congestion, make.snapshot(entities))
    turns = [("n1-2>n2-2", "n2-2>n2-3"), ("n1-2>n2-2", "n2-2>n3-2"), ("n1-2>n2-2", "n2-2>n2-1")]
    bans = [
        Movement(id=f"m{i}", from_link_id=start, via_node_id="n2-2", to_link_id=end, rule="no")
        for i, (start, end) in enumerate(turns)
    ]
    after = run(congestion, make.snapshot([*entities, *bans]))
    assert volume(before, "n1-2>n2-2") > 0.0
    assert volume(after, "n1-2>n2-2") < volume(before, "n1-2>n2-2")


def test_a_city_without_roads_says_what_to_import(make, congestion):
    with pytest.raises(ScenarioError, match="Import an OpenStreetMap extract"):
        run(congestion, make.snapshot([]))


def test_a_city_where_nobody_lives_says_so(city):
    with pytest.raises(ScenarioError, match="Nobody makes a trip"):
        finish(Congestion().run(city, baseline(), CongestionParams(car_share=0.0), 1))


@pytest.mark.parametrize("values", [{"relative_gap": 0.0}, {"car_share": 1.5}, {"zone_count": 1}, {"trip_rate": float("nan")}])
def test_params_refuse_nonsense_at_birth(values):
    with pytest.raises(ScenarioError, match="expected"):
        CongestionParams(**values)


def test_a_cancelled_run_keeps_nothing_and_the_next_is_whole(city, before):
    congestion = Congestion()
    for steps in (1, 20, 60):
        task = congestion.run(city, baseline(), PARAMS, 1)
        for _ in range(steps):
            next(task)
        task.close()
        assert congestion._city._baseline is None
    again = finish(congestion.run(city, baseline(), PARAMS, 1))
    assert again.indicators == before.indicators


def test_a_fragment_of_buildings_is_not_taken_for_the_whole_city(make, congestion):
    roads = [entity for entity in make.grid(6, 5) if entity.kind != "population_cell"]
    house = Building(id="b", geometry=shapely.box(0, 0, 20, 20), use="residential", height_m=9.0)
    result = run(congestion, make.snapshot([*roads, house]))
    assert any("length of roads alone" in note for note in result.notes)
    houses = [
        Building(id=f"b{i}", geometry=shapely.box(x, y, x + 20, y + 20), use="residential", height_m=9.0)
        for i, (x, y) in enumerate((300 * i, 300 * j) for i in range(6) for j in range(5))
    ]
    result = run(congestion, make.snapshot([*roads, *houses]))
    assert any("residents estimated from floor area" in note for note in result.notes)
    # 400 m2 on three storeys, 40 m2 each: 30 residents a house.
    assert result.diagnostics["residents"] == pytest.approx(900.0)


@pytest.mark.parametrize("family", ["GB/T_33171", "DB11/T_785", "delay_index"])
def test_a_result_is_told_in_one_family_of_indices(city, congestion, before, family):
    params = replace(PARAMS, index_family=family)
    result = finish(congestion.run(city, baseline(), params, 1))
    assert result.indicator("total_travel_time").value == before.indicator("total_travel_time").value
    names = {item.name for table in result.tables.values() for item in table.measures}
    own = {"GB/T_33171": {"tti", "dtp", "tpi", "grade"}, "delay_index": {"delay_index", "grade_delay_index"}}
    own["DB11/T_785"] = {"grade_db11t785", "tpi_db11t785", "severe_share_db11t785"}
    for name, measures in own.items():
        assert (measures <= names) if name == family else not measures & names
    if family != "GB/T_33171":
        with pytest.raises(ScenarioError, match="different parameters"):
            compare(before, result)


def test_queues_stand_where_volume_exceeds_capacity(make, congestion):
    city = make.snapshot(make.grid(6, 5, capacity_vph=60.0))
    result = run(congestion, city)
    columns = result.tables["link"].columns
    beyond = np.maximum(columns["volume_vph"] - 60.0, 0.0)
    assert beyond.max() > 0.0
    assert columns["queue_veh"] == pytest.approx(beyond)
    assert result.indicator("over_capacity_m").value == pytest.approx(300.0 * np.count_nonzero(beyond))


def test_an_unknown_family_is_refused():
    with pytest.raises(ScenarioError, match="expected one of"):
        CongestionParams(index_family="tom_tom")


def test_to_measure_is_to_run_without_the_tables(city, congestion):
    edit = CloseLinks(target_ids=("n2-2>n3-2",))
    ran = run(congestion, city, edit)
    assert finish(congestion.measure(city, scenario(edit), PARAMS, 1)) == ran.indicators
    assert finish(Congestion().measure(city, scenario(edit), PARAMS, 1)) == ran.indicators


def test_simulations_that_share_a_city_solve_it_once(city):
    shared = KeptCity()
    one, other = Congestion(shared), Congestion(shared)
    finish(one.measure(city, baseline(), PARAMS, 1))
    kept = shared._baseline
    other_family = replace(PARAMS, index_family="delay_index")
    finish(other.measure(city, baseline(), other_family, 1))
    assert shared._baseline is kept
    finish(other.measure(replace(city), baseline(), PARAMS, 1))  # another snapshot of the same content
    assert shared._baseline is kept
    finish(other.measure(city, baseline(), replace(PARAMS, trip_rate=0.1), 1))
    assert shared._baseline is not kept


def test_the_noise_of_an_indicator_is_what_still_moved(make, congestion):
    city = make.snapshot(make.grid(6, 5, capacity_vph=100.0))
    loose, tight = (finish(congestion.run(city, baseline(), replace(PARAMS, relative_gap=gap), 1)) for gap in (1e-3, 1e-10))
    item = loose.indicator("delay")
    assert 0.0 < item.noise < 0.1 * item.value
    assert tight.indicator("delay").noise < item.noise
    assert tight.indicator("network_grade").noise == 0.0
