"""Names: what is kept, what gives way, that Chinese has its signs."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFontInfo, QImage, QPainter, QRawFont

from layers.base import LabelMarks
from ui.scene_view import lettering
from ui.scene_view.viewpoint import Viewpoint

PLAN = Viewpoint(distance_m=1000, tilt_deg=0)
SIZE = (800.0, 600.0)


@pytest.fixture(autouse=True)
def application(qapp):
    return qapp


def marks(*rows, role="place"):
    xyz = np.array([(x, y, 0.0) for x, y, _, _ in rows], np.float32)
    texts = np.array([text for _, _, text, _ in rows], dtype=object)
    return LabelMarks(
        xyz, texts, np.char.add("en ", texts.astype(str)).astype(object), np.array([p for *_, p in rows], np.float32), role
    )


def texts(labels):
    return [label.text for label in labels]


def test_of_two_names_that_collide_the_more_important_stays():
    found = lettering.placed([marks((0, 0, "小巷", 1), (2, 1, "大道", 5))], PLAN, SIZE, "zh_CN")
    assert texts(found) == ["大道"]


def test_no_two_names_touch():
    rng = np.random.default_rng(4)
    rows = [(x, y, f"路{i}", p) for i, (x, y, p) in enumerate(rng.uniform(-250, 250, (400, 3)))]
    found = lettering.placed([marks(*rows)], PLAN, SIZE, "zh_CN")
    assert 20 < len(found) < 400
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            a, b = one.rect, other.rect
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_names_keep_clear_of_legends():
    rows = marks((0, 0, "中心", 5))
    assert texts(lettering.placed([rows], PLAN, SIZE, "zh_CN", [(380, 280, 420, 320)])) == []


def test_a_name_is_not_repeated_near_by():
    rows = marks((0, 0, "长安街", 5), (100, 0, "长安街", 4), (250, 120, "长安街", 3))
    assert len(lettering.placed([rows], PLAN, SIZE, "zh_CN")) == 2


def test_what_is_out_of_view_or_empty_has_no_name():
    rows = marks((5000, 0, "远方", 5), (0, 0, "", 9))
    assert lettering.placed([rows], PLAN, SIZE, "zh_CN") == ()


def test_the_language_chooses_the_text():
    rows = marks((0, 0, "东湖", 5))
    assert texts(lettering.placed([rows], PLAN, SIZE, "en")) == ["en 东湖"]


def test_chinese_is_painted_with_signs_not_boxes():
    font = lettering.font("place")
    raw = QRawFont.fromFont(font, QRawFont.fromFont(font).supportedWritingSystems()[0])
    family = QFontInfo(font).family()
    assert raw.supportsCharacter("路") or "CJK" in family, (
        f"no font here has Chinese signs, only {family}: install fonts-noto-cjk"
    )
    images = []
    for text in ("路", "桥"):
        image = QImage(60, 40, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        lettering.paint(painter, [lettering.Label(text, 30, 20, "district", (0, 0, 0, 0))], "#ffffff", "#000000")
        painter.end()
        images.append(bytes(image.constBits()))
    assert images[0] != images[1], "two signs look alike: both are the box of a missing sign"


def test_apostrophes_of_latin_words_are_narrow_and_chinese_quotes_stay():
    curved, opening = "\N{RIGHT SINGLE QUOTATION MARK}", "\N{LEFT SINGLE QUOTATION MARK}"
    assert lettering.narrow_quotes(f"Jardin d{curved}acclimatation") == "Jardin d'acclimatation"
    assert lettering.narrow_quotes(f"{opening}广场{curved}") == f"{opening}广场{curved}"
