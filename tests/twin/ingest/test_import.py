from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass

import pytest

from twin.errors import CancelledError, DataError, StorageError
from twin.ingest import import_source, importing, workspace_info
from twin.model.changes import Change
from twin.model.entity import attribute
from twin.model.places import Bin
from twin.sources import ReadOptions
from twin.store import Store
from twin.task import finish

BINS = "id,longitude,latitude,waste_type,capacity,fill_level,timestamp\n"
ROWS = ["B-1,24.94,60.17,glass,660,0.5,2026-02-01T10:00", "B-2,24.95,60.17,food,240,0.2,2026-02-01T10:00"]


def bins(*rows):
    return BINS + "\n".join(rows or ROWS) + "\n"


def test_a_second_import_changes_nothing(store, bring, written):
    path = written("bins.csv", bins())
    first = bring(path)
    assert (dict(first.added), dict(first.history)) == ({"bin": 2}, {"fill_reading": 2})
    version = store.version
    second = bring(path)
    assert (dict(second.unchanged), second.added.total(), second.history.total()) == ({"bin": 2}, 0, 0)
    assert not second.changes_anything
    assert store.version == version


def test_a_changed_row_is_a_change_and_a_new_one_is_added(store, bring, written):
    bring(written("bins.csv", bins()))
    key = store.find("bin", source_id="B-1")[0].id
    report = bring(
        written("bins.csv", bins(ROWS[0].replace("660", "1100"), ROWS[1], "B-3,24.96,60.17,paper,660,0.1,2026-02-02T10:00"))
    )
    assert (dict(report.added), dict(report.changed), dict(report.unchanged)) == ({"bin": 1}, {"bin": 1}, {"bin": 1})
    assert dict(report.history) == {"fill_reading": 1}
    assert store.get("bin", key).capacity_l == 1100


def test_what_a_user_changed_stays_while_the_source_says_the_same(store, bring, written):
    path = written("bins.csv", bins())
    bring(path)
    before = store.find("bin", source_id="B-1")[0]
    store.write([Change(before, dataclasses.replace(before, name="At the gate"))], title="Rename")
    bring(path)
    assert store.get("bin", before.id).name == "At the gate"


@dataclass(frozen=True, kw_only=True)
class LaterBin(Bin):
    """A bin as a later version knows it."""

    lid_colour: str = attribute("Lid colour", "")


def test_an_attribute_of_a_later_version_marks_no_record_changed():
    plain = {"id": "", "source_id": "B-1", "waste_kind": "glass", "capacity_l": 660.0}
    before, after, said, other = (
        list(importing._digests([one]))
        for one in (Bin(**plain), LaterBin(**plain), LaterBin(**plain, lid_colour="green"), Bin(**{**plain, "capacity_l": 240.0}))
    )
    assert before == after
    assert len({*before, *said, *other}) == 3


def test_undo_takes_an_import_back_whole(store, bring, written):
    bring(written("bins.csv", bins()))
    store.undo()
    assert (store.counts()["bin"], store.counts()["fill_reading"]) == (0, 0)
    assert dict(bring(written("bins.csv", bins())).history) == {"fill_reading": 2}


def test_rejected_rows_are_named_and_nothing_of_them_is_stored(store, bring, written):
    bad = [
        "B-4,24.94,60.17,glass,660,2.4,2026-02-01T10:00",
        "B-5,,60.17,glass,660,0.4,",
        "B-6,24.9,10.0,glass,660,0.4,2026-02-01T10:00",
    ]
    report = bring(written("bins.csv", bins(*ROWS, *bad, "B-7,24.94")))
    assert dict(report.added) == {"bin": 2}
    reasons = {problem.row: problem.reason for problem in report.problems}
    assert set(reasons) == {4, 5, 6, 7}
    assert "fill_level is 2.4" in reasons[4]
    assert reasons[5] == "has no coordinates"
    assert "km from" in reasons[6]
    assert "has 2 values; the header has 7" in reasons[7]
    assert store.counts()["fill_reading"] == 2
    assert report.as_json()["rejected"] == 4


