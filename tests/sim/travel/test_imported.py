"""Networks and matrices imported into a workspace give the equilibrium of the very problem that their files state."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest

from sim.assignment.benchmark import make_problem
from sim.assignment.delay import beckmann_objective
from sim.assignment.equilibrium import solve
from sim.congestion import Congestion, CongestionParams
from sim.travel.zones import CUT_OFF, OwnZones, zones_at
from twin.errors import DataError, ScenarioError
from twin.ingest import import_source
from twin.model.scenario import baseline
from twin.sources import ReadOptions
from twin.sources.omx import write_omx
from twin.sources.tntp import read_tntp
from twin.store import Store
from twin.task import finish

# Zones 1-3 may not be passed; links of power 0, of no time and of no delay among them; two roads side by side.
NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 6
<FIRST THRU NODE> 4
<NUMBER OF LINKS> 13
<END OF METADATA>
~ from to capacity length time b power speed toll type ;
1 4 9000 0 0 0.15 4 0 0 3 ;
4 1 9000 0 0 0.15 4 0 0 3 ;
2 5 9000 0 0.1 0 4 0 0 3 ;
5 2 9000 0 0.1 0 4 0 0 3 ;
3 6 9000 0.1 0.2 0.5 0 0 0 3 ;
6 3 9000 0.1 0.2 0.5 0 0 0 3 ;
4 5 300 2 3 0.15 4 0 0 1 ;
5 4 300 2 3 0.15 4 0 0 1 ;
4 5 200 2.5 3.5 1 1 0 0 1 ;
5 6 400 1 2 0.15 4 0 0 1 ;
6 5 400 1 2 0.15 4 0 0 1 ;
4 6 500 4 5 0.15 4 0 0 1 ;
6 4 500 4 5 0.15 4 0 0 1 ;
"""
TRIPS = """<NUMBER OF ZONES> 3
<TOTAL OD FLOW> 1350
<END OF METADATA>
Origin 1
 2 : 600; 3 : 300;
Origin 2
 1 : 200; 3 : 100;
Origin 3
 1 : 150;
"""
MATRIX = np.array([[0.0, 600, 300], [200, 0, 100], [150, 0, 0]])
GAP = 1e-11


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "small_net.tntp").write_text(NET)
    (tmp_path / "small_trips.tntp").write_text(TRIPS)
    (tmp_path / "long.csv").write_text("o_zone_id,d_zone_id,volume\n" + "".join(
        f"{i + 1},{j + 1},{MATRIX[i, j]}\n" for i in range(3) for j in range(3) if MATRIX[i, j] > 0))  # fmt: skip
    (tmp_path / "square.csv").write_text("zone,1,2,3\n" + "".join(
        f"{i + 1}," + ",".join(f"{value:g}" for value in MATRIX[i]) + "\n" for i in range(3)))  # fmt: skip
    write_omx(tmp_path / "matrix.omx", ["1", "2", "3"], {"car": MATRIX})
    return tmp_path


@pytest.fixture
def store(tmp_path):
    now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    with Store.create(tmp_path / "city.twin", now=lambda: now, random=Random(1)) as opened:
        yield opened


def bring(store, path, **options):
    return finish(import_source(store, path, ReadOptions(**options)))


def simulated(store, **values):
    snapshot = store.snapshot(Congestion.kinds, histories=Congestion.histories)
    return finish(Congestion().run(snapshot, baseline(), CongestionParams(relative_gap=GAP, **values), 1))


def published(folder):
    problem = make_problem(read_tntp(folder / "small_net.tntp", folder / "small_trips.tntp"))
    return problem, finish(solve(problem, GAP))


@pytest.mark.parametrize("trips", ["small_trips.tntp", "long.csv", "square.csv", "matrix.omx"])
def test_every_kind_of_file_gives_the_published_equilibrium(folder, store, trips):
    problem, solution = published(folder)
    bring(store, folder / "small_net.tntp")
    bring(store, folder / trips)
    result = simulated(store)
    assert result.diagnostics["total_travel_time"] == pytest.approx(60.0 * solution.total_time, rel=1e-9)
    assert result.diagnostics["beckmann_objective"] == pytest.approx(
        60.0 * beckmann_objective(solution.volume, problem.delay), rel=1e-9
    )
    assert result.indicator("trips").value == pytest.approx(1350.0)
    assert f"1350 trips per hour between 3 zones from {trips}." in result.notes[0]
    assert not any("synthetic" in note for note in result.notes)


