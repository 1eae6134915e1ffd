"""Finding by a few letters."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from ui.search import best, find, fuzzy


@pytest.mark.parametrize("query", ["close", "cr", "CLOSE R", "clsrd", "road"])
def test_letters_in_order_fit(query):
    assert fuzzy(query, "Close road") is not None


@pytest.mark.parametrize("query", ["x", "roadclose", "closet"])
def test_other_letters_do_not(query):
    assert fuzzy(query, "Close road") is None


def test_starts_of_words_come_first():
    assert best("cr", [["Scenario"], ["Close road"], ["Record"]])[0] == 1


def test_chinese_and_english_find_the_same_command():
    texts = [["Open workspace", "打开工作区"], ["Close road", "封闭道路"]]
    assert best("封闭", texts) == [1]
    assert best("clo", texts)[0] == 1


def test_nothing_typed_fits_everything():
    assert best("", [["a"], ["b"]]) == [0, 1]


@pytest.fixture
def city():
    lines = np.array([shapely.LineString([(0, 0), (1, 1)])] * 3, dtype=object)
    names = np.array(["中山路", "中山路", "和平路"], dtype=object)
    english = np.array(["Zhongshan Road", "Zhongshan Road", "Heping Road"], dtype=object)
    links = Frame("link", np.array(["a", "b", "c"], dtype=object), {"name": names, "name_en": english}, lines)
    return Snapshot("Test", 1, Projection(0, 0), {"link": links})


def test_pieces_of_one_road_are_one_hit(city):
    hits = find(city, "中山")
    assert [(hit.name, hit.ids) for hit in hits] == [("中山路", ("a", "b"))]


def test_english_names_are_found_whatever_their_case(city):
    assert {hit.name for hit in find(city, "ROAD")} == {"Zhongshan Road", "Heping Road"}


def test_nothing_typed_finds_nothing(city):
    assert find(city, "  ") == []
