from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S, make_graph
from sim.assignment.transplant import transplant
from twin.errors import DataError
from twin.task import finish

SIDE = 6


class Streets:
    """A grid of uneven streets where everybody goes everywhere, with what is changed about it."""

    def __init__(self):
        random = np.random.default_rng(5)
        self.links = []
        for i in range(SIDE):
            for j in range(SIDE):
                for k, m in ((i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)):
                    if 0 <= k < SIDE and 0 <= m < SIDE:
                        self.links.append((SIDE * i + j, SIDE * k + m, random.uniform(20, 60), 0.15, random.uniform(300, 900)))
        self.nodes = SIDE * SIDE
        self.demand = random.uniform(0, 16, (12, 12)) * (1 - np.eye(12))

    def problem(self):
        tail, head, free_time, b, capacity = (np.array(column) for column in zip(*self.links, strict=True))
        graph, place = make_graph(tail, head, self.nodes, 0)
        back = np.argsort(place)
        power = np.full(len(tail), 4.0)
        return Problem(graph, bpr(free_time[back], b[back], capacity[back], power), self.demand), place


@pytest.fixture(scope="module")
def before():
    problem, place = Streets().problem()
    return problem, place, finish(solve(problem, 1e-9))


def carried(before, streets, ways):
    """Return the changed problem, where its links are, and the old solution on it; ``ways`` are rows of the links as listed."""
    old, old_place, solution = before
    problem, place = streets.problem()
    ways = np.asarray(ways).reshape(len(old_place), -1)
    successors = np.empty_like(ways)
    successors[old_place] = np.where(ways >= 0, place[ways], -1)
    return problem, place, finish(transplant(problem, old, solution, successors))


def same_as_cold(problem, moved, gap=1e-10):
    warm, cold = finish(solve_again(problem, *moved, gap)), finish(solve(problem, gap))
    assert warm.relative_gap <= gap
    assert warm.volume == pytest.approx(cold.volume, abs=0.3)
    return warm


def test_a_new_road_that_nobody_wants_changes_nothing_bit_by_bit(before):
    _, old_place, solution = before
    streets = Streets()
    streets.links.insert(7, (0, 35, 1e5, 0.15, 500.0))
    count = len(old_place)
    ways = np.where(np.arange(count) < 7, np.arange(count), np.arange(count) + 1)
    problem, place, moved = carried(before, streets, ways)
    again = finish(solve_again(problem, *moved, 1e-9))
    assert again.volume[place[ways]].tobytes() == solution.volume[old_place].tobytes()
    assert again.volume[place[7]] == 0.0
    assert again.relative_gap <= 1e-9


def test_a_new_road_that_people_want_is_used_as_if_it_had_always_been_there(before):
    streets = Streets()
    streets.links.append((0, 35, 20.0, 0.15, 500.0))
    count = len(before[1])
    problem, place, moved = carried(before, streets, np.arange(count))
    assert same_as_cold(problem, moved).volume[place[count]] > 1.0


def test_a_street_cut_in_two_at_a_new_node_carries_what_it_carried(before):
    _, old_place, solution = before
    streets = Streets()
    busiest = int(np.argmax(solution.volume[old_place]))
    tail, head, free_time, b, capacity = streets.links[busiest]
    count = len(streets.links)
    streets.links[busiest] = (tail, SIDE * SIDE, 0.4 * free_time, b, capacity)
    streets.links.append((SIDE * SIDE, head, 0.6 * free_time, b, capacity))
    streets.nodes += 1
    ways = np.column_stack([np.arange(count), np.where(np.arange(count) == busiest, count, -1)])
    problem, place, moved = carried(before, streets, ways)
    again = finish(solve_again(problem, *moved, 1e-9))
    assert again.volume[place[:count]].tobytes() == solution.volume[old_place].tobytes()
    assert again.volume[place[count]] == again.volume[place[busiest]]
    assert again.total_time == pytest.approx(solution.total_time)


def test_a_street_taken_away_sends_its_traffic_elsewhere_and_spares_the_origins_that_never_used_it(before):
    old, old_place, solution = before
    streets = Streets()
    busiest = int(np.argmax(solution.volume[old_place]))
    del streets.links[busiest]
    count = len(old_place)
    ways = np.arange(count) - (np.arange(count) > busiest)
    ways[busiest] = -1
    problem, place, moved = carried(before, streets, ways)
    for origin in range(12):
        was = solution.bushes.flow_of(origin, old.graph)[old_place]
        if was[busiest] == 0.0:
            now = moved[1].bushes.flow_of(origin, problem.graph)[place]
            assert now.tobytes() == np.delete(was, busiest).tobytes()
    same_as_cold(problem, moved)


def test_a_junction_split_by_a_turn_ban_ends_where_a_solution_from_nothing_does(before):
    # Whoever comes from the left to the junction 8 may not go straight on: that link gets an end of its own.
    streets = Streets()
    junction, extra = 8, SIDE * SIDE
    count = len(streets.links)
    comes = next(row for row, link in enumerate(streets.links) if link[:2] == (7, junction))
    streets.links[comes] = (7, extra, *streets.links[comes][2:])
    streets.nodes += 1
    for row in range(count):
        tail, head, *rest = streets.links[row]
        if tail == junction and head not in (9, 7):
            streets.links.append((extra, head, *rest))
    problem, place, moved = carried(before, streets, np.arange(count))
    warm = same_as_cold(problem, moved)
    assert warm.volume[place[comes]] > 0.0


def test_links_that_do_not_fit_are_named(before):
    old, _, solution = before
    with pytest.raises(DataError, match="told by 3 rows"):
        finish(transplant(old, old, solution, np.zeros(3, np.int32)))
    twice = np.arange(len(solution.volume))
    twice[1] = 0
    with pytest.raises(DataError, match="name one twice"):
        finish(transplant(old, old, solution, twice))
    fewer = Problem(old.graph, old.delay, old.demand[:5, :5])
    with pytest.raises(DataError, match="12 origins"):
        finish(transplant(fewer, old, solution, np.arange(len(solution.volume))))


def test_a_closed_street_stays_closed_when_it_is_carried_over(before):
    old, _, solution = before
    free_time = old.delay.free_time.copy()
    free_time[0] = CLOSED_TIME_S
    problem = Problem(old.graph, old.delay._replace(free_time=free_time), old.demand)
    moved = finish(transplant(problem, old, solution, np.arange(len(solution.volume))))
    assert moved[0].delay.free_time.tobytes() == old.delay.free_time.tobytes()
    assert finish(solve_again(problem, *moved, 1e-9)).volume[0] == 0.0
