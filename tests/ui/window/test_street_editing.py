"""Editing streets on the map with the mouse and with keys: each gesture is one edit, and one step back undoes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt

from twin.errors import ScenarioError
from twin.model.changes import Change
from twin.model.network import Link, Node
from twin.task import Progress
from ui import files
from ui.language import tr
from ui.scene_view import Viewpoint
from ui.session import Session

LON, LAT, ARM = 118.8, 32.0, 0.003
SIDES = {"west": (-ARM, 0.0), "north": (0.0, ARM), "east": (ARM, 0.0), "south": (0.0, -ARM)}
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


def crossing():
    """Return the changes that make four two-way streets that meet at a signal."""
    middle = Node(id="middle", geometry=shapely.Point(LON, LAT), signal=True, cycle_s=90.0)
    things = [middle]
    for side, (dx, dy) in SIDES.items():
        end = (LON + dx, LAT + dy)
        things.append(Node(id=side, geometry=shapely.Point(end)))
        for key, tail, head, line in (
            (f"{side}-in", side, "middle", [end, (LON, LAT)]),
            (f"{side}-out", "middle", side, [(LON, LAT), end]),
        ):
            reverse = f"{side}-{'out' if key.endswith('in') else 'in'}"
            things.append(
                Link(
                    id=key, geometry=shapely.LineString(line), tail_id=tail, head_id=head, reverse_id=reverse,
                    name=side, road_class="secondary", lanes=2.0, capacity_vph=1800.0,
                    free_flow_speed_mps=50 / 3.6, length_m=300.0,
                )
            )  # fmt: skip
    return [Change(None, thing) for thing in things]


class Hand:
    """Uses the mouse on the map of a window, in metres from the crossing."""

    def __init__(self, window, qtbot, rest):
        self.window, self.qtbot, self.rest = window, qtbot, rest
        self.scene = window.map_page.scene
        nodes = window.desk.view.snapshot["node"]
        self.middle = nodes.xy[nodes.row_of["middle"]]

    def at(self, x_m, y_m):
        px, _ = self.scene.pixel_of(self.middle[None, :] + np.array([[x_m, y_m]]))
        return QPoint(*(round(value) for value in px[0]))

    def click(self, x_m, y_m, modifiers=PLAIN):
        self.qtbot.mouseClick(self.scene, Qt.MouseButton.LeftButton, modifiers, self.at(x_m, y_m))
        self.rest(self.window)

    def drag(self, start, end, modifiers=PLAIN):
        self.qtbot.mousePress(self.scene, Qt.MouseButton.LeftButton, modifiers, self.at(*start))
        self.qtbot.mouseMove(self.scene, self.at(*end))
        self.qtbot.mouseRelease(self.scene, Qt.MouseButton.LeftButton, modifiers, self.at(*end))
        self.rest(self.window)

    def settle(self):
        self.rest(self.window)
        self.scene.finish()
        self.scene.grab()


@pytest.fixture
def hand(window, tmp_path, qtbot, rest, quick):
    path = tmp_path / "crossing.twin"
    with Session.create(path, name="Crossing", now=lambda: datetime(2026, 5, 1, tzinfo=UTC)) as session:
        session.change(crossing(), "Import of a crossing")
    files.open_path(window, path)
    rest(window)
    window.map_page.scene.animated = False
    window.map_page.edit_bar.live.setChecked(False)
    made = Hand(window, qtbot, rest)
    window.map_page.scene.viewpoint = Viewpoint(*made.middle.tolist(), 0.0, 900.0, 0.0, 0.0)
    window.trigger("streets.edit")
    made.settle()
    return made


def edits(hand):
    return [edit.name for edit in hand.window.desk.view.scenario.edits]


def lanes(hand, key):
    links = hand.window.desk.view.edited["link"]
    return links["lanes"][links.row_of[key]]


def test_a_click_on_a_street_opens_its_strip_and_a_lane_more_is_one_step(hand):
    hand.click(-150, 0)
    strip = hand.window.map_page.editing.strip
    assert hand.window.desk.selection == ("link", frozenset({"west-in", "west-out"}))
    assert not strip.isHidden()
    assert strip.lane_count.value.text() == "2"
    strip.lane_count.more.click()
    hand.settle()
    assert strip.lane_count.value.text() == "3"
    assert (lanes(hand, "west-in"), edits(hand)) == (3.0, ["lanes"])
    hand.window.trigger("edit.undo")
    hand.settle()
    assert lanes(hand, "west-in") == 2.0
    hand.window.trigger("edit.redo")
    hand.settle()
    assert lanes(hand, "west-in") == 3.0


def test_quick_clicks_count_one_after_another(hand):
    hand.click(-150, 0)
    for _ in range(3):
        hand.window.map_page.editing.strip.lane_count.more.click()
    hand.settle()
    assert lanes(hand, "west-in") == 5.0
    assert edits(hand) == ["lanes"] * 3


def test_one_direction_alone_is_the_one_on_whose_side_was_clicked(hand):
    hand.click(-150, -2)
    hand.window.map_page.editing.strip.both_ways.setChecked(False)
    assert hand.window.desk.selection[1] == {"west-in"}  # eastwards: on the south side
    hand.click(-150, 2)
    assert hand.window.desk.selection[1] == {"west-out"}


def test_speed_direction_and_closing_work_from_the_strip(hand):
    hand.click(150, 0)
    strip = hand.window.map_page.editing.strip
    strip.speed_limit.less.click()
    hand.settle()
    assert strip.speed_limit.value.text() == "40 km/h"
    strip.ways["right"].click()
    hand.settle()
    links = hand.window.desk.view.edited["link"]
    assert links["closed"][links.rows(["east-in", "east-out"])].tolist() == [True, False]
    assert strip.ways["right"].isChecked()
    strip.shut.click()
    hand.settle()
    assert strip.shut.isChecked()
    assert edits(hand) == ["speed", "direction", "close"]


def test_a_drag_from_street_to_street_bans_the_turn_and_again_allows_it(hand):
    hand.drag((-150, 0), (0, 150))
    (ban,) = hand.window.desk.view.scenario.edits
    assert (ban.target_ids, ban.into, ban.allowed) == (("west-in",), ("north-out",), False)
    assert hand.window.desk.view.edited["movement"].ids.tolist()
    hand.drag((-150, 0), (0, 150))
    assert hand.window.desk.view.scenario.edits[-1].allowed
    assert len(hand.window.desk.view.edited["movement"]) == 0


def test_a_drag_that_ends_nowhere_does_nothing(hand):
    hand.drag((-150, 0), (-150, 120))
    assert edits(hand) == []
    assert hand.window.errors == []


def test_a_drag_beside_the_streets_moves_the_map(hand):
    before = hand.scene.viewpoint
    hand.drag((150, 150), (100, 100))
    assert hand.scene.viewpoint != before
    assert edits(hand) == []


def test_a_box_chooses_several_streets_and_one_edit_changes_all(hand):
    hand.drag((-250, -100), (250, 100), SHIFT)
    assert hand.window.desk.selection[1] == {"west-in", "west-out", "east-in", "east-out"}
    hand.window.trigger("streets.lane_less")
    hand.settle()
    assert len(hand.window.desk.view.scenario.edits) == 1
    assert {lanes(hand, key) for key in ("west-in", "east-out")} == {1.0}


def test_ctrl_and_a_click_adds_a_street_and_takes_it_out_again(hand):
    hand.click(-150, 0)
    hand.click(150, 0, CTRL)
    assert len(hand.window.desk.selection[1]) == 4
    hand.click(150, 0, CTRL)
    assert hand.window.desk.selection[1] == {"west-in", "west-out"}


def test_a_click_on_a_signal_shows_its_timing_and_changes_it(hand):
    hand.click(0, 0)
    strip = hand.window.map_page.editing.strip
    assert hand.window.desk.selection == ("node", frozenset({"middle"}))
    assert strip.cycle_length.value.text() == "90 s"
    strip.cycle_length.more.click()
    hand.settle()
    assert strip.cycle_length.value.text() == "100 s"
    strip._green["west-in"].more.click()
    hand.settle()
    links = hand.window.desk.view.edited["link"]
    assert links["green_share"][links.row_of["west-in"]] == pytest.approx(0.5)
    hand.window.trigger("edit.undo")
    hand.settle()
    assert "45 %" in strip._green["west-in"].value.text()


def test_a_click_on_the_arrow_of_a_turn_bans_it(hand):
    hand.click(-150, 0)
    tool = hand.window.map_page.editing.street_tool
    turn = next(turn for turn in tool.turns() if turn.to_id == "south-out")
    x_m, y_m = turn.xy[len(turn.xy) // 2] - hand.middle
    hand.scene.viewpoint = Viewpoint(*hand.middle.tolist(), 0.0, 200.0, 0.0, 0.0)
    hand.settle()
    hand.click(x_m, y_m)
    assert edits(hand) == ["turn"]


def test_a_new_road_snaps_to_the_junction_and_can_be_undone(hand):
    hand.window.trigger("streets.new_road")
    hand.scene.viewpoint = Viewpoint(*hand.middle.tolist(), 0.0, 2500.0, 0.0, 0.0)
    hand.settle()
    hand.drag((-280, 5), (5, 325))
    (road,) = hand.window.desk.view.scenario.edits
    ends = hand.window.desk.view.snapshot["node"]
    assert road.path_m == tuple(tuple(ends.xy[ends.row_of[key]].tolist()) for key in ("west", "north"))
    assert len(hand.window.desk.view.edited["link"]) == 10
    hand.window.trigger("edit.undo")
    hand.settle()
    assert len(hand.window.desk.view.edited["link"]) == 8


def test_a_road_too_short_to_be_meant_is_not_built(hand):
    hand.window.trigger("streets.new_road")
    hand.settle()
    hand.click(-100, 100)
    assert edits(hand) == []


def test_esc_gives_up_the_drag_then_the_choice_then_the_tool(hand, qtbot):
    editing = hand.window.map_page.editing
    hand.click(-150, 0)
    qtbot.mousePress(hand.scene, Qt.MouseButton.LeftButton, PLAIN, hand.at(-150, 0))
    qtbot.mouseMove(hand.scene, hand.at(0, 150))
    hand.window.trigger("edit.select_none")
    qtbot.mouseRelease(hand.scene, Qt.MouseButton.LeftButton, PLAIN, hand.at(0, 150))
    hand.settle()
    assert edits(hand) == []
    assert hand.window.desk.selection[1]
    hand.window.trigger("edit.select_none")
    assert not hand.window.desk.selection[1]
    assert editing.mode == "streets"
    hand.window.trigger("edit.select_none")
    assert (editing.mode, hand.scene.tool) == ("", None)
    assert hand.window.map_page.edit_bar.isHidden()


def test_everything_works_with_keys_alone(hand):
    hand.window.desk.select("link", ["north-in", "north-out"])
    for action in ("lane_more", "faster", "way_both", "shut"):
        hand.window.trigger(f"streets.{action}")
        hand.settle()
    assert edits(hand) == ["lanes", "speed", "close"]  # it is open both ways already


def test_a_city_for_reading_only_has_no_tools(hand, rest):
    path = hand.window.desk.view.path
    files.open_path(hand.window, path, writable=False)
    rest(hand.window)
    assert not hand.window.actions_by_id["streets.edit"].isEnabled()
    assert hand.window.map_page.editing.mode == ""


def test_the_strip_stays_inside_the_view_and_speaks_chinese(hand):
    hand.click(280, 0)
    strip = hand.window.map_page.editing.strip
    hand.window.change_settings(language="zh_CN")
    hand.settle()
    assert hand.scene.rect().contains(strip.geometry())
    assert strip.both_ways.text() == tr("Both directions") != "Both directions"
    hand.window.change_settings(language="en")


# Answers while one works


@pytest.fixture
def answered(hand, qtbot):
    """The hand with answers on, and a function that waits for one."""
    hand.window.map_page.edit_bar.live.setChecked(True)

    def wait():
        qtbot.waitUntil(lambda: not hand.window.map_page.editing.answers.state, timeout=20000)
        hand.settle()

    hand.answer = wait
    return hand


def badge(hand):
    return hand.window.map_page.editing.answers.state


def test_an_edit_is_answered_by_itself_and_shown_as_a_difference(answered, quick):
    answers, said = answered.window.map_page.editing.answers, []
    answers.changed.connect(lambda: said.append(answers.state))
    answered.click(-150, 0)
    answered.window.map_page.editing.close_or_open()
    answered.settle()
    answered.answer()
    assert said == ["Working it out…", ""]
    view = answered.window.desk.view
    assert view.shown.mode == "difference"
    assert view.comparisons["quick"].after.scenario == view.scenario.name
    assert {view.comparisons["quick"].tables["link"].columns["volume_vph_after"][0]} == {0.0}


def test_an_undo_is_answered_too_and_without_edits_there_is_nothing_to_answer(answered, quick):
    answered.click(-150, 0)
    answered.window.map_page.editing.close_or_open()
    answered.settle()
    answered.answer()
    answered.click(150, 0)
    answered.window.map_page.editing.close_or_open()
    answered.settle()
    answered.answer()
    runs = len(quick.runs)
    answered.window.trigger("edit.undo")
    answered.settle()
    answered.answer()
    links = answered.window.desk.view.comparisons["quick"].tables["link"]
    closed = {key for key, volume in zip(links.ids, links.columns["volume_vph_after"], strict=True) if volume == 0.0}
    assert closed == {"west-in", "west-out"}
    answered.window.trigger("edit.undo")
    answered.settle()
    assert badge(answered) == ""
    assert len(quick.runs) <= runs + 2


def test_clicks_in_a_row_are_one_question(answered, quick):
    answered.click(-150, 0)
    for _ in range(4):
        answered.window.map_page.editing.add_lanes(1)
    answered.settle()
    answered.answer()
    assert quick.runs.count("Scenario 1") == 2  # a draft and the final answer


def test_a_question_that_cannot_be_answered_says_why_without_a_box(answered, quick, monkeypatch, qtbot):
    def refuse(self, snapshot, scenario, params, seed):
        raise ScenarioError("Nobody lives here.", "Import residents.")
        yield

    monkeypatch.setattr(quick, "run", refuse)
    answered.click(-150, 0)
    answered.window.map_page.editing.close_or_open()
    qtbot.waitUntil(lambda: badge(answered) == "No answer", timeout=20000)
    assert answered.window.errors == []
    assert "Nobody lives here." in answered.window.map_page.edit_bar.state.toolTip()


def test_ending_the_tool_ends_the_question(answered, quick, monkeypatch, qtbot):
    def endless(self, snapshot, scenario, params, seed):
        while True:
            yield Progress("Working")

    monkeypatch.setattr(quick, "run", endless)
    answered.click(-150, 0)
    answered.window.map_page.editing.close_or_open()
    qtbot.waitUntil(lambda: answered.window.map_page.editing.answers._work is not None, timeout=20000)
    answered.window.map_page.editing.set_mode("")
    answered.settle()
    assert badge(answered) == ""
    assert answered.window.errors == []


def test_a_draft_is_shown_first_and_says_so_until_the_final_answer_is_there(answered, quick, monkeypatch, qtbot):
    whole, is_held = quick.run, [True]

    def draft(self, snapshot, scenario, params, seed):
        result = yield from whole(self, snapshot, scenario, params, seed)
        return replace(result, is_draft=True)

    def run(self, snapshot, scenario, params, seed):
        while scenario.edits and is_held[0]:
            yield Progress("Working")
        return (yield from whole(self, snapshot, scenario, params, seed))

    monkeypatch.setattr(quick, "draft", draft)
    monkeypatch.setattr(quick, "run", run)
    answered.click(-150, 0)
    answered.window.map_page.editing.close_or_open()
    qtbot.waitUntil(lambda: badge(answered) == "Draft", timeout=20000)
    view = answered.window.desk.view
    assert view.comparisons["quick"].after.is_draft
    assert view.shown.mode == "difference"
    assert answered.window.map_page.edit_bar.state.text() == "Draft"
    is_held[0] = False
    answered.answer()
    assert not answered.window.desk.view.comparisons["quick"].after.is_draft
    assert answered.window.desk.view.results["quick"].scenario == "Scenario 1"


def test_a_newer_edit_takes_the_place_of_the_older_question(answered, quick, monkeypatch, qtbot):
    whole, asked = quick.run, []

    def run(self, snapshot, scenario, params, seed):
        asked.append(len(scenario.edits))
        while len(scenario.edits) == 1:
            yield Progress("Working")
        return (yield from whole(self, snapshot, scenario, params, seed))

    monkeypatch.setattr(quick, "run", run)
    answered.click(-150, 0)
    answered.window.map_page.editing.close_or_open()
    qtbot.waitUntil(lambda: 1 in asked, timeout=20000)
    answered.window.map_page.editing.add_lanes(1)
    answered.answer()
    assert asked[-1] == 2
    assert answered.window.errors == []
