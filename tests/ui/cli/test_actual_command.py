"""``citytwin actual``: from the list that was handed out and the record that came back to what became of every stop."""

from __future__ import annotations

import csv

import pytest


@pytest.fixture
def handed_out(call_json, collected, tmp_path):
    call_json("routes", collected, "--csv", tmp_path / "stops.csv")
    with (tmp_path / "stops.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def record(path, rows, names="bin,emptied_at,truck,load_kg"):
    path.write_text("\n".join([names, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def as_driven(stops, day="2026-03-02"):
    return [[stop["bin"], f"{day} {stop['arrives']}:30", f"truck {stop['truck']}", "12.5"] for stop in stops]


def test_a_record_comes_back_and_every_stop_says_what_became_of_it(call, call_json, collected, handed_out, tmp_path):
    missed, *driven = handed_out
    call_json("import", collected, record(tmp_path / "r.csv", as_driven(driven)))
    assert call_json("info", collected)["emptyings"] == len(driven)
    found = call_json("actual", collected, tmp_path / "stops.csv", "--csv", tmp_path / "out.csv")
    assert (found["date"], found["planned"], found["driven"]) == ("2026-03-02", len(handed_out), len(driven))
    assert found["adherence"] == pytest.approx(len(driven) / len(handed_out))
    states = {stop["bin"]: stop["state"] for stop in found["stops"]}
    assert states.pop(missed["bin"]) == "missed"
    assert set(states.values()) == {"driven"}
    assert {round(stop["delay_s"]) for stop in found["stops"] if stop["delay_s"] is not None} == {30}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["state"] for row in csv.DictReader(file)] == [stop["state"] for stop in found["stops"]]
    status, out, _ = call("actual", collected, tmp_path / "stops.csv")
    assert status == 0
    assert "2026-03-02" in out


def test_the_plan_s_clock_is_that_of_the_city_s_zone_and_the_newest_day_is_taken(call_json, collected, handed_out, tmp_path):
    rows = [*as_driven(handed_out), *as_driven(handed_out[:1], day="2026-03-03")]
    call_json("import", collected, record(tmp_path / "r.csv", rows), "--timezone", "Asia/Shanghai")
    zone = ("--timezone", "Asia/Shanghai")
    newest = call_json("actual", collected, tmp_path / "stops.csv", *zone)
    assert (newest["date"], newest["driven"]) == ("2026-03-03", 1)
    first = call_json("actual", collected, tmp_path / "stops.csv", *zone, "--date", "2026-03-02")
    assert first["driven"] == len(handed_out)
    assert {round(stop["delay_s"]) for stop in first["stops"]} == {30}


def test_bins_that_were_on_no_round_are_unplanned_and_unknown_ones_are_named(call_json, collected, handed_out, tmp_path):
    lists = tmp_path / "stops.csv"
    text = lists.read_text("utf-8-sig").splitlines()
    lists.write_text("\n".join([text[0], *text[2:]]), encoding="utf-8")
    rows = [*as_driven(handed_out), ["nobody's", "2026-03-02 08:00", "truck 1", ""]]
    report = call_json("import", collected, record(tmp_path / "r.csv", rows))
    assert [problem["row"] for problem in report["problems"]] == ["nobody's"]
    found = call_json("actual", collected, lists)
    assert [stop["bin"] for stop in found["stops"] if stop["state"] == "unplanned"] == [handed_out[0]["bin"]]


@pytest.mark.parametrize(
    ("rows", "names", "said"),
    [
        ([["b", "soon", "t", "1"]], "bin,emptied_at,truck,load_kg", "soon"),
        ([["b", "2026-03-02 08:00", "t", "-4"]], "bin,emptied_at,truck,load_kg", "load_kg is -4"),
        ([["b", "t"]], "bin,truck", "has no time"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_by_row(call, collected, tmp_path, rows, names, said):
    status, _, err = call("import", collected, record(tmp_path / "r.csv", rows, names))
    assert status == 1
    assert said in err


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("", "no line of column names"),
        ("bin,truck\nb,1\n", "trip, stop, arrives"),
        ("truck,trip,stop,bin,arrives\n", "no stops"),
        ("truck,trip,stop,bin,arrives\n1,1,x,b,06:00\n", "stop is 'x' in row 2"),
        ("truck,trip,stop,bin,arrives\n1,1,1,b,later\n", "arrives is 'later' in row 2"),
        ("truck,trip,stop,bin,arrives\n1,1,1,b,06:00\n1,1,2,b,06:10\n", "plans bin 'b' again"),
        ("truck,trip,stop,bin,arrives\n1,1,1,b,06:00\n", "no record of emptied bins"),
    ],
)
def test_a_plan_that_is_none_and_a_city_without_a_record_are_told(call, collected, tmp_path, plan, said):
    (tmp_path / "plan.csv").write_text(plan, encoding="utf-8")
    status, _, err = call("actual", collected, tmp_path / "plan.csv")
    assert status == 1
    assert said in err


def test_a_day_without_a_record_and_a_word_that_is_no_day_are_told(call, call_json, collected, handed_out, tmp_path):
    call_json("import", collected, record(tmp_path / "r.csv", as_driven(handed_out)))
    status, _, err = call("actual", collected, tmp_path / "stops.csv", "--date", "2026-04-01")
    assert (status, "2026-04-01" in err) == (1, True)
    status, _, err = call("actual", collected, tmp_path / "stops.csv", "--date", "yesterday")
    assert (status, "no date" in err) == (1, True)


def test_a_list_that_is_not_there_and_one_in_another_code_page_are_told_apart(call, call_json, collected, handed_out, tmp_path):
    status, _, err = call("actual", collected, tmp_path / "nothing.csv")
    assert (status, "nothing.csv" in err) == (1, True)
    assert call("actual", collected, tmp_path)[0] == 1  # a folder
    call_json("import", collected, record(tmp_path / "r.csv", as_driven(handed_out)))
    text = (tmp_path / "stops.csv").read_text("utf-8-sig").replace("\n", ";路\n").replace(",", ";")
    (tmp_path / "gbk.csv").write_text(text, encoding="gb18030")  # as a spreadsheet may have saved it again
    assert call_json("actual", collected, tmp_path / "gbk.csv", "--encoding", "gb18030")["driven"] == len(handed_out)
