"""``citytwin export`` in both forms."""

from __future__ import annotations

import json

import pandas as pd


def test_the_whole_city_as_a_geopackage(call_json, grid, tmp_path):
    told = call_json("export", grid, "--out", tmp_path / "all.gpkg")
    assert (tmp_path / "all.gpkg").stat().st_size == told["size_bytes"]


def test_what_the_public_may_see(call, call_json, grid, tmp_path):
    told = call_json("export", grid, "--as", "open-data", "--out", tmp_path / "open")
    described = json.loads((tmp_path / "open" / "datapackage.json").read_text(encoding="utf-8"))
    assert {item["name"]: item["rows"] for item in described["resources"]} == {
        name: found["rows"] for name, found in told["tables"].items()
    }
    assert {"link", "node", "district", "population"} == set(told["tables"])
    assert len(pd.read_csv(tmp_path / "open" / "link.csv")) == told["tables"]["link"]["rows"]
    status, out, _ = call("export", grid, "--as", "open-data")
    assert status == 0
    assert "Roads" in out
    assert (grid / "open-data" / "open-data.gpkg").is_file()


def test_terms_that_nobody_knows_are_refused(call, grid, tmp_path):
    status, _, err = call("export", grid, "--as", "open-data", "--licence", "mine", "--out", tmp_path / "open")
    assert status == 1
    assert "'mine' is no licence" in err
    assert not (tmp_path / "open").exists()
