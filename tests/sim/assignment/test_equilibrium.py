from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.delay import beckmann_objective, bpr
from sim.assignment.equilibrium import Problem, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S, make_graph
from twin.task import finish


def problem(nodes, zones, links, trips, first_through=0):
    """Make a problem of links (tail, head, free time, b, capacity, power) and trips {(from, to): number}."""
    tail, head, *rest = (np.array(column) for column in zip(*links, strict=True))
    graph, place = make_graph(tail, head, nodes, first_through)
    demand = np.zeros((zones, zones))
    for (origin, destination), number in trips.items():
        demand[origin, destination] = number
    delay = bpr(*(column.astype(float)[np.argsort(place)] for column in rest))
    return Problem(graph, delay, demand), place


def solved(task, gap=1e-12):
    return finish(solve(task, gap))


def test_two_roads_share_the_traffic_so_that_both_take_equally_long():
    # t1 = 10 + v1/10 and t2 = 20 + v2/20 with 400 trips: 10 + v/10 = 20 + (400 - v)/20, v = 200.
    task, place = problem(2, 2, [(0, 1, 10, 1, 100, 1), (0, 1, 20, 1, 400, 1)], {(0, 1): 400})
    solution = solved(task)
    assert solution.volume[place] == pytest.approx([200, 200])
    assert solution.time == pytest.approx([30, 30])
    assert solution.relative_gap <= 1e-12


def test_a_better_road_is_used_alone_while_it_is_better():
    task, place = problem(2, 2, [(0, 1, 10, 1, 100, 1), (0, 1, 20, 1, 400, 1)], {(0, 1): 90})
    assert solved(task).volume[place].tolist() == [90, 0]


def test_nobody_drives_through_a_zone():
    # 0 -> 1 -> 2 is quick but passes the zone 1; 0 -> 3 -> 2 is the way.
    links = [(0, 1, 1, 0, 1, 1), (1, 2, 1, 0, 1, 1), (0, 3, 5, 0, 1, 1), (3, 2, 5, 0, 1, 1)]
    task, place = problem(4, 3, links, {(0, 2): 7}, first_through=3)
    assert solved(task).volume[place].tolist() == [0, 0, 7, 7]
    task, place = problem(4, 3, links, {(0, 2): 7}, first_through=0)
    assert solved(task).volume[place].tolist() == [7, 7, 0, 0]


@pytest.fixture(scope="module")
def grid_task():
    """Return a 6 x 6 grid with uneven streets where everybody goes everywhere."""
    random = np.random.default_rng(5)
    links = []
    for i in range(6):
        for j in range(6):
            for k, m in ((i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)):
                if 0 <= k < 6 and 0 <= m < 6:
                    links.append((6 * i + j, 6 * k + m, random.uniform(20, 60), 0.15, random.uniform(300, 900), 4))
    trips = {(a, b): random.uniform(0, 16) for a in range(36) for b in range(36) if a != b}
    return problem(36, 36, links, trips)[0]


@pytest.fixture(scope="module")
def grid_solution(grid_task):
    return solved(grid_task, 1e-9)


def test_flow_is_kept_at_every_node_of_every_bush(grid_task, grid_solution):
    graph, demand = grid_task.graph, grid_task.demand
    for origin in range(36):
        flow = grid_solution.bushes.flow_of(origin, graph)
        net = np.bincount(graph.head, flow, 36) - np.bincount(graph.tail, flow, 36)
        wanted = demand[origin].copy()
        wanted[origin] = -demand[origin].sum()
        assert net == pytest.approx(wanted, abs=1e-8)


def test_no_flow_is_negative_and_all_of_it_is_the_volume(grid_task, grid_solution):
    flow = np.array([grid_solution.bushes.flow_of(origin, grid_task.graph) for origin in range(36)])
    assert flow.min() >= 0.0
    assert grid_solution.volume == pytest.approx(flow.sum(axis=0))


@pytest.mark.parametrize("closed", [None, 0, 1, 2])
def test_every_bush_is_acyclic_in_its_order(grid_task, grid_solution, closed):
    graph, bushes = grid_task.graph, grid_solution.bushes
    if closed is not None:  # one of the busiest streets: bushes take in many segments at once
        free_time, b = grid_task.delay.free_time.copy(), grid_task.delay.b.copy()
        link = np.argsort(-grid_solution.volume)[closed]
        free_time[link], b[link] = CLOSED_TIME_S, 0.0
        task = Problem(graph, grid_task.delay._replace(free_time=free_time, b=b), grid_task.demand)
        bushes = finish(solve_again(task, grid_task, grid_solution, 1e-8)).bushes
    for origin in range(36):
        first, nodes, links = bushes.first[origin], bushes.nodes[origin], bushes.links[origin]
        node, link = bushes.node[first : first + nodes], bushes.link[first : first + links]
        position = np.full(36, -1)
        position[node] = np.arange(nodes)
        assert node[0] == origin
        assert np.all(position[graph.tail[link]] >= 0)
        assert np.all(position[graph.tail[link]] < position[graph.head[link]])
        assert np.all(graph.tail[link] == node[bushes.tail[first : first + links]])


def test_the_same_problem_gives_the_same_bytes(grid_task, grid_solution):
    assert solved(grid_task, 1e-9).volume.tobytes() == grid_solution.volume.tobytes()


def test_solving_the_unchanged_again_changes_nothing(grid_task, grid_solution):
    again = finish(solve_again(grid_task, grid_task, grid_solution, 1e-9))
    assert again.volume.tobytes() == grid_solution.volume.tobytes()


def test_a_loose_solution_is_tightened(grid_task, grid_solution):
    loose = finish(solve(grid_task, 1e-3))
    tight = finish(solve_again(grid_task, grid_task, loose, 1e-9))
    assert tight.relative_gap <= 1e-9 < loose.relative_gap
    assert tight.volume == pytest.approx(grid_solution.volume, abs=0.5)


@pytest.mark.parametrize("edit", ["close", "narrow", "widen", "more", "less", "one zone"])
def test_a_warm_start_ends_where_a_cold_one_does(grid_task, grid_solution, edit):
    delay, demand = grid_task.delay, grid_task.demand
    link = int(np.argmax(grid_solution.volume))
    if edit == "close":
        free_time, b = delay.free_time.copy(), delay.b.copy()
        free_time[link], b[link] = CLOSED_TIME_S, 0.0
        delay = delay._replace(free_time=free_time, b=b)
    elif edit in ("narrow", "widen"):
        capacity = delay.capacity.copy()
        capacity[link] *= 0.5 if edit == "narrow" else 2.0
        delay = delay._replace(capacity=capacity)
    elif edit == "one zone":
        demand = demand.copy()
        demand[3] = 0.0
        demand[:, 7] *= 3.0
    else:
        demand = demand * (1.3 if edit == "more" else 0.2)
    changed = Problem(grid_task.graph, delay, demand)
    warm = finish(solve_again(changed, grid_task, grid_solution, 1e-10))
    cold = finish(solve(changed, 1e-10))
    assert warm.relative_gap <= 1e-10
    assert warm.volume == pytest.approx(cold.volume, abs=0.5)
    assert beckmann_objective(warm.volume, delay) == pytest.approx(beckmann_objective(cold.volume, delay), rel=1e-9)
    if edit == "close":
        assert warm.volume[link] == 0.0


def test_a_cancel_between_two_steps_ends_the_work(grid_task):
    task = solve(grid_task, 1e-9)
    next(task)
    task.close()
    with pytest.raises(StopIteration):
        next(task)
