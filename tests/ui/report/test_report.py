"""Reports: the page needs nothing but itself, the paper says the same, both speak both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QImage

from layers.ribbons import MOST_PX
from twin.errors import StorageError
from twin.model.edits import AddLink, CloseLinks, ScaleDemand
from twin.task import finish
from ui.language import set_language
from ui.report import html_report, pdf_report
from ui.report.contents import report_of
from ui.report.maps import Backdrop, CityMap, MapView, maps_of, with_new_roads
from ui.report.paint import painted, png

MADE = datetime(2026, 5, 2, 8, tzinfo=UTC)


@pytest.fixture
def comparisons(session):
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    session.edit(ScaleDemand(factor=1.2))
    return finish(session.compare_task("baseline", "bridge"))


class Resources(HTMLParser):
    """Collects what a page would fetch, and the text of its styles."""

    def __init__(self):
        super().__init__()
        self.fetched = []
        self.styles = []
        self.inside = ""

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        for name, value in attributes:
            if name in ("src", "href", "data", "poster", "srcset", "action") and value and not value.startswith("data:"):
                self.fetched.append(value)
            if name == "style":
                self.styles.append(value)

    def handle_data(self, text):
        if self.inside == "style":
            self.styles.append(text)


def test_the_page_asks_for_nothing(session, comparisons, tmp_path):
    path = finish(html_report(session, comparisons, tmp_path / "deep" / "report.html", made_at=MADE))
    page = path.read_text(encoding="utf-8")
    resources = Resources()
    resources.feed(page)
    assert resources.fetched == []
    assert not any("url(" in style or "@import" in style for style in resources.styles)
    for remote in ("mapbox-gl.js", "maplibre-gl.css", "bootstrap", "font-awesome", "stylesheet.css"):
        assert not re.search(rf"<(script|link)[^>]*{re.escape(remote)}", page)
    assert page.count("function createDeck") + page.count("createDeck:") < 10
    assert page.count('data-map="') == 2


def test_the_page_says_what_a_reader_must_know(session, comparisons, tmp_path):
    page = finish(html_report(session, comparisons, tmp_path / "r.html", made_at=MADE)).read_text(encoding="utf-8")
    for text in (
        "bridge compared with Baseline",
        "Synthetic data: this city is made up.",
        "Close road: Yangtze Bridge",
        "Factor 1.2",
        "Busiest road",
        "no difference found",
        "Made for a test.",
        "Relative gap of the equilibrium",
        "1.0e-07",
        "Trips",
        "900 veh/h",
        "Mean of five.",
        "Version of the city",
    ):
        assert text in page, text


def test_the_page_speaks_chinese(session, comparisons, tmp_path):
    set_language("zh_CN")
    page = finish(html_report(session, comparisons, tmp_path / "r.html", made_at=MADE)).read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    for text in ("未发现差异", "长江大桥", "合成数据", "情景推演报告"):
        assert text in page


def test_findings_follow_the_interval_and_the_direction(session, comparisons):
    report = report_of(session, comparisons, MADE)
    rows = {row.label: row for row in report.chapters[0].rows}
    assert (rows["Busiest road"].effect, rows["Busiest road"].verdict) == ("worse", "worse")
    assert rows["Busiest road"].difference.startswith("+24")
    assert rows["Open roads"].effect == "worse"
    assert (rows["Length of all roads"].effect, rows["Length of all roads"].verdict) == ("", "no difference found")
    assert rows["Busiest road"].records == "3"
    names = [row[0] for row in report.chapters[0].most_changed.rows]
    assert set(names) == {"Yangtze Bridge", "Zhongshan Road"}


def test_maps_have_a_place_a_colour_and_a_text_for_everything(session, comparisons):
    roads, cells = maps_of(comparisons[0], session.snapshot)
    assert (roads.kind, cells.kind) == ("link", "cell")
    for city_map in (roads, cells):
        assert [view.title for view in city_map.views] == ["Difference", "Before", "After"]
        for view in city_map.views:
            assert len(view.rgba) == len(view.texts) == len(city_map.shapes) == len(city_map.ids)
            assert view.legend
    west, south, east, north = roads.bounds
    assert 118.79 < west < east < 118.84
    assert 31.9 < south <= north < 32.1
    closed = roads.ids.tolist().index("b")
    more = roads.ids.tolist().index("a")
    red, _, blue, _ = roads.views[0].rgba[more].tolist()
    assert red > blue  # more traffic is worse
    red, _, blue, _ = roads.views[0].rgba[closed].tolist()
    assert blue > red


def test_a_road_without_a_number_any_more_is_shown_as_closed(session, comparisons):
    table = comparisons[0].tables["link"]
    row = table.ids.tolist().index("b")
    lost = {name: column.copy() for name, column in table.columns.items()}
    lost["volume_vph_after"][row] = lost["volume_vph_difference"][row] = np.nan
    (roads, _) = maps_of(
        replace(comparisons[0], tables={**comparisons[0].tables, "link": replace(table, columns=lost)}), session.snapshot
    )
    difference, before, after = roads.views
    assert roads.ids.tolist()[-1] == "b"  # drawn last, on top
    (entry,) = [entry for entry in difference.legend if entry.text == "Closed road"]
    assert tuple(difference.rgba[-1]) == tuple(after.rgba[-1]) == entry.rgba
    assert entry not in before.legend


def test_a_new_road_has_a_place_and_a_colour_of_its_own(session, quick, monkeypatch):
    monkeypatch.setattr(quick, "kinds", ("link", "node", "movement"))
    session.new_scenario("road")
    session.edit(AddLink(path_m=tuple(map(tuple, session.snapshot["node"].xy[[0, 3]].tolist())), two_way=False))
    (comparison,) = finish(session.compare_task("baseline", "road", ["quick"]))
    both = with_new_roads(session.snapshot, session.scenario)
    assert len(both["link"]) == len(session.snapshot["link"]) + 1
    roads = maps_of(comparison, both)[0]
    (new,) = [row for row, key in enumerate(roads.ids.tolist()) if key.startswith("new-")]
    difference, before, _ = roads.views
    (entry,) = [entry for entry in difference.legend if entry.text == "New road"]
    assert tuple(difference.rgba[new]) == entry.rgba
    assert entry not in before.legend
    assert difference.texts[new].startswith("New road")


def test_a_map_is_painted_and_is_a_png(session, comparisons):
    roads, cells = maps_of(comparisons[0], session.snapshot)
    for city_map in (roads, cells):
        image = painted(city_map, city_map.views[0], 400, 300)
        colours = {image.pixel(x, y) for x in range(0, 400, 5) for y in range(0, 300, 3)}
        assert len(colours) > 2
        assert QImage.fromData(png(image)).size() == image.size()


def test_the_pdf_has_its_pages_and_its_letters(session, comparisons, tmp_path):
    for code in ("en", "zh_CN"):
        set_language(code)
        path = finish(pdf_report(session, comparisons, tmp_path / f"{code}.pdf", made_at=MADE))
        content = path.read_bytes()
        assert content.startswith(b"%PDF")
        assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 2
        assert len(content) > 20_000


def test_a_place_that_refuses_is_said_and_nothing_is_left(session, comparisons, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="Cannot write"):
        finish(html_report(session, comparisons, tmp_path / "file" / "r.html"))
    assert [item.name for item in tmp_path.iterdir() if "part" in item.name] == []


def test_the_same_comparison_gives_the_same_page(session, comparisons, tmp_path):
    one = finish(html_report(session, comparisons, tmp_path / "1.html", made_at=MADE)).read_bytes()
    two = finish(html_report(session, comparisons, tmp_path / "2.html", made_at=MADE)).read_bytes()
    assert one == two


def test_roads_of_a_report_are_as_wide_as_their_traffic_and_on_their_own_side(session):
    line = shapely.LineString([(0.0, 0.0), (0.01, 0.0)])
    rgba = np.array([[200, 0, 0, 255]], np.uint8)
    view = MapView("After", rgba, ("",), ())
    nothing = np.array([], dtype=object)
    rows = {}
    for size in (0.0, 1.0):
        city_map = CityMap(
            "m", "link", "Volume", "veh/h", np.array([line], dtype=object), np.array(["a"], dtype=object), (view,),
            Backdrop(nothing, nothing, nothing), (0.0, -0.005, 0.01, 0.005), sizes=np.array([size]),
        )  # fmt: skip
        image = painted(city_map, view, 1200, 1200)
        rows[size] = [y for y in range(1200) if image.pixelColor(600, y).green() < 120]
    assert len(rows[0.0]) < len(rows[1.0])
    assert len(rows[1.0]) == pytest.approx(MOST_PX, abs=1)
    assert min(rows[1.0]) >= 599  # eastwards: below its line, on the south side
