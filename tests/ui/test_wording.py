"""Edits in words, in both languages."""

from __future__ import annotations

import pytest

from twin.model.edits import EDITS, AddEvent, AddLink, BanTurn, BlockLanes, CloseLinks, ScaleDemand, SetZoneDemand
from ui.language import set_language
from ui.wording import edit_text


@pytest.mark.parametrize(
    ("edit", "english", "chinese"),
    [
        (CloseLinks(target_ids=("b",)), "Close road: Yangtze Bridge", "封闭道路：长江大桥"),
        (CloseLinks(target_ids=("no name",)), "Close road: no name", "封闭道路：no name"),
        (
            BanTurn(target_ids=("a",), into=("b",)),
            "Ban turn: Zhongshan Road, Into Yangtze Bridge, Allowed again no",
            "禁止转向：中山路，驶入 长江大桥，重新允许 否",
        ),
        (
            BanTurn(target_ids=("a",)),
            "Ban turn: Zhongshan Road, Into –, Allowed again no",
            "禁止转向：中山路，驶入 –，重新允许 否",
        ),
        (ScaleDemand(factor=1.5), "Scale demand: Factor 1.5", "调整出行需求：系数 1.5"),
    ],
)
def test_an_edit_names_its_objects_and_its_values(session, edit, english, chinese):
    assert edit_text(edit, session.snapshot) == english
    set_language("zh_CN")
    assert edit_text(edit, session.snapshot) == chinese


def test_a_line_is_told_by_its_length_and_a_time_by_the_clock(session):
    road = AddLink(path_m=((0.0, 0.0), (300.0, 400.0), (300.0, 900.0)))
    assert edit_text(road, session.snapshot).startswith("New road: Line 1,000 m, Road class secondary")
    assert "From 08:00, Until 08:30" in edit_text(BlockLanes(target_ids=("a",)), session.snapshot)
    assert "Begins at 19:00" in edit_text(AddEvent(), session.snapshot)
    assert "Trips that leave" in edit_text(SetZoneDemand(), session.snapshot)


@pytest.mark.parametrize("edit_type", EDITS)
def test_every_edit_can_be_told_without_a_city(edit_type):
    for code in ("en", "zh_CN"):
        set_language(code)
        assert edit_text(edit_type())
