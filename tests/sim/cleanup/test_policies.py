"""Who is collected when: fixed rounds, thresholds, risk, look-ahead, the planner's days, and advice that is followed in part."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import bins_at, city, grid_city, streets

from sim.cleanup.draws import key_of, words_of
from sim.cleanup.fill import FillModel, fit_fill
from sim.cleanup.increment import Quantiles
from sim.cleanup.operation import Bins
from sim.cleanup.outlook import Outlook
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import FixedRounds, LookAhead, Morning, PartlyFollowed, PerfectInformation, PlannedDays, Threshold
from sim.cleanup.rounds import choose_policy
from sim.cleanup.sensing import Belief, Sensors
from sim.cleanup.waste import Waste, prepare_waste
from twin.errors import ScenarioError
from twin.model.edits import MoveBins, SetCollectionDays, SetPolicy
from twin.model.places import WASTE_KINDS
from twin.model.scenario import baseline
from twin.task import finish

COUNT = 1000
FULL_L = np.full(COUNT, 100.0)
LEVEL = np.linspace(0.0, 1.0, COUNT)
KEY = key_of(1)


def sensors(works=True, error=0.0):
    return Sensors(np.full(COUNT, works), error, words_of(np.array([f"b{row}" for row in range(COUNT)])), FULL_L)


def believing(level=LEVEL):
    belief = Belief(sensors())
    belief.look(level * FULL_L, 1, 0, 0)
    return belief


def morning(day=0, belief=None, key=KEY, overflows=None):
    return Morning(day, day % 7, belief or believing(), key, overflows or (lambda days: np.zeros(COUNT, bool)))


def steady_waste(mean_l=10.0, zero=0.0, shape=1.0):
    """Bins into which the same comes on every weekday, on average."""
    kinds = len(WASTE_KINDS)
    model = FillModel(
        np.full(COUNT, mean_l),
        np.zeros(COUNT, np.int32),
        np.full(COUNT, zero),
        np.full(kinds, shape),
        np.ones((kinds, 7)),
        FULL_L,
        (),
    )
    words, rows = words_of(np.array([f"b{row}" for row in range(COUNT)])), np.arange(COUNT)
    return Waste(model, Quantiles(model.shape), words, rows, rows, np.ones(COUNT), rows, np.zeros(COUNT, bool))


def outlook(chance, **waste):
    return Outlook(steady_waste(**waste), np.zeros(COUNT, np.int32), FULL_L, chance)


def test_fixed_rounds_visit_every_bin_once_in_a_period_in_even_parts():
    rounds = FixedRounds(3, np.random.default_rng(1).permutation(COUNT) / COUNT)
    visits = np.array([rounds.choose(morning(day)).due for day in range(3)])
    assert (visits.sum(axis=0) == 1).all()
    assert visits.sum(axis=1).max() - visits.sum(axis=1).min() <= 1


def test_a_threshold_takes_what_is_believed_to_be_at_least_that():
    due = Threshold(0.7, FULL_L).choose(morning()).due
    np.testing.assert_array_equal(due, LEVEL >= 0.7)


def test_risk_is_the_exponential_tail_where_amounts_are_exponential():
    # P(more than the room comes) = exp(-room / mean) > 0.1 for a room under mean * ln 10 = 23.03 L.
    due = LookAhead(outlook(0.1)).choose(morning()).due
    np.testing.assert_array_equal(due, 10.0 * np.log(10.0) > (1.0 - LEVEL) * 100.0)


def test_risk_over_days_is_the_share_of_draws_that_overflow():
    level = np.full(COUNT, 0.6)
    waste = steady_waste(mean_l=12.0, zero=0.35, shape=2.0)
    drawn = np.mean([sum(waste.arriving_l(5, run, day) for day in range(3)) > 40.0 for run in range(40)])
    for chance, expected in ((drawn + 0.02, False), (drawn - 0.02, True)):
        due = outlook(chance, mean_l=12.0, zero=0.35, shape=2.0).due(believing(level), 0, 3)
        assert due.all() == due.any() == expected


def test_looking_ahead_adds_bins_on_the_way_but_none_that_is_due():
    choice = LookAhead(outlook(0.1), 3).choose(morning())
    np.testing.assert_array_equal(choice.due, LookAhead(outlook(0.1)).choose(morning()).due)
    assert choice.on_way.any()
    assert not (choice.due & choice.on_way).any()
    assert LEVEL[choice.on_way].max() <= LEVEL[choice.due].min()


def test_perfect_information_asks_what_will_come():
    answers = {1: LEVEL > 0.9, 3: LEVEL > 0.7}
    choice = PerfectInformation(2).choose(morning(overflows=answers.__getitem__))
    np.testing.assert_array_equal(choice.due, LEVEL > 0.9)
    np.testing.assert_array_equal(choice.on_way, (LEVEL > 0.7) & (LEVEL <= 0.9))


def test_the_planners_days_come_before_the_policy():
    own = np.arange(COUNT) < 10
    weekdays = np.zeros((COUNT, 7), bool)
    weekdays[:10, 2] = True
    policy = PlannedDays(Threshold(0.5, FULL_L), own, weekdays)
    for day in range(7):
        due = policy.choose(morning(day)).due
        assert due[:10].all() == due[:10].any() == (day == 2)
        np.testing.assert_array_equal(due[10:], (LEVEL >= 0.5)[10:])


@pytest.mark.parametrize("adherence", [0.0, 0.3, 1.0])
def test_adherence_is_the_share_of_areas_and_days_that_follow(adherence):
    nobody, everybody = Threshold(2.0, FULL_L), Threshold(0.0, FULL_L)
    area = np.array([key_of(number) for number in range(COUNT)], dtype=np.uint64)
    plan = PartlyFollowed(everybody, nobody, adherence, area)
    share = np.mean([plan.choose(morning(day, key=key_of(5, day))).due for day in range(20)])
    assert share == pytest.approx(adherence, abs=0.02)


def parts(snapshot):
    frame = snapshot["bin"]
    kinds = np.array([WASTE_KINDS.index(kind) for kind in frame["waste_kind"]], np.int32)
    nothing = np.zeros(len(frame), np.int32)
    bins = Bins(frame.ids, frame.xy, kinds, frame["capacity_l"], nothing, nothing == 0, nothing, np.array([[-np.inf, np.inf]]))
    return frame, bins, prepare_waste(finish(fit_fill(snapshot)), frame, bins)


def test_a_scenario_sets_the_policy_and_the_last_one_counts():
    known = parts(grid_city())
    params = CleanupParams(period_days=4)
    plain = choose_policy(baseline(), params, *known)
    assert isinstance(plain, FixedRounds)
    assert plain.period_days == 4
    scenario = baseline().with_edit(SetPolicy(policy="threshold")).with_edit(SetPolicy(policy="standing", period_days=2))
    chosen = choose_policy(scenario, params, *known)
    assert chosen.period_days == 2
    assert chosen.in_order


@pytest.mark.parametrize(
    ("name", "advice"),
    [("threshold", Threshold), ("risk", LookAhead), ("look_ahead", LookAhead), ("perfect", PerfectInformation)],
)
def test_every_policy_by_fill_is_advice_over_the_fixed_rounds(name, advice):
    chosen = choose_policy(baseline().with_edit(SetPolicy(policy=name)), CleanupParams(), *parts(grid_city()))
    assert isinstance(chosen.advice, advice)
    assert isinstance(chosen.habit, FixedRounds)


def test_the_planner_chooses_days_of_bins():
    edit = SetCollectionDays(target_ids=("bin-00001",), monday=False, thursday=False, sunday=True)
    chosen = choose_policy(baseline().with_edit(edit), CleanupParams(), *parts(grid_city()))
    assert chosen.is_planned.nonzero()[0].tolist() == [1]
    assert chosen.weekdays[1].tolist() == [False] * 6 + [True]


def test_moving_a_bin_changes_no_bins_day():
    snapshot = grid_city()
    moved = baseline().with_edit(MoveBins(target_ids=("bin-00000",), dx_m=500.0)).apply(snapshot)
    frame, bins, waste = parts(snapshot)
    before = choose_policy(baseline(), CleanupParams(), frame, bins, waste)
    after = choose_policy(baseline(), CleanupParams(), frame, parts(moved)[1], waste)
    np.testing.assert_array_equal(before.position, after.position)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"adherence": 1.5}, {"cost_per_km": -1.0}, {"replications": 0}, {"shift_s": float("nan")}]
)
def test_parameters_refuse_nonsense_at_birth(wrong):
    with pytest.raises(ScenarioError, match="expected"):
        CleanupParams(**wrong)


def test_a_bin_that_took_over_others_waste_has_fewer_empty_days():
    nodes, links = streets(3, 3)
    snapshot = city(nodes, links, bins_at([(0.0, 0.0), (0.0, 100.0)]))
    frame, bins, _ = parts(snapshot)
    one = Bins(*(column[:1] for column in vars(bins).values()))
    assert prepare_waste(finish(fit_fill(snapshot)), frame, one).zero()[0] < 0.2
