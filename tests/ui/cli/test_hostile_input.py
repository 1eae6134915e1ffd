"""Rarer things that people feed in: each a clear refusal or a clear record of what was left out, never a crash."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ui.cli import main
from ui.session import Session

ROOT = Path(__file__).resolve().parents[3]
BINS = "id,lon,lat,capacity_l,name\n" + "".join(f"s{i},{118.8 + i / 1000},{32.0 + i / 1000},240,B{i}\n" for i in range(20))


@pytest.fixture
def refused(call, workspace):
    """Return a function that runs a command which must be refused in two lines, and gives them as one text."""

    def run(*words):
        status, out, err = call(*words)
        said = [line for line in err.splitlines() if not line.startswith(("Reading", "Writing", "Saving"))]
        assert (status, out, len(said)) == (1, "", 2), out + err
        assert "made a mistake" not in err
        return " ".join(said)

    return run


@pytest.mark.parametrize("latitude", ["north", "NaN", ""])
def test_a_map_with_a_place_that_is_no_number(refused, workspace, tmp_path, latitude):
    (tmp_path / "map.osm").write_text(
        f'<osm version="0.6"><node id="1" lat="{latitude}" lon="118.8"/><node id="2" lat="32" lon="118.8"/>'
        '<way id="9"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way></osm>'
    )
    assert "map.osm" in refused("import", workspace, tmp_path / "map.osm")


def test_a_quotation_mark_that_is_missing_is_named_by_the_line_where_the_text_begins(call_json, workspace, tmp_path):
    rest = "".join(f"t{i},118.81,32.01,240,T{i}\n" for i in range(300))
    for name, row in (("whole.csv", 's99,118.81,32.01,240,"Main street\n'), ("torn.csv", '"s99,118.81,32.01,240,Main street\n')):
        (tmp_path / name).write_text(BINS + row + rest)
        report = call_json("import", workspace, tmp_path / name, "--as", "bin")
        assert report["rejected"] == 1
        assert report["problems"][0]["row"] == 22
        assert "quotation mark" in report["problems"][0]["reason"]


def test_a_remark_of_a_few_lines_is_no_mistake(call_json, workspace, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS + 's99,118.81,32.01,240,"' + "line\n" * 30 + '"\n')
    assert call_json("import", workspace, tmp_path / "bins.csv", "--as", "bin")["added"] == {"bin": 21}


def test_two_files_of_one_name_in_an_archive(refused, workspace, tmp_path):
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("east/bins.geojson", "{}")
        archive.writestr("west/bins.geojson", "{}")
    assert "bins.geojson" in refused("import", workspace, tmp_path / "two.zip", "--as", "bin")


def test_a_workbook_with_a_password(refused, workspace, tmp_path):
    (tmp_path / "bins.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))
    assert "password" in refused("import", workspace, tmp_path / "bins.xlsx", "--as", "bin")


def test_a_code_page_that_does_not_exist_is_refused_for_every_kind_of_file(refused, workspace, tmp_path):
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [118.8, 32.0]}}
    (tmp_path / "bins.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [point]}))
    (tmp_path / "bins.csv").write_text(BINS)
    for name in ("bins.geojson", "bins.csv"):
        assert "klingon" in refused("import", workspace, tmp_path / name, "--as", "bin", "--encoding", "klingon")


@pytest.mark.parametrize("name", ["x" * 300 + ".twin", "a\0b.twin", "a\udcffb.twin"])
@pytest.mark.parametrize("command", ["create", "info"])
def test_a_name_that_no_workspace_can_have(refused, tmp_path, command, name):
    assert "name" in refused(command, f"{tmp_path}/{name}")
    assert not list(tmp_path.glob("a*")) + list(tmp_path.glob("x*"))


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "a\0b", "\x1b[31mred", "a\udcff"])
def test_a_name_that_no_scenario_can_have(refused, workspace, name):
    assert "printable" in refused("scenario", workspace, "new", name)


@pytest.mark.parametrize("seed", [-1, 2**63, -(10**30)])
def test_a_seed_that_cannot_be_kept_leaves_no_result(refused, workspace, seed):
    assert str(seed) in refused("simulate", "quick", workspace, "--seed", seed)
    assert not list((workspace / "results").iterdir())


def test_a_seed_that_no_city_can_have_makes_no_folder(refused, tmp_path):
    assert "-1" in refused("demo", "--headless", "--seed", "-1", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_picture_too_large_to_draw_is_a_wrong_call(call, workspace, tmp_path):
    status, _, err = call("render", workspace, "--out", tmp_path / "p.png", "--size", "99999x99999")
    assert status == 2
    assert "8192" in err
    assert not list(tmp_path.glob("p*"))


def test_a_picture_under_a_file_keeps_the_file(refused, workspace, tmp_path):
    (tmp_path / "here").write_text("mine")
    assert "Cannot write" in refused("render", workspace, "--out", tmp_path / "here" / "p.png", "--size", "64x64")
    assert (tmp_path / "here").read_text() == "mine"


def test_the_demo_where_no_folder_can_be_made(refused, tmp_path):
    (tmp_path / "here").write_text("mine")
    assert "demo.twin" in refused("demo", "--headless", "--out", tmp_path / "here" / "out")


def test_a_terminal_that_lacks_signs_shows_their_numbers(monkeypatch, workspace):
    with Session.open(workspace) as session:
        session.new_scenario("环路 1")
    screen = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["--language", "en", "scenario", str(workspace), "list"]) == 0
    assert rb"\u73af\u8def 1" in screen.buffer.getvalue()


def test_the_baseline_cannot_be_edited_and_nothing_else_is_made(refused, workspace):
    assert "baseline" in refused("scenario", workspace, "edit", "baseline", "close", "--roads", "all")
    with Session.open(workspace) as session:
        assert len(session.scenarios()) == 1


def test_closed_streams_are_written_to_in_vain(monkeypatch, workspace):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["info", str(workspace)]) == 0
    assert main(["info", str(workspace) + "x"]) == 1
    for stream in (sys.stdout, sys.stderr):
        stream.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_on_a_full_disk_is_said(workspace):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "ui", "--language", "en", "info", str(workspace), "--json"]
        seen = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert (seen.returncode, len(seen.stderr.splitlines())) == (1, 2), seen.stderr
    assert "space" in seen.stderr
