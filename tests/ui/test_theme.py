"""Both themes can be read by everybody, and every icon is there."""

from __future__ import annotations

import itertools
import re

import pytest

from twin.errors import BugError
from ui import theme

READ = ("text", "muted", "accent", "good", "warning", "bad")
BEHIND = ("window", "surface", "raised", "hover", "chosen")


@pytest.mark.parametrize("chosen", theme.THEMES.values(), ids=lambda item: item.name)
def test_text_can_be_read_on_every_ground(chosen):
    for text, ground in itertools.product(READ, BEHIND[:3]):
        assert theme.contrast(getattr(chosen, text), getattr(chosen, ground)) >= 4.5, (text, ground)
    for ground in BEHIND:
        assert theme.contrast(chosen.text, getattr(chosen, ground)) >= 7, ground
    assert theme.contrast(chosen.on_accent, chosen.accent) >= 4.5


def test_contrast_agrees_with_its_definition():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert theme.contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("chosen", theme.THEMES.values(), ids=lambda item: item.name)
def test_the_style_sheet_has_no_gap(chosen, qapp):
    sheet = theme.style_sheet(chosen)
    assert not re.search(r"\$[a-z]", sheet.split("*/", 1)[1])
    theme.apply(qapp, chosen)
    assert theme.current() is chosen


def test_an_icon_is_drawn_in_the_colour_asked_for(qapp):
    drawn = theme.pixmap("run", "#ff0000", 32).toImage()
    assert drawn.pixelColor(14, 16).name() == "#ff0000"
    assert drawn.pixelColor(1, 1).alpha() == 0
    with pytest.raises(BugError, match="no icon named 'nonsense'"):
        theme.icon("nonsense")
