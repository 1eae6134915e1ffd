"""What people really feed in: each case is two lines of error, status 1, and a store that is as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from ui.session import Session

BINS = "id,lon,lat,capacity_l,name\n" + "".join(f"s{i},{118.8 + i / 1000},{32.0 + i / 1000},240,B{i}\n" for i in range(20))


def digest_of(folder):
    """Return what is in a workspace, whatever way it was opened."""
    with Session.open(folder, writable=False) as session:
        journal = [(entry.number, entry.title) for entry in session.store.journal()]
        counts = session.store.counts()
    names = sorted(
        path.name for path in folder.rglob("*") if path.is_file() and path.suffix in (".parquet", ".json", ".npz", ".npy")
    )
    return json.dumps([journal, counts, names], sort_keys=True)


@pytest.fixture
def refused(call, workspace):
    """Return a function that imports a file which must be refused, and gives the two lines."""

    def run(*words):
        before = digest_of(workspace)
        status, out, err = call("import", workspace, *words)
        said = [line for line in err.splitlines() if not line.startswith(("Reading", "Writing", "Saving"))]
        assert status == 1, out + err
        assert out == ""
        assert len(said) == 2, err
        assert digest_of(workspace) == before
        return " ".join(said)

    return run


def test_a_good_table_is_taken_first(call_json, workspace, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS)
    report = call_json("import", workspace, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
    assert (report["added"], report["rejected"]) == ({"bin": 20}, 0)
    again = call_json("import", workspace, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
    assert (again["added"], again["unchanged"]) == ({}, {"bin": 20})


def test_rejected_rows_are_numbered_and_the_rest_is_taken(call, call_json, workspace, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS + "bad,here,there,240,X\n")
    status, out, _ = call("import", workspace, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
    assert status == 0
    assert "row 22" in out


@pytest.mark.real_data
def test_a_truncated_pbf(refused, real_data, tmp_path):
    whole = (real_data / "osm" / "village_fi_test.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) // 2])
    assert "cut.osm.pbf" in refused(tmp_path / "cut.osm.pbf")


def test_a_wrong_code_page(refused, tmp_path):
    (tmp_path / "bins.csv").write_bytes(
        BINS.replace("B1,", "Töölö,").replace("name", "nimi å").encode("latin-1")
        + "s99,118.8,32,240,Ääkköset\n".encode("latin-1")
    )
    assert "utf-8" in refused(tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326", "--encoding", "utf-8").lower()


def test_lines_given_as_bins(refused, tmp_path):
    lines = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": i},
                "geometry": {"type": "LineString", "coordinates": [[118.8, 32.0], [118.81, 32.0 + i / 100]]},
            }
            for i in range(3)
        ],
    }
    (tmp_path / "lines.geojson").write_text(json.dumps(lines))
    said = refused(tmp_path / "lines.geojson", "--as", "bin")
    assert "lines.geojson" in said


def test_places_outside_the_city(refused, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS.replace("118.8", "24.9").replace("32.0", "60.1"))
    assert "outside" in refused(tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")


def test_a_missing_coordinate_system(refused, tmp_path):
    rows = "id,x,y,name\n" + "".join(f"s{i},{25496000 + i},{6672000 + i},B{i}\n" for i in range(5))
    (tmp_path / "bins.csv").write_text(rows)
    assert "--crs" in refused(tmp_path / "bins.csv", "--as", "bin")


def test_a_zip_bomb(refused, tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros.csv", "w", force_zip64=True) as file,
    ):
        block = bytes(1 << 20)
        for _ in range(400):
            file.write(block)
    assert "zip bomb" in refused(tmp_path / "bomb.zip", "--as", "bin", "--crs", "EPSG:4326")


@pytest.mark.parametrize("name", ["nothing.csv", "folder"])
def test_no_such_file(name, refused, tmp_path):
    (tmp_path / "folder").mkdir()
    assert name in refused(tmp_path / name, "--as", "bin", "--crs", "EPSG:4326")


def test_a_file_of_no_kind(refused, tmp_path):
    (tmp_path / "picture.xyz").write_bytes(os.urandom(4096))
    assert "picture.xyz" in refused(tmp_path / "picture.xyz")


def test_a_workspace_that_another_process_holds(call, workspace, tmp_path):
    (tmp_path / "bins.csv").write_text(BINS)
    code = "import sys; from pathlib import Path; from twin.store import Store; s = Store.open(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, workspace], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        before = digest_of(workspace)
        status, out, err = call("import", workspace, tmp_path / "bins.csv", "--as", "bin", "--crs", "EPSG:4326")
        assert (status, out) == (1, "")
        assert len(err.splitlines()) == 2
        assert str(holder.pid) in err
        assert digest_of(workspace) == before
        assert call("info", workspace)[0] == 0
        holder.stdin.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no mount namespaces there")
def test_a_read_only_disk(workspace, tmp_path):
    """Rights do not bind root, so the folder is mounted read-only in a namespace of its own."""
    unshare = shutil.which("unshare")
    probe = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"', str(workspace)]
    if unshare is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a folder read-only")
    (tmp_path / "bins.csv").write_text(BINS)
    before = digest_of(workspace)
    script = (
        'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && '
        f'"{sys.executable}" -m ui import "$0" "{tmp_path}/bins.csv" --as bin --crs EPSG:4326; echo "status $?"; '
        f'"{sys.executable}" -m ui info "$0" --json; echo "status $?"'
    )
    seen = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, str(workspace)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LANG": "C"},
    )
    first, _, second = seen.stdout.partition("status 1\n")
    assert first == "", seen.stderr
    assert second.endswith("status 0\n")
    assert json.loads(second.removesuffix("status 0\n"))["bins"] == 2
    assert len(seen.stderr.splitlines()) == 2
    assert digest_of(workspace) == before


def test_digest_sees_a_change(workspace):
    before = digest_of(workspace)
    with Session.open(workspace) as session:
        session.new_scenario("x")
    assert hashlib.sha256(before.encode()).hexdigest() != hashlib.sha256(digest_of(workspace).encode()).hexdigest()
