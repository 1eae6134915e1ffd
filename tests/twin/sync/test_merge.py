"""The merge rule, case by case: nobody's unseen work is overwritten, nothing that is not accepted is dropped."""

from __future__ import annotations

import pytest

from twin.sync.commit import ACCEPTED, ADDED, CHANGED, CONFLICT, MISSING, REMOVED, Row, Stamp
from twin.sync.merge import DIGEST, Writer, is_same, merge
from twin.sync.mutation import Op


def row(alive=True, alive_version=1, alive_device="a", **cells):
    fields, stamps = {name: cell[0] for name, cell in cells.items()}, {name: Stamp(*cell[1:]) for name, cell in cells.items()}
    return Row("bin", "b", alive, Stamp(alive_version, alive_device), fields, stamps)


def cell(found, name):
    return found.row.fields[name], *found.row.stamps[name]


def decide(before, op, device="a", base=5, seq=9):
    return merge(before, op, Writer(device, seq, base))


def told(merged):
    return [(entry.verdict, dict(entry.fields), entry.reason) for entry in merged.entries]


def test_a_field_that_nobody_else_wrote_since_is_accepted():
    found = decide(row(n=("old", 5, "b")), Op("bin", "b", {"n": "new"}))
    assert told(found) == [(ACCEPTED, {"n": "new"}, "")]
    assert cell(found, "n") == ("new", 9, "a")


def test_a_field_that_somebody_else_wrote_since_is_a_conflict_and_stays():
    before = row(n=("theirs", 6, "b"))
    found = decide(before, Op("bin", "b", {"n": "mine"}, was={"n": "seen", "m": "of no concern"}))
    assert told(found) == [(CONFLICT, {"n": "mine"}, CHANGED)]
    assert (found.entries[0].theirs, found.entries[0].was) == ({"n": "theirs"}, {"n": "seen"})
    assert found.row == before


def test_what_the_device_wrote_itself_it_has_seen():
    found = decide(row(n=("old", 8, "a")), Op("bin", "b", {"n": "new"}))
    assert told(found) == [(ACCEPTED, {"n": "new"}, "")]


def test_fields_are_decided_one_by_one():
    found = decide(row(n=("x", 1, "b"), m=("y", 7, "b")), Op("bin", "b", {"n": 1, "m": 2, "new": 3}))
    assert told(found) == [(ACCEPTED, {"n": 1, "new": 3}, ""), (CONFLICT, {"m": 2}, CHANGED)]
    assert found.row.fields == {"n": 1, "m": "y", "new": 3}


def test_the_same_value_is_no_conflict_and_stays_whose_it_was():
    found = decide(row(n=("x", 7, "b")), Op("bin", "b", {"n": "x"}))
    assert told(found) == [(ACCEPTED, {"n": "x"}, "")]
    assert cell(found, "n") == ("x", 7, "b")


@pytest.mark.parametrize(("one", "other", "same"), [(1, 1.0, True), (1, True, False), (0, False, False), (None, None, True)])
def test_values_are_the_same_as_json_has_them(one, other, same):
    assert is_same(one, other) is same


def test_the_digest_of_a_source_is_nothing_to_decide_and_follows_the_import_that_came_last():
    """Two offices import the next edition of one file, one with a mistake in ``m``: only that is asked of people."""
    before = row(source=("osm", 1, "b"), m=("y", 7, "b"), **{DIGEST: ("theirs", 7, "b")})
    found = decide(before, Op("bin", "b", {"m": "z", DIGEST: "mine"}, was={"m": "x", DIGEST: "old"}))
    assert told(found) == [(ACCEPTED, {DIGEST: "mine"}, ""), (CONFLICT, {"m": "z"}, CHANGED)]
    assert cell(found, DIGEST) == ("mine", 9, "a")
    assert (found.entries[1].theirs, found.entries[1].was) == ({"m": "y"}, {"m": "x"})


def test_the_digest_stays_where_the_source_does():
    """Both added the record, each from another source: the digest in the row is of the source that stands."""
    before = row(source=("osm", 7, "b"), **{DIGEST: ("of osm", 7, "b")})
    found = decide(before, Op("bin", "b", {"source": "table", DIGEST: "of the table"}, alive=True))
    assert told(found) == [(CONFLICT, {"source": "table"}, ADDED)]
    assert found.row == before


def test_a_digest_that_somebody_renewed_keeps_nobody_from_removing():
    before = row(m=("y", 1, "b"), **{DIGEST: ("new", 7, "b")})
    assert told(decide(before, Op("bin", "b", alive=False))) == [(ACCEPTED, {}, "")]


def test_a_removal_of_what_somebody_changed_since_is_a_conflict():
    found = decide(row(n=("x", 1, "b"), m=("y", 7, "b")), Op("bin", "b", alive=False))
    assert told(found) == [(CONFLICT, {}, CHANGED)]
    assert found.entries[0].theirs == {"m": "y"}
    assert found.row.alive is True


def test_a_removal_of_what_was_seen_leaves_a_tombstone_with_its_fields():
    found = decide(row(n=("x", 5, "b")), Op("bin", "b", alive=False))
    assert told(found) == [(ACCEPTED, {}, "")]
    assert (found.row.alive, found.row.made, found.row.fields) == (False, (9, "a"), {"n": "x"})


def test_two_removals_agree():
    before = row(alive=False, alive_version=8, alive_device="b")
    assert told(decide(before, Op("bin", "b", alive=False))) == [(ACCEPTED, {}, "")]
    assert decide(before, Op("bin", "b", alive=False)).row == before


def test_what_is_set_on_a_removed_row_is_kept_as_a_conflict():
    found = decide(row(alive=False, n=("x", 1, "b")), Op("bin", "b", {"n": "mine"}))
    assert told(found) == [(CONFLICT, {"n": "mine"}, REMOVED)]


@pytest.mark.parametrize("op", [Op("bin", "b", {"n": 1}), Op("bin", "b", alive=False)])
def test_what_is_done_to_a_row_that_is_not_there_is_kept_as_a_conflict(op):
    found = decide(None, op)
    assert (found.row, found.entries[0].verdict, found.entries[0].reason) == (None, CONFLICT, MISSING)


def test_a_new_row_is_added():
    found = decide(None, Op("bin", "b", {"n": 1}, alive=True))
    assert (found.row.alive, found.row.made, cell(found, "n")) == (True, (9, "a"), (1, 9, "a"))


def test_a_row_that_both_added_is_decided_field_by_field():
    found = decide(row(n=(1, 7, "b"), m=(2, 7, "b")), Op("bin", "b", {"n": 1, "m": 3}, alive=True))
    assert told(found) == [(ACCEPTED, {"n": 1}, ""), (CONFLICT, {"m": 3}, ADDED)]


def test_a_removed_row_comes_back_whole_when_its_removal_was_seen():
    before = row(alive=False, alive_version=5, alive_device="b", n=("x", 1, "b"))
    found = decide(before, Op("bin", "b", {"m": 1}, alive=True))
    assert (found.row.alive, found.row.fields) == (True, {"m": 1})
    unseen = decide(before, Op("bin", "b", {"m": 1}, alive=True), base=4)
    assert told(unseen) == [(CONFLICT, {"m": 1}, REMOVED)]
