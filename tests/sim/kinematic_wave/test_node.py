"""Nodes against an engine that is slow and plain: of all vehicles of the city, always the one that can move next."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sim.kinematic_wave.closed_form import problem, streets
from sim.kinematic_wave.network import Signals, make_network
from sim.kinematic_wave.run import Clock, simulate
from twin.task import finish

SIDE, HORIZON_S = 3, 1500.0
ONE_TABLE = Clock(HORIZON_S, series_s=100.0, renew_s=1e6, snapshot_s=1e6, tables=1)


def city(rng, *, signals=False, step_s=1.0):
    pairs = [(a, b) for a in range(SIDE**2) for b in range(SIDE**2) if abs(a // SIDE - b // SIDE) + abs(a % SIDE - b % SIDE) == 1]
    roads = streets(
        *((a, b, rng.uniform(20.0, 400.0)) for a, b in pairs),
        speed_mps=rng.uniform(5.0, 20.0, len(pairs)),
        out_vps=rng.uniform(0.04, 0.25, len(pairs)),
    )
    cycle_s = np.where(rng.random(len(pairs)) < 0.4, 60.0, 0.0) if signals else np.zeros(len(pairs))
    lights = Signals(cycle_s, cycle_s / 2.0, rng.uniform(0.0, 60.0, len(pairs)))
    return make_network(roads, SIDE**2, step_s=step_s, signals=lights, priority=rng.integers(1, 4, len(pairs)).astype(float))


def trips(rng, count):
    origin, destination = rng.integers(0, SIDE**2, (2, count))
    return origin, destination, np.round(np.sort(rng.uniform(0.0, 400.0, count)))  # whole seconds: many at one moment


def next_links(network):
    """Return the link that leads from each node to each destination (destination, node)."""
    link = network.link[: network.links]
    times = coo_array((link["free_s"], (link["tail"], link["head"])), shape=(SIDE**2, SIDE**2)).tocsr()
    left_s = dijkstra(times.T)
    best = np.full(left_s.shape, np.inf)
    way = np.full(left_s.shape, -1)
    for row in range(network.links):
        through_s = link["free_s"][row] + left_s[:, link["head"][row]]
        closer = through_s < best[:, link["tail"][row]]
        best[closer, link["tail"][row]] = through_s[closer]
        way[closer, link["tail"][row]] = row
    return way


class Plain:
    """Vehicles on links as lists, all looked at before each move."""

    def __init__(self, what):
        self.link, self.links, self.trips = what.network.link, what.network.links, what.trips
        rows = len(self.link)
        self.way = next_links(what.network)
        self.waiting = [[] for _ in range(rows)]
        for node in range(rows - self.links):
            mine = range(self.trips.start[node], self.trips.start[node + 1])
            self.waiting[self.links + node] = [(self.trips.trip["depart_s"][row], row) for row in mine]
        self.exits_s = [[] for _ in range(rows)]
        self.entered = np.zeros(rows, int)
        self.out_next_s, self.in_next_s = np.full(rows, -np.inf), np.full(rows, -np.inf)
        self.credit = np.zeros(rows)
        self.arrival_s = np.full(len(self.trips.trip), np.nan)

    def run(self):
        while True:
            moves = [self.next_move(who) for who in range(len(self.link))]
            at_s = min(moment_s for moment_s, _, _ in moves)
            if at_s >= HORIZON_S:
                return self.arrival_s
            who = next(row for row, move in enumerate(moves) if move[0] == at_s)
            goal = moves[who][2]
            rivals = [row for row, move in enumerate(moves) if move[0] == at_s and move[2] == goal and goal >= 0]
            if len(rivals) > 1:
                who = self.next_in_turn(rivals)
            self.move(who, *moves[who])

    def next_move(self, who):
        """Return when the first vehicle of a link can go on, when it could if there were room, and where it goes."""
        if not self.waiting[who]:
            return np.inf, np.inf, -1
        entered_s, vehicle = self.waiting[who][0]
        due_s = self.green(who, max(entered_s + self.link["free_s"][who], self.out_next_s[who]))
        destination = self.trips.trip["destination"][vehicle]
        if destination == self.link["head"][who]:
            return due_s, due_s, -2
        goal = self.way[destination, self.link["head"][who]]
        at_s = max(due_s, self.in_next_s[goal], self.room(goal))
        return (self.green(who, at_s) if at_s < np.inf else at_s), due_s, goal

    def room(self, goal):
        road, exits_s = self.link[goal], self.exits_s[goal]
        behind = self.entered[goal] + 1 - road["whole"]
        if behind <= 0:
            return -np.inf
        if len(exits_s) < behind:
            return np.inf
        pass_s = road["headway_s"]
        if behind > 1:
            pass_s = min(pass_s, exits_s[behind - 1] - exits_s[behind - 2])
        return exits_s[behind - 1] + (road["wave_s"] - road["part"] * pass_s)

    def green(self, who, at_s):
        road = self.link[who]
        if road["cycle_s"] == 0.0:
            return at_s
        since_s = (at_s - road["offset_s"]) % road["cycle_s"]
        return at_s if since_s < road["green_s"] else at_s + (road["cycle_s"] - since_s)

    def next_in_turn(self, rivals):
        self.credit[rivals] += self.link["priority"][rivals]
        chosen = rivals[int(np.argmax(self.credit[rivals]))]
        self.credit[chosen] -= self.link["priority"][rivals].sum()
        return chosen

    def move(self, who, at_s, due_s, goal):
        _, vehicle = self.waiting[who].pop(0)
        self.exits_s[who].append(at_s)
        self.out_next_s[who] = max(due_s + self.link["out_s"][who], at_s)
        if goal == -2:
            self.arrival_s[vehicle] = at_s
            return
        self.waiting[goal].append((at_s, vehicle))
        self.entered[goal] += 1
        self.in_next_s[goal] = at_s + self.link["in_s"][goal]


@pytest.mark.parametrize("signals", [False, True])
@pytest.mark.parametrize("seed", [1, 3, 5])
def test_it_is_the_plain_engine_to_the_last_bit(seed, signals):
    rng = np.random.default_rng(seed)
    what = problem(city(rng, signals=signals), trips(rng, 500), ONE_TABLE)
    plain, quick = Plain(what).run(), finish(simulate(what)).arrival_s
    assert np.isfinite(plain).sum() > 100
    assert (plain - what.trips.trip["depart_s"] > 300.0).sum() > 20  # there are queues
    assert np.array_equal(plain, quick, equal_nan=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_how_far_ahead_nodes_are_looked_at_changes_no_bit(seed):
    rng = np.random.default_rng(seed)
    network, vehicles = city(rng, signals=True), trips(rng, 3000)
    clock = Clock(HORIZON_S, series_s=50.0, renew_s=60.0)
    rounds = network.rounds
    assert len(rounds.end) > 2  # some nodes are looked at farther ahead than others
    all_alike = rounds._replace(step_s=0.37 * rounds.step_s, end=np.array([network.nodes], np.int32))
    one, other = (
        finish(simulate(problem(network._replace(rounds=each), vehicles, clock, seed=seed))) for each in (rounds, all_alike)
    )
    assert np.array_equal(one.arrival_s, other.arrival_s, equal_nan=True)
    for ours, theirs in zip(one.looks, other.looks, strict=True):
        assert np.array_equal(ours, theirs)


def test_nobody_passes_a_red_light_though_routes_are_renewed_meanwhile():
    lights = Signals(np.array([60.0, 0.0, 0.0]), np.array([20.0, 0.0, 0.0]), np.zeros(3))
    network = make_network(streets((0, 1, 500.0), (1, 2, 200.0), (1, 2, 210.0), out_vps=[0.8, 0.1, 0.1]), 3, signals=lights)
    count = 400
    vehicles = (np.zeros(count, int), np.full(count, 2), np.arange(count) * 2.0)
    outcome = finish(simulate(problem(network, vehicles, Clock(1200.0, series_s=1.0, renew_s=25.0, tables=2))))
    left, since_s = np.diff(outcome.looks.left[:, 0]), outcome.looks.at_s[:-1] % 60.0
    assert left[since_s < 20.0].sum() > 100
    assert left[since_s >= 21.0].sum() == 0
    assert (outcome.looks.entered[-1, 1:] > 10).all()  # both ways were taken
