from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.delay import times
from sim.congestion import Congestion, CongestionParams
from sim.travel.baseline import city_volume
from sim.travel.network import make_network
from sim.travel.params import DELAY_FUNCTIONS, TravelParams
from sim.travel.road_delay import graph_delay, road_delay
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks, SetLanes
from twin.model.scenario import Scenario, baseline
from twin.task import finish


def narrowing(make, **first):
    """Return a grid and an expressway beside it that narrows at a bend, where no trip begins."""
    entities = make.grid(3, 3)
    nodes = {entity.id: entity for entity in entities if entity.kind == "node"}
    bend = make.junction("bend", 450.0, 1000.0)
    ways = [("a", nodes["n1-2"], bend, 900.0), ("b", bend, nodes["n2-2"], 400.0)]
    ways += [("c", nodes["n2-2"], bend, 400.0), ("d", bend, nodes["n1-2"], 900.0)]
    own = {"a": first}
    roads = [make.road(key, a, b, capacity_vph=width, road_class="trunk", **own.get(key, {})) for key, a, b, width in ways]
    return make.snapshot([*entities, bend, *roads])


@pytest.mark.parametrize("function", DELAY_FUNCTIONS)
def test_the_graph_takes_as_long_as_its_roads_whatever_the_function(make, function):
    city, params = narrowing(make), TravelParams(delay_function=function)
    network = finish(make_network(city, params))
    volume = np.full(len(network.graph.tail), 650.0)
    on_graph = times(graph_delay(city, network, params), volume)
    on_roads = road_delay(city, network, params).at(city_volume(network, volume))
    for place in np.unique(network.place[network.place >= 0]):
        assert on_graph[place] == pytest.approx(on_roads[network.place == place].sum(), rel=1e-12)


@pytest.mark.parametrize(("function", "is_joined"), [("bpr", True), ("conical", False), ("akcelik", False)])
def test_roads_in_a_row_are_joined_only_where_their_delays_have_a_sum(make, function, is_joined):
    city = narrowing(make)
    network = finish(make_network(city, TravelParams(delay_function=function)))
    first, second = network.place[city["link"].rows(["a", "b"])]
    assert (first == second) == is_joined


def test_roads_of_another_power_stay_apart_and_keep_their_own_delay(make):
    city, params = narrowing(make, bpr_power=2.0, bpr_b=0.5), TravelParams()
    network = finish(make_network(city, params))
    rows = city["link"].rows(["a", "b", "c", "d"])
    assert len(set(network.place[rows].tolist())) == 4
    delay = road_delay(city, network, params)
    at_capacity = (delay.at(delay.capacity) / delay.empty_time)[rows]
    assert at_capacity == pytest.approx([1.5, 1.15, 1.15, 1.15])
    twice = (delay.at(2.0 * delay.capacity) / delay.empty_time)[rows]
    assert twice == pytest.approx([3.0, 3.4, 3.4, 3.4])


def test_a_conical_road_at_capacity_takes_twice_its_free_time(make):
    city, params = make.snapshot(make.grid(3, 3)), TravelParams(delay_function="conical")
    delay = road_delay(city, finish(make_network(city, params)), params)
    assert delay.at(delay.capacity) == pytest.approx(2.0 * delay.empty_time)


def test_an_akcelik_road_at_capacity_waits_by_its_class_and_the_peak(make):
    city = make.snapshot(make.grid(3, 3, road_class="primary", capacity_vph=1000.0))
    params = TravelParams(delay_function="akcelik", peak_duration_s=7200.0)
    delay = road_delay(city, finish(make_network(city, params)), params)
    # 0.25 T sqrt(8 J / (Q T)) with J = 0.4, Q = 1000 veh/h and T = 2 h.
    assert delay.at(delay.capacity) - delay.empty_time == pytest.approx(0.25 * 7200 * np.sqrt(8 * 0.4 / (1000 * 2)))


@pytest.mark.parametrize("function", DELAY_FUNCTIONS)
@pytest.mark.parametrize("edit", [SetLanes(target_ids=("n1-1>n2-1",), lanes=0.5), CloseLinks(target_ids=("n1-1>n2-1",))])
def test_every_function_answers_a_what_if(make, function, edit):
    city, params = make.snapshot(make.grid(4, 4)), CongestionParams(delay_function=function, relative_gap=1e-9)
    congestion = Congestion()
    before = finish(congestion.run(city, baseline(), params, 1))
    after = finish(congestion.run(city, Scenario(id="s", name="edited", edits=(edit,)), params, 1))
    assert after.diagnostics["relative_gap"] <= 1e-9
    assert after.diagnostics["beckmann_objective"] > before.diagnostics["beckmann_objective"]


def test_an_unknown_function_is_refused_by_name():
    with pytest.raises(ScenarioError, match=r"'Delay function' is 'davidson'.*bpr, conical, akcelik"):
        TravelParams(delay_function="davidson")
