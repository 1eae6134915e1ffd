"""What sweeps measured: kept line by line, whatever happens to the last one."""

from __future__ import annotations

import pytest

from twin.errors import StorageError
from twin.model.edits import CloseLinks, ScaleDemand
from twin.model.results import Indicator
from twin.store.measured import FOLDER, MeasuredLog, digest_of

ONE, TWO = (CloseLinks(target_ids=("a",)),), (CloseLinks(target_ids=("b",)), ScaleDemand(factor=1.5))
NUMBERS = (Indicator("delay", "Delay", 12.5, "veh·h", noise=1e-3), Indicator("never", "Never", float("inf"), samples=(1.0, 2.0)))


def log(path, version=3, **params):
    return MeasuredLog(path, version, "congestion", params, 1, writable=True)


def test_what_was_measured_is_known_again_to_the_last_bit(tmp_path):
    log(tmp_path).add(ONE, NUMBERS)
    log(tmp_path).add(TWO, NUMBERS[:1])
    assert log(tmp_path).known() == {digest_of(ONE): NUMBERS, digest_of(TWO): NUMBERS[:1]}


def test_other_parameters_and_other_cities_know_nothing_of_it(tmp_path):
    log(tmp_path).add(ONE, NUMBERS)
    assert log(tmp_path, gap=1e-3).known() == {}
    assert log(tmp_path, version=4).known() == {}


def test_half_a_line_is_passed_over_and_the_next_one_begins_anew(tmp_path):
    log(tmp_path).add(ONE, NUMBERS)
    (file,) = (tmp_path / FOLDER).iterdir()
    whole = file.read_text("utf-8")
    file.write_text(whole + whole[: len(whole) // 2], "utf-8")
    log(tmp_path).add(TWO, NUMBERS)
    assert log(tmp_path).known() == {digest_of(ONE): NUMBERS, digest_of(TWO): NUMBERS}


def test_a_new_version_of_the_city_lets_the_old_lines_go(tmp_path):
    log(tmp_path).add(ONE, NUMBERS)
    log(tmp_path, version=4).add(ONE, NUMBERS)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_a_workspace_that_is_only_read_is_left_as_it_is(tmp_path):
    MeasuredLog(tmp_path, 3, "congestion", {}, 1, writable=False).add(ONE, NUMBERS)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_named(tmp_path):
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(StorageError):
        log(tmp_path).add(ONE, NUMBERS)
