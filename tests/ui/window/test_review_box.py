"""The state of a scenario and what is said about it, beside the map."""

from __future__ import annotations

from PySide6.QtCore import Qt


def shown_steps(box):
    return [name for name, button in box.steps.items() if button.isVisibleTo(box)]


def begin(window, rest):
    window.desk.session.author = "feng"
    window.desk.do("New", lambda session: session.new_scenario("bridge"))
    rest(window)
    return window.scenario_panel.review_box


def test_the_baseline_is_not_talked_over(on_city):
    assert not on_city.scenario_panel.review_box.isVisibleTo(on_city.scenario_panel)


def test_a_scenario_goes_its_way_by_buttons(on_city, rest):
    box = begin(on_city, rest)
    assert shown_steps(box) == ["propose"]
    assert "feng" in box.state.text()
    for step, after in (
        ("propose", ["approve", "reject", "withdraw"]),
        ("approve", ["reject", "publish", "withdraw"]),
        ("publish", ["withdraw"]),
        ("withdraw", ["propose"]),
    ):
        box.steps[step].click()
        rest(on_city)
        assert on_city.errors == []
        assert shown_steps(box) == after


def test_a_comment_is_typed_shown_and_taken_back(on_city, rest, qtbot):
    box = begin(on_city, rest)
    qtbot.keyClicks(box.line, "Too long a detour")
    qtbot.keyClick(box.line, Qt.Key.Key_Return)
    rest(on_city)
    assert [item.text for item in on_city.desk.view.comments] == ["Too long a detour"]
    assert on_city.desk.view.comments[0].author == "feng"
    assert box.line.text() == ""
    assert box.comments.count() == 1
    box._withdraw(on_city.desk.view.comments[0])
    rest(on_city)
    assert on_city.desk.view.comments == ()
    on_city.desk.do("Undo", lambda session: session.undo())
    rest(on_city)
    assert len(on_city.desk.view.comments) == 1
