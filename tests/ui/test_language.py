"""The language in use: translation, sentences with values inside, numbers and dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import DataError
from ui import language
from ui.language import (
    error_texts,
    language_for,
    number,
    percent,
    placeholders,
    set_language,
    time_text,
    tr,
    tr_choice,
    tr_sentence,
)

CATALOGUE = {
    "Roads": "道路",
    "link": "路段",
    "{count} roads in {name}": "{name}有 {count} 条道路",
    "The edit '{0}' names {1} object(s) that this city does not have.": "编辑“{0}”中有 {1} 个对象在本城市不存在。",
    "Cannot read {0}": "无法读取 {0}",
    "fallen_tree": "树木倒伏",
}


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setattr(language, "catalogue", lambda code: CATALOGUE if code == "zh_CN" else {})
    language._templates.cache_clear()
    set_language("zh_CN")
    yield
    set_language("en")
    language._templates.cache_clear()


def test_english_is_its_own_key():
    assert tr("Roads") == "Roads"
    assert tr("{count} roads in {name}", count=3, name="Oslo") == "3 roads in Oslo"
    assert tr_choice("fallen_tree") == "fallen tree"


def test_values_follow_the_order_of_the_translation(chinese):
    assert tr("Roads") == "道路"
    assert tr("{count} roads in {name}", count=3, name="南京") == "南京有 3 条道路"
    assert tr("Not in the catalogue") == "Not in the catalogue"
    assert tr_choice("fallen_tree") == "树木倒伏"


def test_a_finished_sentence_finds_its_template_and_keeps_its_values(chinese):
    sentence = "The edit 'close' names 2 object(s) that this city does not have."
    assert tr_sentence(sentence) == "编辑“close”中有 2 个对象在本城市不存在。"
    assert tr_sentence("Cannot read /a/b.csv") == "无法读取 /a/b.csv"
    assert tr_sentence("Cannot read link") == "无法读取 路段"
    assert tr_sentence("Something else entirely") == "Something else entirely"
    assert error_texts(DataError("Cannot read x.csv", "Roads")) == ("无法读取 x.csv", "道路")


@given(first=st.text(min_size=1), second=st.integers())
def test_a_sentence_never_loses_what_was_inside(first, second):
    language._templates.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "catalogue", lambda code: CATALOGUE if code == "zh_CN" else {})
        patch.setattr(language._current, "code", "zh_CN")
        sentence = f"The edit '{first}' names {second} object(s) that this city does not have."
        translated = tr_sentence(sentence)
    language._templates.cache_clear()
    assert CATALOGUE.get(first, first) in translated
    assert str(second) in translated


def test_switching_tells_once_and_unknown_codes_are_refused():
    heard = []
    language.language_changed.connect(heard.append)
    try:
        set_language("zh_CN")
        set_language("zh_CN")
        set_language("en")
    finally:
        language.language_changed.disconnect(heard.append)
    assert heard == ["zh_CN", "en"]
    with pytest.raises(ValueError, match="no language 'tlh'"):
        set_language("tlh")


@pytest.mark.parametrize(
    ("wish", "found"),
    [("zh_CN.UTF-8", "zh_CN"), ("zh-Hans-CN", "zh_CN"), ("zh", "zh_CN"), ("de_DE", "en"), ("C", "en"), ("", "en")],
)
def test_the_nearest_language_to_a_wish(wish, found):
    assert language_for(wish) == found


def test_numbers_and_dates():
    assert number(1234567.5) == "1,234,567.5"
    assert number(-3.14159, 2) == "−3.14"
    assert number(-0.001, 1) == "0.0"
    assert number(float("nan")) == "–"
    assert percent(0.423) == "42%"
    at = datetime(2026, 5, 1, 6, 5, tzinfo=UTC)
    assert time_text(at, UTC) == "1 May 2026 06:05"
    set_language("zh_CN")
    try:
        assert time_text(at, UTC) == "2026年5月1日 06:05"
    finally:
        set_language("en")


def test_places_in_texts():
    assert placeholders("{a} and {b:.1f}") == ["a", "b"]
    assert placeholders("no { place") == []
