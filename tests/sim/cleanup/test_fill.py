"""Fill rates: recovered from readings that were drawn from known ones, assumed where there are none."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from cleanup_city import bins_at, city, grid_city, objects, streets

from sim.cleanup.draws import key_of, uniform, words_of
from sim.cleanup.fill import ASSUMED_SHARE, fit_fill
from sim.cleanup.readings import daily_rises
from sim.cleanup.waste import prepare_waste
from twin.model.edits import ScaleFill
from twin.model.places import WASTE_KINDS
from twin.task import finish

START = np.datetime64("2026-02-02T06:00:00", "s")  # a Monday


def readings(rows):
    """Columns of the history from (bin key, day, level, emptied)."""
    keys, day, level, emptied = zip(*rows, strict=True)
    at = START + np.array([int(d * 86400) for d in day]).astype("timedelta64[s]")
    columns = {"subject_id": objects(keys), "at": at, "fill_level": np.array(level, float), "emptied": np.array(emptied, bool)}
    return {"fill_reading": columns}


def small_city(count=1, **columns):
    nodes, links = streets(3, 3)
    return city(nodes, links, bins_at([(0.0, 0.0)] * count, **columns))


def test_rises_are_those_between_readings_of_one_bin():
    rows = [
        ("bin-00000", 0, 0.1, False),
        ("bin-00001", 0, 0.2, False),
        ("bin-00000", 1, 0.4, False),
        ("bin-00001", 1, 0.2, False),
    ]
    rises = finish(daily_rises(replace(small_city(2), histories=readings(rows))))
    np.testing.assert_allclose(rises.rise, [0.3, 0.0])
    assert rises.days.tolist() == [1.0, 1.0]
    assert rises.weekday.tolist() == [0, 0]


def test_after_a_recorded_emptying_the_bin_is_empty():
    rows = [("bin-00000", 0, 0.9, True), ("bin-00000", 1, 0.25, False)]
    rises = finish(daily_rises(replace(small_city(), histories=readings(rows))))
    assert rises.rise.tolist() == [0.25]


def test_an_emptying_that_nobody_recorded_and_days_that_begin_full_tell_nothing():
    unseen = [("bin-00000", 0, 0.4, False), ("bin-00000", 1, 0.05, False)]
    full = [("bin-00000", 2, 1.0, False), ("bin-00000", 3, 1.0, False)]
    rises = finish(daily_rises(replace(small_city(), histories=readings(unseen + full))))
    assert rises.rise.tolist() == pytest.approx([0.95])  # from the second reading to the third
    assert rises.is_bound.tolist() == [True]
    assert len(finish(daily_rises(replace(small_city(), histories=readings(full)))).rise) == 0


def test_a_day_that_ends_full_is_a_bound_and_knows_its_age():
    rows = [("bin-00000", day, level, False) for day, level in enumerate((0.2, 0.7, 1.0))]
    rises = finish(daily_rises(replace(small_city(), histories=readings(rows))))
    assert rises.is_bound.tolist() == [False, True]
    assert rises.age_days.tolist() == [1.0, 0.0]


def test_readings_within_a_day_count_as_one_day():
    rows = [("bin-00000", part / 4, 0.05 * part, False) for part in range(9)]
    rises = finish(daily_rises(replace(small_city(), histories=readings(rows))))
    assert rises.days.sum() == pytest.approx(2.0)
    assert rises.rise.sum() == pytest.approx(0.4)


def drawn_readings(keys, means, day_count, zero=0.3, shape=1.5):
    rng = np.random.default_rng(7)
    level = rng.uniform(0, 0.5, len(keys))
    rows = []
    for day in range(day_count):
        emptied = level > 0.75
        rows += zip(keys, [day] * len(keys), np.minimum(level, 1.0).tolist(), emptied.tolist(), strict=True)
        amount = np.where(rng.random(len(keys)) < zero, 0.0, rng.gamma(shape, 1 / shape, len(keys)) / (1 - zero))
        level = np.where(emptied, 0.0, level) + amount * means
    return readings(rows)


def test_known_rates_are_recovered_without_bias_though_sensors_stop_at_full():
    snapshot = small_city(300)
    means = np.random.default_rng(1).gamma(8, 1 / 8, 300) * 0.15
    model = finish(fit_fill(replace(snapshot, histories=drawn_readings(snapshot["bin"].ids.tolist(), means, 60))))
    share = model.mean_l / 240.0
    assert share.mean() == pytest.approx(means.mean(), rel=0.03)
    assert np.corrcoef(share, means)[0, 1] > 0.85
    assert model.zero.mean() == pytest.approx(0.3, abs=0.05)  # a rise of less than 0.02 counts as none
    assert model.shape[0] == pytest.approx(1.5, abs=0.3)
    np.testing.assert_allclose(model.weekday[0], 1.0, atol=0.12)
    assert any("fitted" in note for note in model.notes)


def test_noise_of_the_sensors_does_not_raise_the_rates():
    snapshot = small_city(200)
    exact = drawn_readings(snapshot["bin"].ids.tolist(), np.full(200, 0.15), 90)
    noisy = exact["fill_reading"]["fill_level"] + np.random.default_rng(3).normal(0, 0.03, len(exact["fill_reading"]["at"]))
    history = {"fill_reading": {**exact["fill_reading"], "fill_level": np.clip(noisy, 0, 1)}}
    model = finish(fit_fill(replace(snapshot, histories=history)))
    assert (model.mean_l / 240.0).mean() == pytest.approx(0.15, rel=0.06)


def test_rates_lean_on_the_last_weeks():
    snapshot = small_city(50)
    keys = snapshot["bin"].ids.tolist()
    rows = [(key, day, 0.0 if day % 2 == 0 else (0.1 if day < 300 else 0.3), day % 2 == 1) for key in keys for day in range(400)]
    model = finish(fit_fill(replace(snapshot, histories=readings(rows))))
    # 0.1 or 0.3 on every second day, nothing on the others, which come after an emptying.
    assert 0.11 < (model.mean_l / 240.0).mean() < 0.15


def test_a_bin_without_readings_has_the_mean_of_its_zone():
    snapshot = small_city(41)
    keys = snapshot["bin"].ids.tolist()
    model = finish(fit_fill(replace(snapshot, histories=drawn_readings(keys[:40], np.full(40, 0.12), 60))))
    assert model.mean_l[40] / 240.0 == pytest.approx(0.12, rel=0.1)


def test_without_readings_rates_are_assumed_by_kind_and_capacity_and_it_says_so():
    rng = np.random.default_rng(2)
    kinds = rng.choice(["residual", "food"], 4000)
    model = finish(fit_fill(small_city(4000, waste=kinds, capacity_l=rng.choice([120.0, 660.0], 4000))))
    share = model.mean_l / np.asarray(small_city(1)["bin"]["capacity_l"])[0]
    assert share.shape == (4000,)
    for kind in ("residual", "food"):
        rows = kinds == kind
        assert np.median(model.mean_l[rows]) > 0
    assert any("Fill rates are assumed for residual, food" in note for note in model.notes)
    residual = finish(fit_fill(small_city(4000, waste="residual", capacity_l=100.0))).mean_l
    assert residual.mean() / 100.0 == pytest.approx(ASSUMED_SHARE["residual"], rel=0.05)


def test_draws_have_the_mean_of_the_model_and_belong_to_the_bin():
    snapshot = grid_city(bin_count=500)
    model = finish(fit_fill(snapshot))
    bins = snapshot["bin"]
    every = prepare_waste(model, bins, as_bins(bins))
    week = [every.arriving_l(1, 0, day) for day in range(210)]
    assert np.mean(week) == pytest.approx(model.mean_l.mean(), rel=0.03)
    some = bins.take(np.arange(499, -1, -2))
    kept = {key: row for row, key in enumerate(bins.ids.tolist())}
    fewer = prepare_waste(model, bins, as_bins(some)).arriving_l(1, 0, 3)
    rows = [kept[key] for key in some.ids.tolist()]
    assert (fewer >= week[3][rows] - 1e-9).all()  # what came anyway, and what its removed neighbours had
    assert fewer.sum() == pytest.approx(week[3].sum())


def test_events_scale_the_waste_of_their_bins_on_their_days():
    snapshot = grid_city(bin_count=50)
    frame = snapshot["bin"]
    model = finish(fit_fill(snapshot))
    market = ScaleFill(target_ids=("bin-00003",), factor=3.0, first_day=2, duration_days=1, every_days=7)
    plain = prepare_waste(model, frame, as_bins(frame))
    busy = prepare_waste(model, frame, as_bins(frame), events=(market,), first_day=5)
    for day in range(20):
        ratio = busy.arriving_l(1, 0, day) / np.maximum(plain.arriving_l(1, 0, day), 1e-9)
        is_on = (day - 6) % 7 == 0
        assert (np.delete(ratio, 3)[np.delete(plain.arriving_l(1, 0, day), 3) > 0] == 1.0).all()
        assert busy.expected_l(day)[3] / plain.expected_l(day)[3] == pytest.approx(3.0 if is_on else 1.0)


def as_bins(frame):
    from sim.cleanup.operation import Bins

    kinds = np.array([WASTE_KINDS.index(kind) for kind in frame["waste_kind"]], np.int32)
    nothing = np.zeros(len(frame), np.int32)
    return Bins(frame.ids, frame.xy, kinds, frame["capacity_l"], nothing, nothing == 0, nothing, np.array([[-np.inf, np.inf]]))


def test_uniform_draws_are_uniform_and_differ_by_key():
    words = words_of(objects([f"bin-{row}" for row in range(20000)]))
    one, two = uniform(words, key_of(1, 0, 0)), uniform(words, key_of(1, 0, 1))
    np.testing.assert_allclose(np.histogram(one, 10, (0, 1))[0] / 20000, 0.1, atol=0.01)
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.02
    assert 0 < one.min() <= one.max() < 1


@pytest.mark.real_data
def test_real_litter_bins_have_the_published_mean(real_data):
    with (real_data / "bins" / "wyndham_smartbin_daily_2018_2021.csv").open() as file:
        rows = [(row["serialNumber"], row["timestamp"], float(row["latestFullness"]) / 10) for row in csv.DictReader(file)]
    first = np.datetime64("2018-01-01")
    keys = sorted({key for key, _, _ in rows})
    name = {key: f"bin-{place:05d}" for place, key in enumerate(keys)}
    table = [(name[key], (np.datetime64(day) - first).astype(int), level, False) for key, day, level in rows]
    snapshot = small_city(len(keys), waste="litter")
    model = finish(fit_fill(replace(snapshot, histories=readings(table))))
    assert (model.mean_l / 240.0).mean() == pytest.approx(0.135, abs=0.02)
