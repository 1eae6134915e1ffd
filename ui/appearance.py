"""What the whole application wears: language, theme, letters, and Qt's own texts in the same language."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.language import catalogue, language, language_for, mark, set_language
from ui.settings import Preferences

# Families with Chinese letters in the Chinese forms, best first; the first that is there is used.
FAMILIES = ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei")
BASE_POINTS = 9.5

QT_LACKS = (mark("&Look in:"), mark("Files of &type:"))
"""Texts of the file dialog that Qt's catalogue does not have in every language of ours."""


def wear(application: QApplication, preferences: Preferences) -> None:
    """Give the application language, theme and text size of the preferences."""
    wish = preferences.language if preferences.language != "auto" else language_for(QLocale.system().name())
    _set_letters(application, preferences.text_scale)
    chosen = theme.chosen_theme(preferences.theme)
    if application.property("theme") != chosen.name:
        theme.apply(application, chosen)
    set_language(wish)
    _translate_qt(application)


def _set_letters(application: QApplication, scale: float) -> None:
    families = set(QFontDatabase.families())
    # Latin letters in the system's own face, Chinese ones in the first family that has their Chinese forms.
    chinese = next((name for name in FAMILIES if name in families), "")
    latin = "Noto Sans" if "Noto Sans" in families else ""
    font = QFont()
    wanted = [name for name in (latin, chinese) if name]
    if wanted:
        font.setFamilies(wanted)
    font.setPointSizeF(BASE_POINTS * scale)
    if application.font() != font:
        application.setFont(font)


class _OwnTexts(QTranslator):
    """Those of Qt's texts that Qt's own catalogue lacks, from ours."""

    def translate(self, _context: object, text: object, _disambiguation: object = None, _count: int = -1) -> str | None:
        """Return the text in the language in use; None for one that the catalogue lacks, as an empty one would be shown."""
        return catalogue(language()).get(str(text))

    def isEmpty(self) -> bool:  # noqa: N802  Qt's name
        """Return false: Qt asks no translator that is empty."""
        return False


def _translate_qt(application: QApplication) -> None:
    """Load Qt's own texts (file dialogs, standard buttons) in the language in use."""
    for old in application.property("qt_texts") or ():
        application.removeTranslator(old)
    made: list[QTranslator] = []
    if language() != "en":
        theirs = QTranslator(application)
        theirs.load(f"qtbase_{language()}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        made = [_OwnTexts(application), theirs]  # the last one is asked first
    for translator in made:
        application.installTranslator(translator)
    application.setProperty("qt_texts", made)
