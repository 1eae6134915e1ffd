"""``citytwin due``: counts, rows and CSV agree; nonsense is refused."""

from __future__ import annotations

import csv
import io

import pytest


def test_rows_counts_and_csv_agree_and_the_most_urgent_come_first(call_json, collected, tmp_path):
    file = tmp_path / "due.csv"
    found = call_json("due", collected, "--csv", file)
    rows = found["rows"]
    assert 0 < sum(found["due"]) == len(rows) <= found["bins"]
    assert [row["due_days"] for row in rows] == sorted(row["due_days"] for row in rows)
    assert all(row["reason"] in ("fullness", "age", "alert") for row in rows)
    assert all(row["overflow_today"] <= row["overflow_tomorrow"] <= row["overflow_in_two_days"] for row in rows)
    written = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert [row["bin"] for row in written] == [row["bin"] for row in rows]
    assert len(call_json("due", collected, "--risk", "0.9")["rows"]) <= len(rows)


@pytest.mark.parametrize("words", [("--risk", "0"), ("--risk", "1.5"), ("--scenario", "no such")])
def test_nonsense_is_refused_in_two_lines(call, collected, words):
    status, _, err = call("due", collected, *words)
    assert status == 1
    assert len(err.strip().splitlines()) >= 2


def test_a_city_without_bins_is_told_what_to_import(call, grid):
    status, _, err = call("due", grid)
    assert status == 1
    assert "no bins" in err


def test_people_read_a_table_in_their_language(call, collected):
    _, out, _ = call("due", collected, "--language", "zh_CN")
    assert "今天" in out
    assert "告警" in out
