from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S, make_graph
from sim.assignment.passes import carried, mean_along
from twin.errors import DataError
from twin.task import finish

# Two roads: 10 + v / 10 and 20 + v / 20. Of 400 vehicles each takes 200, and all need 30.
ROADS = {"free_time": (10.0, 20.0), "b": (1.0, 1.0), "capacity": (100.0, 400.0), "power": (1.0, 1.0)}


def two_roads(demand, extra=None, background=None, **changed):
    graph, _ = make_graph(np.zeros(2, int), np.ones(2, int), 2, 0)
    delay = bpr(*(np.array(changed.get(name, values), float) for name, values in ROADS.items()))
    return Problem(
        graph,
        delay,
        np.asarray(demand, float),
        None if extra is None else np.asarray(extra, float),
        None if background is None else np.asarray(background, float),
    )


def trips(*numbers):
    return [[[0, number], [0, 0]] for number in numbers]


def of_class(problem, solution, index):
    mine = np.zeros_like(problem.demand)
    mine[index] = problem.demand[index]
    return finish(carried(problem, solution, mine))


def test_a_toll_on_trucks_alone_leaves_the_cheap_road_to_the_cars():
    problem = two_roads(trips(300, 100), extra=[[0, 0], [5, 0]])
    solution = finish(solve(problem, 1e-12))
    assert solution.volume == pytest.approx([200, 200])
    assert of_class(problem, solution, 0) == pytest.approx([200, 100])
    assert of_class(problem, solution, 1) == pytest.approx([0, 100])
    assert solution.time == pytest.approx([30, 30])
    assert solution.total_time == pytest.approx(12_000)  # time alone, without the toll


def test_a_toll_that_all_pay_moves_the_equilibrium_to_where_cost_is_equal():
    # 10 + v/10 + 6 = 20 + (400 - v)/20: v = 160, costs 32.
    problem = two_roads(trips(400), extra=[[6, 0]])
    solution = finish(solve(problem, 1e-12))
    assert solution.volume == pytest.approx([160, 240])
    assert solution.time == pytest.approx([26, 32])


def test_a_ban_keeps_a_class_off_and_the_others_on():
    problem = two_roads(trips(50, 350), extra=[[0, 0], [CLOSED_TIME_S, 0]])
    solution = finish(solve(problem, 1e-10))
    assert of_class(problem, solution, 1) == pytest.approx([0, 350])
    assert of_class(problem, solution, 0) == pytest.approx([50, 0])


def test_buses_that_are_there_anyway_make_room_scarce():
    # 10 + (v + 50)/10 = 20 + (400 - v)/20: v = 166 2/3.
    solution = finish(solve(two_roads(trips(400), background=[50, 0]), 1e-12))
    assert solution.volume == pytest.approx([50 + 500 / 3, 400 - 500 / 3])
    assert solution.total_time == pytest.approx(400 * solution.time[0])


def test_one_class_of_two_halves_is_the_class_as_a_whole():
    whole, halves = (finish(solve(two_roads(trips(*numbers)), 1e-12)) for numbers in ((400,), (200, 200)))
    assert halves.volume == pytest.approx(whole.volume)


@pytest.fixture(scope="module")
def grid():
    """Return streets on which cars and trucks go from everywhere to everywhere; trucks pay on some of them."""
    side, random = 6, np.random.default_rng(11)
    links = []
    for i in range(side):
        for j in range(side):
            for k, m in ((i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)):
                if 0 <= k < side and 0 <= m < side:
                    links.append((side * i + j, side * k + m))
    tail, head = (np.array(column) for column in zip(*links, strict=True))
    graph, _ = make_graph(tail, head, side * side, 0)
    count = len(links)
    delay = bpr(random.uniform(20, 60, count), np.full(count, 0.15), random.uniform(300, 900, count), np.full(count, 4.0))
    demand = random.uniform(0, 12, (2, 20, 20)) * (1 - np.eye(20))
    extra = np.zeros((2, count))
    extra[1] = random.choice([0.0, 30.0], count)
    extra[1, random.choice(count, 10, replace=False)] = CLOSED_TIME_S
    background = random.uniform(0, 50, count)
    return Problem(graph, delay, demand, extra, background)


@pytest.fixture(scope="module")
def solution(grid):
    return finish(solve(grid, 1e-9))


def test_the_gap_over_all_classes_is_that_which_dijkstra_finds(grid, solution):
    nodes = len(grid.graph.in_start) - 1
    spent, least = 0.0, 0.0
    for index in range(2):
        cost = solution.time + grid.extra[index]
        matrix = csr_array((cost, (grid.graph.tail, grid.graph.head)), shape=(nodes, nodes))
        least += float((grid.demand[index] * dijkstra(matrix, indices=np.arange(20))[:, :20]).sum())
        spent += float(of_class(grid, solution, index) @ cost)
    assert spent / least - 1.0 == pytest.approx(solution.relative_gap, abs=1e-12)
    assert solution.relative_gap <= 1e-9


