"""Edits of two roads, of a place and of a time, made with the buttons beside the map."""

from __future__ import annotations

import pytest

from twin.model.edits import AddEvent, AddLink, BanTurn, SetCapacity


def apply(window, rest, name, **values):
    box = window.scenario_panel.edit_box
    window.trigger(f"scenario.{name}")
    box.form.set_values(values)
    box.apply()
    rest(window)
    assert window.errors == []
    return window.desk.view.scenario.edits[-1]


def test_two_roads_that_meet_are_a_turn_whichever_was_chosen_first(on_city, rest):
    on_city.desk.select("link", ["b", "a"])
    assert on_city.scenario_panel.edit_box.buttons["turn"].isEnabled()
    assert apply(on_city, rest, "turn") == BanTurn(target_ids=("a",), into=("b",))
    assert on_city.desk.view.edited["movement"]["to_link_id"].tolist() == ["b"]


def test_two_roads_that_do_not_meet_are_joined_by_a_new_one_and_are_no_turn(on_city, rest):
    on_city.desk.select("link", ["a", "c"])
    box = on_city.scenario_panel.edit_box
    assert not box.buttons["turn"].isEnabled()
    edit = apply(on_city, rest, "new_road", two_way=False)
    ends = on_city.desk.view.snapshot["node"].xy[1:3].tolist()
    assert isinstance(edit, AddLink)
    assert [list(point) for point in edit.path_m] == [pytest.approx(end) for end in ends]
    assert len(on_city.desk.view.edited["link"]) == 4


@pytest.mark.parametrize("chosen", [["a"], ["a", "b", "c"], []])
def test_one_road_or_three_are_neither_a_turn_nor_to_be_joined(on_city, chosen):
    on_city.desk.select("link", chosen)
    for name in ("turn", "new_road"):
        button = on_city.scenario_panel.edit_box.buttons[name]
        assert not button.isEnabled()
        assert button.toolTip() == "Select two roads on the map first: those to be joined, or a turn's."


def test_an_event_begins_where_something_is_selected(on_city, rest):
    on_city.desk.select("link", ["b"])
    edit = apply(on_city, rest, "event", trips=500.0, at_s=72000.0)
    x_m, y_m = on_city.desk.view.snapshot["link"].xy[1]
    assert edit == AddEvent(trips=500.0, at_s=72000.0, x_m=round(x_m), y_m=round(y_m))


def test_a_capacity_starts_with_that_of_the_road(on_city, rest):
    on_city.desk.select("link", ["b"])
    assert apply(on_city, rest, "capacity") == SetCapacity(target_ids=("b",), capacity_vph=1000.0)
