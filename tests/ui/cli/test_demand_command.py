"""``citytwin demand`` on a grid of streets, and on a network that comes with its trips."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from twin.sources.omx import read_omx

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 2
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 2
<END OF METADATA>
1 2 1000 5 6 0.15 4 0 0 1 ;
2 1 1000 5 6 0.15 4 0 0 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n 2 : 700;\nOrigin 2\n 1 : 300;\n"


@pytest.fixture
def two_zones(call, tmp_path):
    (tmp_path / "two_net.tntp").write_text(NET)
    (tmp_path / "two_trips.tntp").write_text(TRIPS)
    for words in (("create",), ("import", tmp_path / "two_net.tntp"), ("import", tmp_path / "two_trips.tntp")):
        status, _, err = call(words[0], tmp_path / "two.twin", *words[1:])
        assert status == 0, err
    return tmp_path / "two.twin"


def test_made_up_trips_say_so(call_json, call, grid):
    found = call_json("demand", grid)
    assert found["source"] == "synthetic"
    assert found["fit"] is None
    assert found["stations"] == []
    assert sum(found["profile"]) == pytest.approx(1.0)
    assert "Demand is synthetic" in found["notes"][0]
    status, out, _ = call("demand", grid)
    assert status == 0
    assert "synthetic" in out


def test_imported_trips_are_told_and_come_out_as_they_went_in(call_json, two_zones, tmp_path):
    found = call_json("demand", two_zones, "--csv", tmp_path / "od.csv", "--omx", tmp_path / "od.omx")
    assert (found["source"], found["trips_vph"], found["zones"]) == ("imported", 1000.0, 2)
    with (tmp_path / "od.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["origin", "destination", "trips"], ["1", "2", "700.0"], ["2", "1", "300.0"]]
    labels, trips = read_omx(tmp_path / "od.omx")
    assert labels == ["1", "2"]
    assert np.array_equal(trips, [[0.0, 700.0], [300.0, 0.0]])


def test_what_was_written_can_be_imported_again(call, call_json, two_zones, tmp_path):
    call_json("demand", two_zones, "--csv", tmp_path / "od.csv")
    report = call_json("import", two_zones, tmp_path / "od.csv")
    assert report["history_rows"] == {"od_matrix": 2}
    assert "from od.csv" in call_json("demand", two_zones)["notes"][0]


def test_parameters_are_those_of_trips_and_roads(call_json, grid):
    few, many = (call_json("demand", grid, "--trip-rate", rate, "--calibration", "none")["trips_vph"] for rate in ("0.2", "0.4"))
    assert many == pytest.approx(2.0 * few)
    assert call_json("demand", grid, "--peak-hour", "8")["hour"] == 8


@pytest.mark.parametrize("words", [("--peak-hour", "24"), ("--trip-rate", "-1"), ("--csv", "/dev/null/x/y.csv")])
def test_nonsense_is_refused(call, grid, words):
    status, _, err = call("demand", grid, *words)
    assert status == 1
    assert len(err.strip().splitlines()) >= 2


@pytest.mark.parametrize("kind", ["csv", "geojson"])
def test_zones_with_places_or_areas_take_an_imported_matrix(call, call_json, grid, tmp_path, kind):
    corners = {"west": 118.801, "east": 118.819}
    if kind == "csv":
        zones = tmp_path / "zones.csv"
        zones.write_text("zone_id,lon,lat\n" + "".join(f"{name},{lon},32.006\n" for name, lon in corners.items()))
    else:
        zones = tmp_path / "zones.geojson"
        squares = [
            {
                "type": "Feature",
                "properties": {"zone_id": name},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[lon, 32.005], [lon + 0.001, 32.005], [lon + 0.001, 32.007], [lon, 32.007], [lon, 32.005]]],
                },
            }
            for name, lon in corners.items()
        ]
        zones.write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    (tmp_path / "od.csv").write_text("origin,destination,trips\nwest,east,300\neast,west,120\nwest,nowhere,5\n")
    assert call_json("import", grid, zones)["added"] == {"zone": 2}
    report = call_json("import", grid, tmp_path / "od.csv")
    assert report["history_rows"] == {"od_matrix": 2}
    assert [problem["row"] for problem in report["problems"]] == ["nowhere"]
    found = call_json("demand", grid)
    assert (found["source"], found["trips_vph"], found["zones"], found["gates"]) == ("imported", 420.0, 2, 0)
    result = call_json("simulate", "congestion", grid)
    assert result["indicators"]["trips"]["value"] == pytest.approx(420.0)
    assert "Demand is imported" in result["notes"][0]


def test_a_gmns_network_and_its_demand_are_simulated(call, call_json, tmp_path):
    (tmp_path / "node.csv").write_text("node_id,x_coord,y_coord,zone_id\n1,10,50,1\n2,10.02,50,2\n3,10.01,50.01,\n")
    rows = [(1, 2), (2, 1), (1, 3), (3, 2), (2, 3), (3, 1)]
    links = "".join(f"{k},{i},{j},1.5,1,50,600\n" for k, (i, j) in enumerate(rows))
    (tmp_path / "link.csv").write_text("link_id,from_node_id,to_node_id,length,lanes,free_speed,capacity\n" + links)
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,900\n2,1,300\n")
    city = tmp_path / "gmns.twin"
    for words in (("create", city), ("import", city, tmp_path / "link.csv"), ("import", city, tmp_path / "demand.csv")):
        status, _, err = call(*words)
        assert status == 0, err
    result = call_json("simulate", "congestion", city)
    assert result["indicators"]["trips"]["value"] == pytest.approx(1200.0)
    assert result["diagnostics"]["zones"] == 2
