from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.equilibrium import skim_times
from sim.travel.network import make_network
from sim.travel.params import TravelParams
from sim.travel.road_delay import graph_delay
from sim.travel.turn_delays import turn_delays
from twin.model.network import Movement
from twin.task import finish


def city(make, road_class="secondary", bans=()):
    """Return a 3 x 3 grid whose middle east-west road is of ``road_class``; ``bans`` are pairs of its links."""
    entities = []
    for entity in make.grid(3, 3):
        is_main = entity.kind == "link" and entity.id.count("-1") == 2
        entities.append(type(entity)(**{**vars(entity), "road_class": road_class}) if is_main else entity)
    rules = [Movement(id=f"ban{i}", from_link_id=start, to_link_id=end) for i, (start, end) in enumerate(bans)]
    return make.snapshot([*entities, *rules])


def named(snapshot, params, banned=()):
    links, row_of = snapshot["link"], snapshot["node"].row_of
    tail, head = (np.array([row_of[key] for key in links[end]]) for end in ("tail_id", "head_id"))
    pairs = {tuple(int(links.rows([key])[0]) for key in pair) for pair in banned}
    found = turn_delays(links, tail, head, pairs, params)
    return {(links.ids[start], links.ids[end]): seconds for (start, end), seconds in found.items()}


def test_a_left_turn_across_a_busy_road_costs_its_delay(make):
    found = named(city(make), TravelParams(left_turn_delay_s=7.0))
    # Eastward the left turn leads north, westward south; nobody comes from ahead at the ends of the road.
    assert found == {("n0-1>n1-1", "n1-1>n1-2"): 7.0, ("n2-1>n1-1", "n1-1>n1-0"): 7.0}


def test_where_traffic_keeps_left_right_turns_cross(make):
    found = named(city(make), TravelParams(left_turn_delay_s=7.0, keeps_left=True))
    assert set(found) == {("n0-1>n1-1", "n1-1>n1-0"), ("n2-1>n1-1", "n1-1>n1-2")}


def test_small_streets_and_no_delay_split_nothing(make):
    assert named(city(make, "residential"), TravelParams(left_turn_delay_s=7.0)) == {}
    assert named(city(make), TravelParams()) == {}


def test_turning_back_costs_where_a_turn_is_banned_and_one_junction_on(make):
    params, ban = TravelParams(u_turn_delay_s=20.0), ("n0-1>n1-1", "n1-1>n1-2")
    found = named(city(make), params, [ban])
    assert all(seconds == 20.0 for seconds in found.values())
    assert ("n1-1>n2-1", "n2-1>n1-1") in found
    assert ("n0-1>n1-1", "n1-1>n0-1") in found
    assert not any("n0-0" in start.split(">")[1] for start, _ in found)
    assert named(city(make), params) == {}


@pytest.mark.parametrize("delay_s", [0.0, 5.0])
def test_a_trip_that_must_turn_left_takes_its_delay_longer(make, delay_s):
    """On a cross of two roads there is one way from each arm to each other."""
    arms = {"w": (-900.0, 0.0), "e": (900.0, 0.0), "s": (0.0, -900.0), "n": (0.0, 900.0)}
    centre = make.junction("x", 0.0, 0.0)
    tips = {key: make.junction(key, *place) for key, place in arms.items()}
    roads = [make.road(f"{key}x", tip, centre, road_class="secondary") for key, tip in tips.items()]
    roads += [make.road(f"x{key}", centre, tip, road_class="secondary") for key, tip in tips.items()]
    snapshot = make.snapshot([centre, *tips.values(), *roads])
    params = TravelParams(left_turn_delay_s=delay_s)
    network = finish(make_network(snapshot, params))
    times = finish(skim_times(network.graph, graph_delay(snapshot, network, params).free_time, len(network.zones)))
    zone = {key: int(np.argmin(np.hypot(*(network.zones.xy - place).T))) for key, place in arms.items()}
    ahead, left, right = times[zone["w"], zone["e"]], times[zone["w"], zone["n"]], times[zone["w"], zone["s"]]
    assert left == pytest.approx(ahead + delay_s)
    assert right == pytest.approx(ahead)