def test_no_trip_passes_a_zone_that_is_none_of_its_ends(folder, store):
    bring(store, folder / "small_net.tntp")
    bring(store, folder / "small_trips.tntp")
    result = simulated(store)
    links = store.snapshot(["link"])["link"]
    volume = dict(zip(links.ids.tolist(), result.tables["link"].columns["volume_vph"].tolist(), strict=True))
    source = {entity.id: entity.source_id for entity in store.find("link")}
    of = {source[key]: flow for key, flow in volume.items()}
    assert of["1-4"] == pytest.approx(900.0)
    assert of["4-1"] == pytest.approx(350.0)
    assert of["4-5"] + of["4-5 #2"] + of["4-6"] == pytest.approx(900.0)


def test_importing_twice_changes_nothing_and_another_matrix_takes_its_place(folder, store):
    bring(store, folder / "small_net.tntp")
    assert bring(store, folder / "square.csv").history["od_matrix"] == 5
    assert not bring(store, folder / "square.csv").changes_anything
    assert not bring(store, folder / "small_net.tntp").changes_anything
    (folder / "square.csv").write_text((folder / "square.csv").read_text().replace("600", "0"))
    bring(store, folder / "square.csv")
    assert simulated(store).indicator("trips").value == pytest.approx(750.0)


def test_the_hour_of_a_matrix_is_the_one_asked_for_or_its_fullest(folder, store):
    (folder / "hours.csv").write_text("origin,destination,trips,hour\n1,2,100,8\n1,2,300,17\n2,1,50,8\n")
    bring(store, folder / "small_net.tntp")
    bring(store, folder / "hours.csv")
    assert simulated(store, peak_hour=8).indicator("trips").value == pytest.approx(150.0)
    assert simulated(store, peak_hour=3).indicator("trips").value == pytest.approx(300.0)


def test_trips_within_a_zone_are_told(folder, store):
    (folder / "own.csv").write_text("origin,destination,trips\n1,1,40\n1,2,100\n")
    bring(store, folder / "small_net.tntp")
    bring(store, folder / "own.csv")
    assert any("40 trips per hour stay within their zone" in note for note in simulated(store).notes)


def test_trips_to_unknown_zones_are_named_by_zone(folder, store):
    (folder / "far.csv").write_text("origin,destination,trips\n1,2,100\n1,99,5\n98,2,5\n")
    bring(store, folder / "small_net.tntp")
    report = bring(store, folder / "far.csv")
    assert {problem.row for problem in report.problems} == {"98", "99"}
    assert report.history["od_matrix"] == 1


def test_a_matrix_without_any_known_zone_is_refused(folder, store):
    with pytest.raises(DataError, match="zone that the city does not have"):
        bring(store, folder / "square.csv")


def test_a_matrix_whose_zones_are_gone_says_so(make):
    trips = {
        "subject_id": np.array(["gone"], object), "destination_id": np.array(["away"], object),
        "at": np.array(["1970-01-01"], "datetime64[s]"), "duration_s": np.array([3600.0]),
        "vehicle_class": np.array([""], object), "matrix": np.array(["m (1)"], object), "trips": np.array([10.0]),
    }  # fmt: skip
    city = make.snapshot(make.grid(4, 4), trips=trips)
    with pytest.raises(ScenarioError, match="No zone of the trips of 'm \\(1\\)'"):
        finish(Congestion().run(city, baseline(), CongestionParams(), 1))


ISLAND = NET.replace("<NUMBER OF NODES> 6", "<NUMBER OF NODES> 7").replace(
    "3 6 9000", "3 7 9000").replace("6 3 9000", "7 3 9000")  # fmt: skip


def test_trips_to_a_zone_on_an_island_are_named_and_left_out(folder, store):
    (folder / "small_net.tntp").write_text(ISLAND)
    bring(store, folder / "small_net.tntp")
    bring(store, folder / "small_trips.tntp")
    result = simulated(store)
    assert result.indicator("trips").value == pytest.approx(800.0)
    assert any("550 trips per hour between 3 pairs of zones have no road" in note for note in result.notes)
    assert np.isfinite(result.indicator("mean_trip_time_s").value)


def test_zones_that_are_all_cut_off_are_refused():
    nowhere = np.full(1, CUT_OFF)
    with pytest.raises(ScenarioError, match="None of the city's own zones is joined"):
        zones_at(OwnZones(("a",), np.zeros((1, 2)), nowhere, nowhere), np.zeros((3, 2)), np.ones(3, dtype=bool))


@pytest.mark.real_data
def test_sioux_falls_and_anaheim_through_a_workspace(store, tmp_path, real_data):
    for name, objective in (("SiouxFalls", 4_231_335.287107), ("Anaheim", 1_286_032.171096)):
        folder = real_data / "tntp" / name
        with Store.create(tmp_path / f"{name}.twin") as city:
            bring(city, folder / f"{name}_net.tntp")
            bring(city, folder / f"{name}_trips.tntp")
            result = simulated(city)
        assert result.diagnostics["beckmann_objective"] / 60.0 == pytest.approx(objective, rel=1e-9)
