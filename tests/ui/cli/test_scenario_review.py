"""Proposing, approving, publishing and commenting on the command line."""

from __future__ import annotations

from ui.session import Session


def test_a_scenario_is_talked_over(call, call_json, workspace):
    call("scenario", workspace, "new", "bridge")
    assert call("scenario", workspace, "propose", "bridge", "--author", "feng")[0] == 0
    status, out, _ = call("scenario", workspace, "comment", "bridge", "Too long a detour", "--author", "zheng")
    assert (status, out) == (0, "The comment on 'bridge' is kept.\n")
    assert "is approved now" in call("scenario", workspace, "approve", "bridge")[1]
    shown = call_json("scenario", workspace, "show", "bridge")
    assert shown["status"] == "approved"
    assert [(item["author"], item["text"]) for item in shown["comments"]] == [("zheng", "Too long a detour")]
    assert "zheng: Too long a detour" in call("scenario", workspace, "show", "bridge")[1]
    titles = [item["title"] for item in call_json("journal", workspace)["entries"][:3]]
    assert titles == ["Scenario 'bridge' is approved", "Comment on scenario 'bridge'", "Scenario 'bridge' is proposed"]


def test_what_was_approved_is_a_draft_again_once_it_is_changed(call, call_json, workspace):
    call("scenario", workspace, "new", "bridge")
    for step in ("propose", "approve", "publish"):
        assert call("scenario", workspace, step, "bridge")[0] == 0
    call("scenario", workspace, "edit", "bridge", "close", "--roads", "yangtze bridge")
    assert call_json("scenario", workspace, "show", "bridge")["status"] == "draft"


def test_steps_in_the_wrong_order_are_refused(call, workspace):
    call("scenario", workspace, "new", "bridge")
    status, _, err = call("scenario", workspace, "publish", "bridge")
    assert status == 1
    assert "is draft: it cannot become published" in err
    assert call("scenario", workspace, "propose", "baseline")[0] == 1
    status, _, err = call("scenario", workspace, "comment", "bridge", "  ")
    assert (status, "needs some words" in err) == (1, True)


def test_comments_leave_results_comparable(call, workspace):
    with Session.open(workspace, writable=False) as session:
        before = session.store.city_version
    call("scenario", workspace, "new", "bridge")
    call("scenario", workspace, "comment", "bridge", "fine")
    with Session.open(workspace, writable=False) as session:
        assert session.store.city_version == before
