"""Settings: declared, checked, kept, and never in the way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import KnownError
from twin.model.entity import attributes
from ui.settings import RECENT_COUNT, SETTINGS, Preferences, Settings


def test_what_is_changed_is_there_at_the_next_start(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    Settings(path).change(language="zh_CN", text_scale=1.25)
    again = Settings(path)
    assert (again.preferences.language, again.preferences.text_scale) == ("zh_CN", 1.25)


def test_a_value_that_is_not_allowed_is_refused_and_named(tmp_path):
    settings = Settings(tmp_path / "settings.json")
    with pytest.raises(KnownError, match=r"theme.*purple"):
        settings.change(theme="purple")
    with pytest.raises(KnownError, match="no setting named colour"):
        settings.change(colour="red")
    assert settings.preferences == Preferences()


def test_a_broken_file_is_set_aside_and_said(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("{ not json")
    settings = Settings(path)
    assert settings.preferences == Preferences()
    assert "could not be read" in settings.notice
    assert path.with_suffix(".broken").exists()


def test_unknown_names_survive_for_a_newer_version(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"from_the_future": 1, "theme": "light"}))
    settings = Settings(path)
    settings.change(language="en")
    assert json.loads(path.read_text())["from_the_future"] == 1
    assert settings.preferences.theme == "light"


def test_recent_workspaces_are_newest_first_without_repeats_or_the_gone(tmp_path):
    settings = Settings(tmp_path / "settings.json")
    folders = [tmp_path / f"{number}.twin" for number in range(RECENT_COUNT + 2)]
    for folder in folders:
        folder.mkdir()
        settings.note_workspace(folder)
    settings.note_workspace(folders[5])
    folders[6].rmdir()
    recent = settings.recent_workspaces()
    assert recent[0] == folders[5]
    assert folders[6] not in recent
    assert len(set(recent)) == len(recent) == RECENT_COUNT - 1


def test_a_read_only_place_costs_comfort_only(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings = Settings(blocked / "settings.json")
    settings.change(theme="dark")
    assert settings.preferences.theme == "dark"
    assert "could not be written" in settings.notice


@given(
    st.dictionaries(
        st.sampled_from([name for group in SETTINGS for name in attributes(group)]),
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers()),
    )
)
def test_whatever_the_file_holds_the_program_starts(tmp_path_factory, stored):
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(stored))
    preferences = Settings(path).preferences
    for name, facts in attributes(Preferences).items():
        value = getattr(preferences, name)
        assert not facts.choices or value in facts.choices
        assert facts.low is None or facts.low <= value <= facts.high