def test_volumes_are_the_flows_of_all_classes_and_what_is_there_anyway(grid, solution):
    flows = sum(of_class(grid, solution, index) for index in range(2))
    assert solution.volume == pytest.approx(flows + grid.background)
    assert finish(mean_along(grid, solution, solution.time)).shape == (2, 20, 20)


def test_nobody_uses_a_road_that_is_closed_to_him(grid, solution):
    assert np.all(of_class(grid, solution, 1)[grid.extra[1] >= CLOSED_TIME_S] == 0.0)


@pytest.mark.parametrize("edit", ["ban", "toll", "buses", "trucks"])
def test_a_warm_start_of_classes_ends_where_a_cold_one_does(grid, solution, edit):
    extra, background, demand = grid.extra.copy(), grid.background.copy(), grid.demand.copy()
    busiest = int(np.argmax(of_class(grid, solution, 1)))
    if edit == "ban":
        extra[1, busiest] = CLOSED_TIME_S
    elif edit == "toll":
        extra[0, busiest] = 40.0
    elif edit == "buses":
        background[busiest] += 300.0
    else:
        demand[1] *= 1.5
    changed = Problem(grid.graph, grid.delay, demand, extra, background)
    warm, cold = finish(solve_again(changed, grid, solution, 1e-10)), finish(solve(changed, 1e-10))
    assert warm.relative_gap <= 1e-10
    assert warm.volume == pytest.approx(cold.volume, abs=0.5)
    if edit == "ban":
        assert of_class(changed, warm, 1)[busiest] == 0.0


def test_unchanged_classes_are_the_same_bit_by_bit(grid, solution):
    again = finish(solve_again(grid, grid, solution, 1e-9))
    assert again.volume.tobytes() == solution.volume.tobytes()


NAN = float("nan")


@pytest.mark.parametrize(
    ("demand", "changed", "match"),
    [
        ([[0, -1], [0, 0]], {}, r"trips is -1 at \(0, 1\)"),
        ([[0, NAN], [0, 0]], {}, "trips is nan"),
        ([[0, 1, 2], [0, 0, 2]], {}, "table of 2 x 3"),
        (np.zeros((3, 3)), {}, "at most 2 zones"),
        (trips(1), {"capacity": (0, 400)}, "capacity is 0"),
        (trips(1), {"capacity": (NAN, 400)}, "capacity is nan"),
        (trips(1), {"capacity": (1, 2, 3)}, "3 values of capacity"),
        (trips(1), {"b": (-1, 0)}, "b is -1"),
        (trips(1), {"power": (1, -4)}, "power is -4"),
        (trips(1), {"free_time": (float("inf"), 4)}, "free-flow time is inf"),
        (trips(1), {"extra": [[1, 2], [1, 2]]}, "extra cost has the shape"),
        (trips(1), {"extra": [[-1, 2]]}, "extra cost is -1"),
        (trips(1), {"background": [1]}, "background volume has the shape"),
        (trips(1), {"background": [NAN, 1]}, "background volume is nan"),
    ],
)
def test_what_cannot_be_is_named(demand, changed, match):
    with pytest.raises(DataError, match=match):
        two_roads(demand, **changed)


def test_trips_without_a_road_are_named():
    with pytest.raises(DataError, match="from zone 2 to zone 1"):
        finish(solve(two_roads([[0, 1], [7, 0]]), 1e-6))


def test_an_edit_that_cuts_the_only_bridge_is_named():
    graph, _ = make_graph(np.array([0, 2, 2]), np.array([2, 1, 1]), 3, 2)
    ones = np.ones(3)
    before = Problem(graph, bpr(ones, ones, ones, ones), np.array([[0.0, 5.0], [0.0, 0.0]]))
    solution = finish(solve(before, 1e-9))
    cut = np.where(graph.tail == 0, CLOSED_TIME_S, 1.0)
    with pytest.raises(DataError, match="from zone 1 to zone 2 and no open road"):
        finish(solve_again(Problem(graph, before.delay._replace(free_time=cut), before.demand), before, solution, 1e-9))


def test_nobody_who_travels_is_an_equilibrium_too():
    solution = finish(solve(two_roads(np.zeros((2, 2))), 1e-6))
    assert solution.volume.tolist() == [0, 0]
    assert (solution.relative_gap, solution.total_time) == (0.0, 0.0)


def test_the_order_in_which_links_and_zones_are_named_does_not_matter(grid, solution):
    random = np.random.default_rng(2)
    links, nodes = random.permutation(len(grid.graph.tail)), np.append(random.permutation(20), np.arange(20, 36))
    graph, place = make_graph(nodes[grid.graph.tail[links]], nodes[grid.graph.head[links]], 36, 0)
    back = links[np.argsort(place)]
    demand = np.empty_like(grid.demand)
    demand[:, nodes[:20, None], nodes[None, :20]] = grid.demand
    delay = grid.delay._make(np.asarray(column)[back] for column in grid.delay)
    other = finish(solve(Problem(graph, delay, demand, grid.extra[:, back], grid.background[back]), 1e-9))
    assert other.volume == pytest.approx(solution.volume[back], abs=0.5)
    assert other.total_time == pytest.approx(solution.total_time, rel=1e-6)
