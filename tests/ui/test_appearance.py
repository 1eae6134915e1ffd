"""Qt's own texts follow the language, also those that Qt's catalogue lacks."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel

from ui.appearance import wear
from ui.language import set_language
from ui.settings import Preferences


@pytest.fixture
def texts_in(qapp, qtbot):
    def told(code):
        wear(qapp, Preferences(language=code))
        dialog = QFileDialog(None, "", "", "CityTwin (*.twin)")
        qtbot.addWidget(dialog)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        widgets = (*dialog.findChildren(QLabel), *dialog.findChildren(QAbstractButton))
        return [text for widget in widgets for text in (widget.text(), widget.toolTip()) if text]

    yield told
    wear(qapp, Preferences(language="en"))
    set_language("en")


def test_the_file_dialog_speaks_one_language_at_a_time(texts_in):
    chinese = re.compile("[\u4e00-\u9fff]")
    assert all(chinese.search(text) for text in texts_in("zh_CN"))
    assert not any(chinese.search(text) for text in texts_in("en"))
    assert all(chinese.search(text) for text in texts_in("zh_CN"))
