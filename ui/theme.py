"""How the window looks: two sets of colours, a palette and a style sheet made from them, and the icons."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from twin.errors import BugError

ASSETS = Path(__file__).resolve().parents[1] / "assets"
ICON_SIZES_PX = (16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Theme:
    """The colours of one appearance, as ``#rrggbb``.

    ``window`` lies behind everything, ``surface`` behind lists and fields, ``raised`` behind buttons;
    ``text`` and ``muted`` are read on all three; ``accent`` marks what is chosen, with ``on_accent`` on it.
    """

    name: str
    dark: bool
    window: str
    surface: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    chosen: str
    good: str
    warning: str
    bad: str


DARK = Theme(
    name="dark",
    dark=True,
    window="#14191f",
    surface="#1b222a",
    raised="#27313c",
    hover="#324050",
    border="#3a4654",
    text="#e8eef4",
    muted="#a3b1bf",
    accent="#4fb0ff",
    on_accent="#06131f",
    chosen="#1d4569",
    good="#4fcf8f",
    warning="#f2bd52",
    bad="#ff8f86",
)
LIGHT = Theme(
    name="light",
    dark=False,
    window="#f1f4f7",
    surface="#ffffff",
    raised="#e6ebf0",
    hover="#d9e1e9",
    border="#c0cad4",
    text="#18212b",
    muted="#4d5b68",
    accent="#0a5fae",
    on_accent="#ffffff",
    chosen="#cfe3f6",
    good="#0f6b40",
    warning="#7d5200",
    bad="#ac1f16",
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def contrast(one: str, two: str) -> float:
    """Return the contrast of two colours, 1-21 (WCAG 2.2, success criterion 1.4.3; text needs 4.5)."""
    high, low = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def chosen_theme(preference: str) -> Theme:
    """Return the theme of a preference; 'auto' follows the computer, dark where it says nothing."""
    if preference in THEMES:
        return THEMES[preference]
    is_light = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
    return LIGHT if is_light else DARK


def palette(theme: Theme) -> QPalette:
    """Return the palette of a theme, for everything that the style sheet does not name."""
    made = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, theme.window),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.window),
        (role.Button, theme.raised),
        (role.ToolTipBase, theme.raised),
        (role.WindowText, theme.text),
        (role.Text, theme.text),
        (role.ButtonText, theme.text),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.chosen),
        (role.HighlightedText, theme.text),
        (role.Link, theme.accent),
        (role.Accent, theme.accent),
        (role.Mid, theme.border),
    ):
        made.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, _mixed(theme.muted, theme.window))
    return made


def _mixed(one: str, two: str) -> QColor:
    a, b = QColor(one), QColor(two)
    return QColor((a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2)


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme: ``assets/window.qss`` with the theme's colours filled in."""
    colours = {name: str(value) for name, value in dataclasses.asdict(theme).items()}
    colours["disabled"] = _mixed(theme.muted, theme.window).name()
    colours["icons"] = (ASSETS / "icons").as_posix()
    return Template((ASSETS / "window.qss").read_text("utf-8")).substitute(colours)


def apply(application: QApplication, theme: Theme) -> None:
    """Give the whole application a theme."""
    application.setPalette(palette(theme))
    application.setStyleSheet(style_sheet(theme))
    application.setProperty("theme", theme.name)


def current() -> Theme:
    """Return the theme that the application has now."""
    application = QApplication.instance()
    name = application.property("theme") if application else None
    return THEMES.get(str(name), DARK)


def icon(name: str, theme: Theme | None = None) -> QIcon:
    """Return one of ``assets/icons`` in the colours of a theme. Raises ``BugError`` when there is none."""
    theme = theme or current()
    made = QIcon()
    faded = _mixed(theme.muted, theme.window).name()
    for mode, colour in ((QIcon.Mode.Normal, theme.text), (QIcon.Mode.Disabled, faded)):
        for size in ICON_SIZES_PX:
            made.addPixmap(pixmap(name, colour, size), mode)
    return made


@cache
def has_icon(name: str) -> bool:
    """Whether ``assets/icons`` has a drawing of this name."""
    return _path(name).is_file()


@cache
def _drawing(name: str) -> str:
    if not has_icon(name):
        raise BugError(f"no icon named {name!r} in assets/icons")
    return _path(name).read_text("utf-8")


def _path(name: str) -> Path:
    return ASSETS / "icons" / f"{name}.svg"


def pixmap(name: str, colour: str, size_px: int) -> QPixmap:
    """Return an icon drawn in one colour (``currentColor`` in its file)."""
    drawn = QPixmap(size_px, size_px)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer = QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return drawn