def test_readings_alone_find_their_bins(store, bring, written):
    bring(written("bins.csv", bins()))
    report = bring(
        written("march.csv", "bin_id,time,fill_level\nB-1,2026-03-01 10:00,0.9\nB-9,2026-03-01 10:00,0.1\n"), kind="readings"
    )
    assert dict(report.history) == {"fill_reading": 1}
    assert [(problem.row, problem.reason) for problem in report.problems] == [
        ("B-9", "1 rows are about a bin that the city does not have")
    ]
    assert dict(report.refreshed) == {"bin": 1}
    assert store.find("bin", source_id="B-1")[0].fill_level == pytest.approx(0.9)
    again = bring(written("march.csv", "bin_id,time,fill_level\nB-1,2026-03-01 10:00,0.9\n"), kind="readings")
    assert not again.changes_anything


REFUSED = {
    "no.csv": ("", "is empty"),
    "head.csv": (BINS, "no rows"),
    "crs.csv": ("id,x,y,waste_type,fill_level\n1,382590,6675856,glass,0.5\n", "nothing says in which system"),
    "lines.geojson": (
        (
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1,"fill_level":0.5},'
            '"geometry":{"type":"LineString","coordinates":[[24.9,60.1],[24.95,60.1]]}}]}'
        ),
        "a bin is a Point",
    ),
    "cut.geojson": ('{"type":"FeatureCollection","features":[{"type":"Feature","prop', "cannot be read"),
    "page.csv": ("<!DOCTYPE html><html><body>Not found</body></html>\n", "is not a table"),
    "song.mp3": ("ID3", "of no kind that can be imported"),
    "other.csv": ("a,b\n1,2\n", "do not tell what it holds"),
    "cut.osm.pbf": (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c", "cannot be read"),
    "cut.tif": (b"II*\x00\x08\x00\x00\x00", "cannot be read"),
    "cut.xlsx": (b"PK\x03\x04nothing", "not a whole zip"),
    "cut.gpkg": (b"SQLite format 3\x00" + b"\x01" * 200, "cannot be read"),
    "abroad.csv": (BINS + "B-1,114.05,22.55,glass,660,0.5,2026-02-01\n", "outside the city"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_used_leaves_the_store_as_it_was(store, bring, written, name):
    bring(written("bins.csv", bins()))
    before = (store.version, store.counts(), sorted(path.name for path in (store.path / "history").iterdir()))
    content, message = REFUSED[name]
    kind = {"kind": "bins"} if name == "lines.geojson" else {}
    with pytest.raises(DataError, match=message) as caught:
        bring(written(name, content), **kind)
    assert caught.value.advice
    assert (store.version, store.counts(), sorted(path.name for path in (store.path / "history").iterdir())) == before


def test_a_folder_a_missing_file_and_one_that_may_not_be_read(bring, written, tmp_path):
    with pytest.raises(DataError, match="is a folder"):
        bring(tmp_path)
    with pytest.raises(DataError, match="There is no file"):
        bring(tmp_path / "nowhere.csv")
    path = written("secret.csv", bins())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(DataError, match="cannot be read"):
        bring(path)


def test_cancelling_takes_everything_back(store, written):
    path = written("bins.csv", bins())
    with pytest.raises(CancelledError):
        finish(import_source(store, path), is_cancelled=lambda: True)
    assert store.version == 0
    task = import_source(store, path)
    for progress in task:
        if progress.message == "Saving":
            break
    task.close()
    assert (store.version, store.counts()["bin"]) == (0, 0)


def test_a_workspace_open_for_reading_refuses(store, bring, written):
    bring(written("bins.csv", bins()))
    with Store.open(store.path, writable=False) as reader, pytest.raises(StorageError, match="reading only"):
        finish(import_source(reader, written("more.csv", bins()), ReadOptions()))


def test_info_counts(store, bring, written):
    bring(written("bins.csv", bins()))
    info = workspace_info(store)
    assert (info["bins"], info["fill_readings"], info["roads"], info["synthetic"], info["version"]) == (2, 2, 0, False, 1)
    assert info["bounds"] == pytest.approx((24.94, 60.17, 24.95, 60.17), abs=1e-5)
